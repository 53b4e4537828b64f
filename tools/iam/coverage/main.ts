/**
 * `npm run coverage:iam`: what the last test run did with the grants of the role files. Prints a table, writes coverage/iam.html, and fails
 * when a grant was never exercised or a refusal was unexpected.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { readRecords } from './call-record.ts'
import { coverageOf } from './coverage.ts'
import { coveragePage, coverageTable, unmetGrants } from './coverage-page.ts'
import { needlessEntries, unexpectedRefusals, wantedRefusals } from './refusals.ts'
import { allParts } from '../role-parts.ts'

const records = readRecords()
if (records.length === 0) throw new Error('Nothing is recorded yet: run npm test first')
const roles = coverageOf(allParts(), records)
const wanted = wantedRefusals()

mkdirSync(new URL('../../../coverage/', import.meta.url), { recursive: true })
writeFileSync(new URL('../../../coverage/iam.html', import.meta.url), coveragePage(roles))
console.log(coverageTable(roles))

const sum = (pick: (one: (typeof records)[number]['cost']) => number) =>
  records.reduce((all, { cost }) => all + pick(cost), 0)
const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`
console.log(
  `\n${sum(({ judged }) => judged)} calls judged: ${seconds(sum(({ judging }) => judging))} in the gate, ${seconds(sum(({ recording }) => recording))} for the record, over all test files. coverage/iam.html has each grant.`,
)

const problems = [
  ...unmetGrants(roles).map((grant) => `never exercised: ${grant}`),
  ...unexpectedRefusals(roles, wanted).map(
    ({ role, refusal: { action, by, resources, file, test } }) =>
      `refused, and no test says that it wants that: ${role}, ${action} on ${resources[0]} by ${by} (${file}: ${test || 'set-up'})`,
  ),
  ...needlessEntries(
    roles,
    wanted,
    records.map(({ file }) => file),
  ).map((one) => `needless in test/iam/wanted-refusals.yml: ${one}`),
]
if (problems.length > 0) {
  console.error(`\n${problems.join('\n')}`)
  process.exitCode = 1
}
