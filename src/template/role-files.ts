/** All role files of the repository, read: those that serverless.yml deploys, the boundary, and the templates that are deployed by themselves. */
import { readdirSync, readFileSync } from 'node:fs'
import {
  type BoundaryFile,
  type RoleFile,
  type RoleTemplate,
  readBoundary,
  readRoleFile,
  readTemplate,
} from './role-file.ts'

const root = new URL('../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')

/** The files of iam/: roles are those that serverless.yml deploys, under the boundary; the others are templates, deployed by themselves. */
export function readRoleFiles(): { roles: RoleFile[]; boundary: BoundaryFile; templates: RoleTemplate[] } {
  const deployed = new Set(
    Array.from(read('serverless.yml').matchAll(/\$\{file\(iam\/([\w-]+)\.yml\)\}/g), ([, name]) => name),
  )
  const names = readdirSync(new URL('iam/', root))
    .filter((file) => file.endsWith('.yml'))
    .map((file) => file.replace(/\.yml$/, ''))
    .filter((name) => name !== 'boundary')
    .sort()
  const text = (name: string) => read(`iam/${name}.yml`)
  return {
    roles: names.filter((name) => deployed.has(name)).map((name) => readRoleFile(name, text(name))),
    boundary: readBoundary('boundary', text('boundary')),
    templates: names.filter((name) => !deployed.has(name)).map((name) => readTemplate(name, text(name))),
  }
}
