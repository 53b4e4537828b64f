/**
 * `npm run fuzz -- --inputs N [--seed S] [--record]`: reads N mutated inputs by every reader of text from outside, then hostile sizes. Fails at the first input
 * that ends with an error which its reader does not announce, and prints it.
 */
import { parseArgs } from 'node:util'
import { startAws } from '../../local/aws.ts'
import { cpuSeconds, recordFigures } from '../../local/simulation/figures.ts'
import { createRandom } from '../../local/simulation/random.ts'
import { runHostile } from './hostile.ts'
import { mutate } from './mutate.ts'
import { isOf, type Target, targetsFor } from './targets.ts'

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    record: { type: 'boolean', default: false },
  },
})
const inputs = Number(values.inputs)
if (!Number.isSafeInteger(inputs) || inputs < 1) throw new RangeError('--inputs must be a number from 1')

const say = (text: string) => void process.stdout.write(`${text}\n`)
/** Of CPU time. */
const slowestSeconds = 1

/** @throws with the input, if the target ends with another error than its own, or takes long */
async function feed(target: Target, text: string): Promise<'read' | 'refused'> {
  const startSeconds = cpuSeconds()
  let result: 'read' | 'refused' = 'read'
  try {
    await target.run(text)
  } catch (error) {
    if (!isOf(error, target.errors)) throw new Error(`${target.name}: ${JSON.stringify(text)}`, { cause: error })
    result = 'refused'
  }
  if (cpuSeconds() - startSeconds > slowestSeconds)
    throw new Error(`${target.name} took a second: ${JSON.stringify(text)}`)
  return result
}

async function fuzz(target: Target, count: number): Promise<string> {
  const random = createRandom(`${values.seed}/${target.name}`)
  const counts = { read: 0, refused: 0 }
  const startSeconds = cpuSeconds()
  for (const text of target.corpus) counts[await feed(target, text)]++
  for (let index = 0; index < count; index++)
    counts[await feed(target, mutate(random.pick(target.corpus), random.pick(target.corpus), random))]++
  const perSecond = count / Math.max(0.001, cpuSeconds() - startSeconds)
  return `${target.name.padEnd(12)} ${String(count).padStart(9)} inputs, ${counts.read} read, ${counts.refused} refused, ${perSecond.toFixed(0)} per second`
}

const aws = await startAws()
const targets = targetsFor(aws.handle, aws.defects)
const shares = targets.map(({ cost }) => 1 / cost)
const whole = shares.reduce((sum, share) => sum + share, 0)
const counts: Record<string, number> = {}
for (const [index, target] of targets.entries()) {
  const count = Math.ceil((inputs * (shares[index] ?? 0)) / whole)
  say(await fuzz(target, count))
  counts[target.name] = count
}
const hostile = await runHostile(targets, (error, { errors }) => isOf(error, errors))
const slowest = hostile.toSorted((a, b) => b.milliseconds - a.milliseconds)[0]
say(
  `${hostile.length} hostile sizes within bounds; the slowest, ${slowest?.name}, took ${slowest?.milliseconds.toFixed(0)} ms`,
)
if (values.record)
  recordFigures({
    fuzz: {
      inputs: Object.values(counts).reduce((sum, count) => sum + count, 0),
      cpuSeconds: Math.round(cpuSeconds()),
      targets: counts,
      hostileSizes: hostile.length,
      slowestMilliseconds: Math.round(slowest?.milliseconds ?? 0),
    },
  })
// Connections of the embedded AWS may keep the process alive.
process.exit()
