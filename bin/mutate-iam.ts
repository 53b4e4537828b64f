/**
 * `npm run mutate:iam`: makes the role files wrong in every way by one thing, and asks whether the tests would have noticed. Prints the
 * survivors; fails when one of them is not explained in test/roles/survivors.yml, or an explanation there is of something that does not survive.
 */
import { readFileSync } from 'node:fs'
import { Presets, SingleBar } from 'cli-progress'
import * as v from 'valibot'
import { parse } from 'yaml'
import { readRecords } from '../roles/call-record.ts'
import { deathOf, witnesses } from '../roles/kill.ts'
import { mutantsOf } from '../roles/mutants.ts'
import { recogniser } from '../roles/recognise.ts'
import { allParts } from '../roles/role-parts.ts'

const records = readRecords()
if (records.length === 0) throw new Error('Nothing is recorded yet: run npm test first')
const explained = v.parse(
  v.record(v.string(), v.pipe(v.string(), v.minLength(20))),
  parse(readFileSync(new URL('../test/roles/survivors.yml', import.meta.url), 'utf8')) ?? {},
)

const began = performance.now()
const parts = allParts()
const recognise = recogniser(parts)
const tried = witnesses(records, recognise)
const mutants = parts.flatMap(mutantsOf)
const bar = new SingleBar(
  { format: '{bar} {value}/{total} mutants, {survived} survived', noTTYOutput: false },
  Presets.shades_classic,
)
bar.start(mutants.length, 0, { survived: 0 })

const deaths = { code: 0, simulation: 0 }
const survivors: string[] = []
for (const mutant of mutants) {
  const death = deathOf(mutant, tried.get(`${mutant.part.file} ${mutant.part.name}`) ?? [], recognise)
  if (!death) survivors.push(mutant.name)
  else deaths[death.call.wanted ? 'simulation' : 'code'] += 1
  bar.increment(1, { survived: survivors.length })
}
bar.stop()

const seconds = ((performance.now() - began) / 1000).toFixed(1)
console.log(
  `${mutants.length} mutants of ${new Set(parts.map(({ file }) => file)).size} role files in ${seconds} s: ${deaths.code} found out by a call that code makes, ${deaths.simulation} by a simulation, ${survivors.length} survived.`,
)
for (const name of survivors) console.log(`survived: ${name}\n  ${explained[name] ?? 'NOT EXPLAINED'}`)
const stale = Object.keys(explained).filter((name) => !survivors.includes(name))
for (const name of stale) console.error(`explained, but does not survive: ${name}`)
if (stale.length > 0 || survivors.some((name) => explained[name] === undefined)) process.exitCode = 1
