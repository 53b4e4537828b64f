/** `npm run roles:svg`: draws docs/roles.svg from the role files and serverless.yml. */
import { writeFileSync } from 'node:fs'
import { roleCards } from './picture.ts'
import { drawRoles } from './svg.ts'

writeFileSync(new URL('../../../docs/roles.svg', import.meta.url), drawRoles(roleCards()))
