/** Reads all role files of the repository. */
import { readdirSync, readFileSync } from 'node:fs'
import {
  type BoundaryFile,
  type RoleFile,
  type RoleTemplate,
  readBoundary,
  readRoleFile,
  readRoleTemplate,
} from './role-file.ts'

const root = new URL('../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')

/**
 * The files of iam/: the roles that serverless.yml deploys, their permissions boundary, and the templates that are deployed on their own.
 * @throws RoleFileError
 */
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
    templates: names.filter((name) => !deployed.has(name)).map((name) => readRoleTemplate(name, text(name))),
  }
}
