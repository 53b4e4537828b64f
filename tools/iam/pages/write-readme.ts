/** `npm run iam:readme`: writes iam/README.md from the files beside it. */
import { writeFileSync } from 'node:fs'
import { readRoleFiles } from '../../../src/template/role-files.ts'
import { rolesTable } from './roles-table.ts'

const { roles, boundary, templates } = readRoleFiles()
writeFileSync(new URL('../../../iam/README.md', import.meta.url), rolesTable(roles, boundary, templates))
