/** The throttle of a stage: a token bucket that the clock refills. */
import type { Clock } from '../clock.ts'

export type ThrottleLimits = { ratePerSecond: number; burst: number }

/** @returns whether one more request is within the limits */
export function createThrottle(clock: Clock, { ratePerSecond, burst }: ThrottleLimits): () => boolean {
  let tokens = burst
  let filledAt = clock.now().getTime()
  return () => {
    const now = clock.now().getTime()
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * ratePerSecond)
    filledAt = now
    if (tokens < 1) return false
    tokens--
    return true
  }
}
