/**
 * When a day whose counts are sealed is counted again. Pure.
 *
 * Counting reads every event of the day. So a small day is counted every hour in which events arrived, and a big one when it has grown by half, or
 * has waited for half of its age: its events are counted a dozen times in a month, not 700 times.
 */
import type { Day } from './bucket.ts'

/** Reading so many events costs about 0.0002 USD. */
const smallDay = 20_000
const growth = 0.5
const hourMs = 3_600_000

export function isSealDue(
  day: Day,
  { sealedAt, liveTotal }: { readonly sealedAt: Date; readonly liveTotal: number },
  total: number,
  now: Date,
): boolean {
  const ageMs = now.getTime() - Date.parse(day)
  const waitedMs = now.getTime() - sealedAt.getTime()
  return liveTotal < smallDay || total - liveTotal >= liveTotal * growth || waitedMs >= Math.max(hourMs, ageMs / 2)
}
