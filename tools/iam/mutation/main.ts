/**
 * `npm run iam:mutate [-- --confirm N]`: applies every single-change mutation to the role files and decides whether a call of the last test
 * run, a claim of iam/claims or a simulation of the last test run detects it, in this order. A mutant that changes no decision about any
 * request is equal to the role file. Prints the survivors. Fails if test/iam/survivors.yml does not explain a survivor, or explains a mutant
 * that does not survive.
 * With `--confirm N`, runs the tests for N of the mutants, spread over all of them.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import * as v from 'valibot'
import { parse } from 'yaml'
import { createTerminal } from '../../../src/cli/terminal.ts'
import { readRecords } from '../coverage/call-record.ts'
import { createRecogniser } from '../coverage/recognise.ts'
import { allParts } from '../role-parts.ts'
import { createWorkingCopy } from './confirm.ts'
import { callsByPart, type Detection, detectionOf, type RecordedCall } from './detect.ts'
import { createClaimDetector } from './detect-by-claims.ts'
import { type Mutant, mutantsOf } from './mutants.ts'

const { confirm } = parseArgs({ options: { confirm: { type: 'string', default: '0' } } }).values
const records = readRecords()
if (records.length === 0) throw new Error('No recorded calls in coverage/iam. Run npm test first.')
const explained = v.parse(
  v.record(v.string(), v.pipe(v.string(), v.minLength(20))),
  parse(readFileSync(new URL('../../../test/iam/survivors.yml', import.meta.url), 'utf8')) ?? {},
)

const began = performance.now()
const parts = allParts()
const recognise = createRecogniser(parts)
const calls = callsByPart(records, recognise)
const mutants = parts.flatMap(mutantsOf)
const terminal = createTerminal(process.stdout, process.stderr)
let tried = 0

const detected = { code: 0, claim: 0, simulation: 0, equal: 0 }
const survivors: string[] = []
const found: { mutant: Mutant; detection: Detection }[] = []
const claims = createClaimDetector()
for (const mutant of mutants) {
  const all = calls.get(`${mutant.part.file} ${mutant.part.name}`) ?? []
  const detectedBy = (kept: readonly RecordedCall[]): boolean => {
    const detection = detectionOf(mutant, kept, recognise)
    if (detection) found.push({ mutant, detection })
    return detection !== undefined
  }
  if (detectedBy(all.filter(({ call }) => !call.wanted))) detected.code += 1
  else if (claims.detects(mutant)) detected.claim += 1
  else if (detectedBy(all.filter(({ call }) => call.wanted))) detected.simulation += 1
  else if (claims.areEqual(mutant)) detected.equal += 1
  else survivors.push(mutant.name)
  terminal.progress(`${++tried} of ${mutants.length} mutants, ${survivors.length} survived`)
}
terminal.clear()

const seconds = ((performance.now() - began) / 1000).toFixed(1)
console.log(
  `${mutants.length} mutants of ${new Set(parts.map(({ file }) => file)).size} role files in ${seconds} s: ${detected.code} detected by a call of the code, ${detected.claim} by a claim, ${detected.simulation} by a simulation, ${detected.equal} equal to the role file for all requests, ${survivors.length} survived.`,
)
for (const name of survivors)
  console.log(
    `survived: ${name}\n  ${explained[name] ?? 'NOT EXPLAINED: add a test that detects it, or the reason to test/iam/survivors.yml'}`,
  )
const stale = Object.keys(explained).filter((name) => !survivors.includes(name))
for (const name of stale) console.error(`explained, but detected: ${name}. Remove it from test/iam/survivors.yml.`)
if (stale.length > 0 || survivors.some((name) => explained[name] === undefined)) process.exitCode = 1

const sample = Math.min(Number(confirm), found.length)
if (sample > 0) {
  const copy = createWorkingCopy()
  try {
    for (let index = 0; index < sample; index += 1) {
      const { mutant, detection } = found[Math.floor(((index + 0.5) * found.length) / sample)] ?? {}
      if (!mutant || !detection) continue
      const { file } = detection.record
      const isSound = !copy.fails(undefined, file, mutant.part.file)
      const isFound = copy.fails(mutant, file, mutant.part.file)
      console.log(`${isSound && isFound ? 'confirmed' : 'NOT CONFIRMED'}: ${mutant.name} (${file})`)
      if (!isSound || !isFound) process.exitCode = 1
    }
  } finally {
    copy.remove()
  }
}
