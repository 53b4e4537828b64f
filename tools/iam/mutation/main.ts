/**
 * `npm run mutate:iam`: makes the role files wrong in every way by one thing, and asks whether the tests would have noticed. Prints the
 * survivors; fails when one of them is not explained in test/iam/survivors.yml, or an explanation there is of something that does not survive.
 * With `--confirm N` the tests are run for N of the mutants, spread over all.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Presets, SingleBar } from 'cli-progress'
import * as v from 'valibot'
import { parse } from 'yaml'
import { readRecords } from '../coverage/call-record.ts'
import { createRecogniser } from '../coverage/recognise.ts'
import { allParts } from '../role-parts.ts'
import { copyOfTheTree } from './confirm.ts'
import { type Detection, detectionOf, witnesses } from './detect.ts'
import { type Mutant, mutantsOf } from './mutants.ts'

const { confirm } = parseArgs({ options: { confirm: { type: 'string', default: '0' } } }).values
const records = readRecords()
if (records.length === 0) throw new Error('Nothing is recorded yet: run npm test first')
const explained = v.parse(
  v.record(v.string(), v.pipe(v.string(), v.minLength(20))),
  parse(readFileSync(new URL('../../../test/iam/survivors.yml', import.meta.url), 'utf8')) ?? {},
)

const began = performance.now()
const parts = allParts()
const recognise = createRecogniser(parts)
const tried = witnesses(records, recognise)
const mutants = parts.flatMap(mutantsOf)
const bar = new SingleBar(
  { format: '{bar} {value}/{total} mutants, {survived} survived', noTTYOutput: false },
  Presets.shades_classic,
)
bar.start(mutants.length, 0, { survived: 0 })

const deaths = { code: 0, simulation: 0 }
const survivors: string[] = []
const found: { mutant: Mutant; death: Detection }[] = []
for (const mutant of mutants) {
  const death = detectionOf(mutant, tried.get(`${mutant.part.file} ${mutant.part.name}`) ?? [], recognise)
  if (death) found.push({ mutant, death })
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

const sample = Math.min(Number(confirm), found.length)
if (sample > 0) {
  const copy = copyOfTheTree()
  try {
    for (let index = 0; index < sample; index += 1) {
      const { mutant, death } = found[Math.floor(((index + 0.5) * found.length) / sample)] ?? {}
      if (!mutant || !death) continue
      const { file } = death.record
      const isSound = !copy.fails(undefined, file, mutant.part.file)
      const isFound = copy.fails(mutant, file, mutant.part.file)
      console.log(`${isSound && isFound ? 'confirmed' : 'NOT CONFIRMED'}: ${mutant.name} (${file})`)
      if (!isSound || !isFound) process.exitCode = 1
    }
  } finally {
    copy.remove()
  }
}
