/** Makes a failing run smaller: leaves out acts and faults as long as the same invariant is still violated. */
import { violationsOf } from './invariants.ts'
import type { Outcome } from './outcome.ts'
import { type RunOptions, runSeed } from './run-seed.ts'

/** Runs that shrinking may take. */
const mostRuns = 60

export type Shrunk = { readonly outcome: Outcome; readonly runs: number }

/** @param outcome a run that violates an invariant */
export async function shrink(options: RunOptions, outcome: Outcome): Promise<Shrunk> {
  const invariant = violationsOf(outcome)[0]?.invariant
  let smallest = outcome
  let runs = 0

  const tryWith = async (acts: readonly number[], faults: readonly string[]): Promise<boolean> => {
    if (runs >= mostRuns) return false
    runs++
    const next = await runSeed({ ...options, acts: new Set(acts), faults: new Set(faults) })
    if (!violationsOf(next).some((one) => one.invariant === invariant)) return false
    smallest = next
    return true
  }
  const actsOf = ({ plan }: Outcome) => plan.map(({ id }) => id)
  const faultsOf = ({ faults }: Outcome) => faults.map(({ id }) => id)

  await tryWith(actsOf(smallest), [])
  await withoutParts(
    () => faultsOf(smallest),
    (faults) => tryWith(actsOf(smallest), faults),
  )
  await withoutParts(
    () => actsOf(smallest),
    (acts) => tryWith(acts, faultsOf(smallest)),
  )
  return { outcome: smallest, runs }
}

/** Leaves out halves, then quarters, and so on down to single parts. */
async function withoutParts<Part>(parts: () => readonly Part[], works: (rest: readonly Part[]) => Promise<boolean>) {
  for (let size = Math.ceil(parts().length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < parts().length; ) {
      const present = parts()
      const isSmaller = await works([...present.slice(0, from), ...present.slice(from + size)])
      if (!isSmaller) from += size
    }
  }
}
