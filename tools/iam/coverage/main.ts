/**
 * `npm run iam:coverage`: reports how the last test run used the grants of the role files. Prints a table and writes coverage/iam.html. Fails
 * if no test exercised a grant, if only simulations did without an explanation, or if a denial was unexpected.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { allParts } from '../role-parts.ts'
import { readRecords } from './call-record.ts'
import { coverageOf } from './coverage.ts'
import { coveragePage, coverageTable } from './coverage-page.ts'
import { needlessEntries, unexpectedRefusals, wantedRefusals } from './refusals.ts'
import { readSimulatedGrants, unexercisedGrants } from './unexercised.ts'

const records = readRecords()
if (records.length === 0) throw new Error('No recorded calls in coverage/iam. Run npm test first.')
const roles = coverageOf(allParts(), records)
const wanted = wantedRefusals()

mkdirSync(new URL('../../../coverage/', import.meta.url), { recursive: true })
writeFileSync(new URL('../../../coverage/iam.html', import.meta.url), coveragePage(roles))
console.log(coverageTable(roles))

const sum = (pick: (one: (typeof records)[number]['cost']) => number) =>
  records.reduce((all, { cost }) => all + pick(cost), 0)
const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`
console.log(
  `\n${sum(({ judged }) => judged)} evaluated calls in all test files: ${seconds(sum(({ judging }) => judging))} to evaluate, ${seconds(sum(({ recording }) => recording))} to record. Details of each grant: coverage/iam.html`,
)

const problems = [
  ...unexercisedGrants(roles, readSimulatedGrants()),
  ...unexpectedRefusals(roles, wanted).map(
    ({ role, refusal: { action, by, resources, file, test } }) =>
      `iam/${role}.yml: ${action} on ${resources[0]} was denied by ${by} in a test that does not expect it (${file}: ${test || 'set-up'}). Grant the action, say in the title of the test that it is denied, or add an entry to test/iam/wanted-refusals.yml.`,
  ),
  ...needlessEntries(
    roles,
    wanted,
    records.map(({ file }) => file),
  ).map((one) => `test/iam/wanted-refusals.yml: no denial needs the entry for ${one}. Remove it.`),
]
if (problems.length > 0) {
  console.error(`\n${problems.join('\n')}`)
  process.exitCode = 1
}
