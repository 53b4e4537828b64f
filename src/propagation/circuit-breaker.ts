/**
 * A circuit for each project: after a failure nobody knocks at that account again for a while, so that its trouble costs the others
 * nothing. It is remembered by one execution environment; another one finds out for itself, with one call.
 */
import { createRecentlyUsed } from '../recently-used.ts'
import type { AccountFailure } from './classify-failure.ts'

export type CircuitBreaker = ReturnType<typeof createCircuitBreaker>

type Open = { readonly obstacle: AccountFailure; readonly until: number; readonly failures: number }

const shortestMs = { passing: 1_000, lasting: 60_000 }
const longestMs = 300_000

export function createCircuitBreaker(now: () => Date, capacity = 10_000) {
  const open = createRecentlyUsed<Open>(capacity)

  return {
    /** What stands in the way, if it is not worth trying yet. `key` changes with the connection: a mended one is tried at once. */
    obstacleOf(key: string): AccountFailure | undefined {
      const known = open.get(key)
      return known && known.until > now().getTime() ? known.obstacle : undefined
    },
    /** Each further failure keeps it open for twice as long. */
    failed(key: string, obstacle: AccountFailure): void {
      const failures = (open.get(key)?.failures ?? 0) + 1
      const forMs = Math.min(longestMs, shortestMs[obstacle.kind] * 2 ** (failures - 1))
      open.set(key, { obstacle, failures, until: now().getTime() + forMs })
    },
    succeeded(key: string): void {
      const known = open.get(key)
      if (known) open.drop(key, known)
    },
  }
}
