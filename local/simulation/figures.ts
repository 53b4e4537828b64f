/** The measured figures of docs/reliability.md, as the last `--record` of each tool wrote them: bench/reliability.json. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'

const file = fileURLToPath(new URL('../../bench/reliability.json', import.meta.url))

const Figures = v.strictObject({
  simulation: v.strictObject({
    seeds: v.number(),
    failed: v.number(),
    /** Of one core. */
    cpuSeconds: v.number(),
    calls: v.number(),
    faults: v.number(),
    /** State → seeds that reached it. */
    states: v.record(v.string(), v.number()),
  }),
  fuzz: v.strictObject({
    inputs: v.number(),
    cpuSeconds: v.number(),
    /** Target → inputs. */
    targets: v.record(v.string(), v.number()),
    hostileSizes: v.number(),
    slowestMilliseconds: v.number(),
  }),
  /** File below `src/` → mutants and how many of them the tests found. */
  mutation: v.record(v.string(), v.strictObject({ mutants: v.number(), found: v.number() })),
})
export type Figures = v.InferOutput<typeof Figures>

export const readFigures = (): Figures => v.parse(Figures, JSON.parse(readFileSync(file, 'utf8')))

/** Replaces a part of the figures. */
export function recordFigures(part: Partial<Figures>): void {
  writeFileSync(file, `${JSON.stringify({ ...readFigures(), ...part }, undefined, 2)}\n`)
}

/** CPU time of this process in seconds. */
export const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
