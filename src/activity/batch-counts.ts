/**
 * Adds to the live counts once for all messages of a batch that concern the same day of a project. A message is done when its addition is stored.
 *
 * Each message takes a seat before it waits for anything. When every seat has added or is left, the additions are stored.
 */
import { concurrently } from '../concurrently.ts'
import type { Day } from './bucket.ts'
import { type DayCounts, sumOfDays } from './day-counts.ts'

/** Days to which one batch adds at the same time. */
const daysAtOnce = 8

type Addition = {
  readonly project: string
  readonly day: Day
  readonly added: DayCounts
  readonly stored: PromiseWithResolvers<void>
}

export type Seat = {
  /** @throws the error of storing the addition */
  add(project: string, day: Day, added: DayCounts): Promise<void>
  /** Must be called at the end, in any case. */
  leave(): void
}

/** @param add stores an addition */
export function createBatchCounts(add: (project: string, day: Day, added: DayCounts) => Promise<void>): () => Seat {
  let taken = 0
  let additions = new Map<string, Addition>()

  function store(): void {
    const all = [...additions.values()]
    additions = new Map()
    // Each addition settles the promise of its messages, so none of them rejects here.
    void concurrently(all, Math.min(daysAtOnce, all.length), ({ project, day, added, stored }) =>
      add(project, day, added).then(stored.resolve, stored.reject),
    )
  }

  return () => {
    let isTaken = true
    taken++
    const leave = () => {
      if (isTaken && --taken === 0) store()
      isTaken = false
    }
    return {
      leave,
      add(project, day, added) {
        const key = `${project}#${day}`
        const before = additions.get(key)
        const stored = before?.stored ?? Promise.withResolvers<void>()
        additions.set(key, { project, day, added: before ? sumOfDays(before.added, added) : added, stored })
        leave()
        return stored.promise
      },
    }
  }
}
