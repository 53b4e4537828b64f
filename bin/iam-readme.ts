/** `npm run iam:readme`: writes iam/README.md from the files beside it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type Head, type RoleFile, readHead, readRoleFile } from '../src/policy/role-file.ts'
import { rolesTable } from '../src/policy/roles-table.ts'

const root = new URL('../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')

/** The files of iam/: roles are those that serverless.yml deploys; the others are templates for other accounts. */
export function readRoleFiles(): { roles: RoleFile[]; templates: { name: string; head: Head }[] } {
  const deployed = new Set(
    Array.from(read('serverless.yml').matchAll(/\$\{file\(iam\/([\w-]+)\.yml\)\}/g), ([, name]) => name),
  )
  const names = readdirSync(new URL('iam/', root))
    .filter((file) => file.endsWith('.yml'))
    .map((file) => file.replace(/\.yml$/, ''))
    .sort()
  const text = (name: string) => read(`iam/${name}.yml`)
  return {
    roles: names.filter((name) => deployed.has(name)).map((name) => readRoleFile(name, text(name))),
    templates: names.filter((name) => !deployed.has(name)).map((name) => ({ name, head: readHead(name, text(name)) })),
  }
}

if (import.meta.main) {
  const { roles, templates } = readRoleFiles()
  writeFileSync(new URL('iam/README.md', root), rolesTable(roles, templates))
}
