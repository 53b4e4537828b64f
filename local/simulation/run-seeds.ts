/** Runs seeds one after another and tells what they show. */
import { cpuSeconds, recordFigures } from './figures.ts'
import { type Violation, violationsOf } from './invariants.ts'
import { loadHandlers } from './load.ts'
import type { SimulationOptions } from './options.ts'
import type { Outcome } from './outcome.ts'
import { runSeed } from './run-seed.ts'
import { type Parts, shrink } from './shrink.ts'
import { states } from './states.ts'

export type Totals = {
  readonly seeds: number
  readonly failed: number
  readonly unreached: number
  readonly cpuSeconds: number
}

/** With a bug, it stops at the first seed that finds it. */
export async function runSeeds(options: SimulationOptions, say: (text: string) => void): Promise<Totals> {
  const handlers = await loadHandlers()
  const reached = new Map(states.map(({ name }) => [name, 0]))
  const startSeconds = cpuSeconds()
  let [failed, seeds, calls, faults] = [0, 0, 0, 0]
  for (let number = options.from; number < options.from + options.runs; number++) {
    const seed = String(number)
    const outcome = await runSeed({ seed, handlers })
    seeds++
    faults += outcome.faults.length
    for (const count of outcome.history.calls.values()) calls += count
    for (const { name, isReached } of states) if (isReached(outcome)) reached.set(name, (reached.get(name) ?? 0) + 1)
    const violations = violationsOf(outcome)
    if (options.runs === 1) say(`seed ${seed}: ${outcome.history.digest()}`)
    if (violations.length === 0) continue
    failed++
    if (options.bug !== undefined) {
      say(`seed ${seed} finds it: ${violations[0]?.invariant}`)
      if (options.runs > 1) break
    }
    say(reportOf(outcome, violations))
    const { smallest, runs } = await shrink(outcome, partsOf, async ({ acts, faults: kept }) => {
      const next = await runSeed({ seed, handlers, acts: new Set(acts), faults: new Set(kept) })
      return violationsOf(next).some(({ invariant }) => invariant === violations[0]?.invariant) ? next : undefined
    })
    say(`The smallest run of ${runs}:\n${scheduleOf(smallest)}\n`)
  }
  if (options.runs > 1 && options.bug === undefined) say(statesText(reached))
  const spent = cpuSeconds() - startSeconds
  if (options.record)
    recordFigures({
      simulation: { seeds, failed, cpuSeconds: Math.round(spent), calls, faults, states: Object.fromEntries(reached) },
    })
  return { cpuSeconds: spent, seeds, failed, unreached: [...reached.values()].filter((count) => count === 0).length }
}

const partsOf = ({ plan, faults }: Outcome): Parts => ({
  acts: plan.map(({ id }) => id),
  faults: faults.map(({ id }) => id),
})

const reportOf = ({ seed }: Outcome, violations: readonly Violation[]): string =>
  [
    `seed ${seed} fails (npm run simulate -- --seed ${seed}):`,
    ...violations.map(({ invariant, what }) => `  ${invariant}: ${what}`),
  ].join('\n')

/** Acts and faults in the order of time. */
function scheduleOf(outcome: Outcome): string {
  const { plan, faults, startedMs } = outcome
  const acts = plan.map(({ atMs, kind, party, ...rest }) => {
    const what = 'to' in rest ? rest.to.join(', ') : 'address' in rest ? rest.address : ''
    return { atMs, text: `${party.project}: ${kind} ${what}` }
  })
  const happened = faults.map(({ id, atMs }) => ({ atMs: atMs - startedMs, text: `fault: ${id}` }))
  const lines = [...acts, ...happened].sort((a, b) => a.atMs - b.atMs)
  return [
    ...lines.map(({ atMs, text }) => `  ${(atMs / 1_000).toFixed(3)} s  ${text}`),
    ...violationsOf(outcome).map(({ invariant, what }) => `  ⇒ ${invariant}: ${what}`),
  ].join('\n')
}

const statesText = (reached: ReadonlyMap<string, number>): string =>
  [
    'States reached, by how many seeds:',
    ...[...reached].map(([name, count]) => `${String(count).padStart(6)}  ${name}`),
  ].join('\n')
