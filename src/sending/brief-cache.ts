/** Keeps an answer for a few seconds, so that a burst of requests for one project reads its settings once. */
import { createRecentlyUsed } from '../recently-used.ts'

/** The state of a project is known for so long: docs/sending.md#how-current-the-answer-is. */
export const stateKeptMs = 10_000

type Kept<Value> = { readonly value: Promise<Value>; readonly untilMs: number }

const capacity = 1_000

/** @returns key → the value, read again when it is older than `keptMs`. An error is not kept. */
export function createBriefCache<Value>(keptMs: number, now: () => Date) {
  const cache = createRecentlyUsed<Kept<Value>>(capacity)
  return (key: string, read: () => Promise<Value>): Promise<Value> => {
    const time = now().getTime()
    const known = cache.get(key)
    if (known && known.untilMs > time) return known.value
    const kept = { value: read(), untilMs: time + keptMs }
    cache.set(key, kept)
    kept.value.catch(() => cache.drop(key, kept))
    return kept.value
  }
}
