/**
 * `npm run lint:iam`: every role file, serverless.yml and, once `npm run package` has made it, the packaged template, by the rules of
 * docs/iam-lint.md. One line a finding, their count at the end; exit code 1 if there is any. Another folder may be named.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { lineOf } from './finding.ts'
import { lint } from './lint.ts'
import { rules } from './rules.ts'
import { readSource } from './source.ts'

const [, , root = resolve(import.meta.dirname, '../../..')] = process.argv
const read = (file: string) => readSource(file, readFileSync(join(root, file), 'utf8'))
const changedAt = (file: string) => statSync(join(root, file)).mtimeMs

const packaged = '.serverless/cloudformation-template-update-stack.json'
const roleFiles = readdirSync(join(root, 'iam'))
  .filter((file) => file.endsWith('.yml'))
  .sort()
  .map((file) => `iam/${file}`)
const isPackaged = existsSync(join(root, packaged))
const stacks = ['serverless.yml', ...(isPackaged ? [packaged] : [])]

const findings = await lint({ roleFiles: roleFiles.map(read), stacks: stacks.map(read) })
for (const finding of findings) console.log(lineOf(finding))

if (!isPackaged) console.log('There is no packaged template: npm run package makes one, then it is checked too.')
else if (['serverless.yml', ...roleFiles].some((file) => changedAt(file) > changedAt(packaged)))
  console.log('The packaged template is older than what it is made from: npm run package makes it anew.')
const count = findings.length === 1 ? '1 finding' : `${findings.length} findings`
console.log(`${count} in ${roleFiles.length} role files and ${stacks.join(', ')}, by ${rules.length} rules.`)
if (findings.length > 0) process.exitCode = 1
