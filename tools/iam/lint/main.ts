/**
 * `npm run iam:lint [FOLDER]`: checks every role file, serverless.yml and the packaged template (if `npm run package` has created it) by the
 * rules of docs/iam-lint.md. Prints one line per finding and their count. Exits with 1 if there is a finding.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { findingLineOf } from './finding.ts'
import { lint } from './lint.ts'
import { rules } from './rules.ts'
import { readSource } from './source.ts'

const [, , root = resolve(import.meta.dirname, '../../..')] = process.argv
const read = (file: string) => readSource(file, readFileSync(join(root, file), 'utf8'))
const changedAtMs = (file: string) => statSync(join(root, file)).mtimeMs

const packaged = '.serverless/cloudformation-template-update-stack.json'
const roleFiles = readdirSync(join(root, 'iam'))
  .filter((file) => file.endsWith('.yml'))
  .sort()
  .map((file) => `iam/${file}`)
const isPackaged = existsSync(join(root, packaged))
const stacks = ['serverless.yml', ...(isPackaged ? [packaged] : [])]

const findings = await lint({ roleFiles: roleFiles.map(read), stacks: stacks.map(read) })
for (const finding of findings) console.log(findingLineOf(finding))

if (!isPackaged) console.log('No packaged template found, so it is not checked. Run npm run package to create it.')
else if (['serverless.yml', ...roleFiles].some((file) => changedAtMs(file) > changedAtMs(packaged)))
  console.log('The packaged template is older than its sources. Run npm run package to update it.')
const count = findings.length === 1 ? '1 finding' : `${findings.length} findings`
console.log(`${count} in ${roleFiles.length} role files and ${stacks.join(', ')}, by ${rules.length} rules.`)
if (findings.length > 0) process.exitCode = 1
