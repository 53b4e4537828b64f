/**
 * A circuit breaker for each project. After a failure no further calls to that account are made for a while, so that one broken account does
 * not slow the others.
 *
 * Each execution environment keeps its own circuit breakers in memory. A new environment learns of a failure with one call.
 */
import { createRecentlyUsed } from '../recently-used.ts'
import type { AccountFailure } from './classify-failure.ts'

export type CircuitBreaker = ReturnType<typeof createCircuitBreaker>

type OpenCircuit = { readonly failure: AccountFailure; readonly untilMs: number; readonly failures: number }

const shortestMs = { transient: 1_000, permanent: 60_000 }
const longestMs = 300_000

/** @param capacity the number of circuits that are kept; the least recently used one is dropped first */
export function createCircuitBreaker(now: () => Date, capacity = 10_000) {
  const circuits = createRecentlyUsed<OpenCircuit>(capacity)

  return {
    /**
     * The failure that keeps the circuit open; `undefined` if a call may be made.
     * @param key contains the connection's revision, so that a changed connection is tried at once
     */
    blockedBy(key: string): AccountFailure | undefined {
      const circuit = circuits.get(key)
      return circuit && circuit.untilMs > now().getTime() ? circuit.failure : undefined
    },
    /** Opens the circuit. Each further failure doubles the time, up to five minutes. */
    failed(key: string, failure: AccountFailure): void {
      const failures = (circuits.get(key)?.failures ?? 0) + 1
      const openMs = Math.min(longestMs, shortestMs[failure.kind] * 2 ** (failures - 1))
      circuits.set(key, { failure, failures, untilMs: now().getTime() + openMs })
    },
    succeeded(key: string): void {
      const circuit = circuits.get(key)
      if (circuit) circuits.drop(key, circuit)
    },
  }
}
