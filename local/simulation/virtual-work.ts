/** Background work of the embedded AWS on the clock of a machine: a retry after a minute runs a minute later, among everything else. */
import type { Work } from '../work.ts'
import type { Machine } from './machine.ts'
import { createRandom } from './random.ts'

export function createVirtualWork(machine: Machine, seed: string): Work {
  const random = createRandom(`${seed}/work`)
  return {
    // A delivery takes a moment, which differs: so two that were started in one order may arrive in the other.
    start: (task) => machine.start(random.below(50), task),
    after: (delayMs, task) => machine.start(delayMs + random.below(50), task),
    settled: async () => {},
  }
}
