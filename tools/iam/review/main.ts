/**
 * `npm run iam:changes [-- BASE [HEAD]] [--output FILE]`: writes as Markdown what a change newly allows and no longer allows, for all requests. BASE is
 * a git revision (default: origin/main if there is one, else main), HEAD the working tree.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { readPolicySource } from '../../../src/cli/policy-sources.ts'
import { differencesOf } from '../../../src/cli/role-rows.ts'
import { place, repository } from '../claims/check.ts'
import { changesPage } from './changes-page.ts'

const { values, positionals } = parseArgs({ options: { output: { type: 'string' } }, allowPositionals: true })
const isKnown = (revision: string) =>
  spawnSync('git', ['-C', repository, 'rev-parse', '--verify', '--quiet', revision]).status === 0
const [base = isKnown('origin/main') ? 'origin/main' : 'main', head = repository] = positionals

const page = changesPage(differencesOf(readPolicySource(base, place), readPolicySource(head, place)), base)
if (values.output === undefined) console.log(page)
else writeFileSync(values.output, `${page}\n`)
