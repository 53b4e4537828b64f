/**
 * When a delivery that failed is tried again, and when a webhook is switched off. Pure.
 *
 * Two waits, of which the longer counts. The wait of an event doubles with each of its attempts. The wait of a webhook is as long as it has been
 * failing, so all its events together try it about twenty times in three days, and a receiver that is down costs the others no time.
 */
import { dayMs } from '../time.ts'

const shortestMs = 5_000
const longestMs = 6 * 3_600_000
const switchedOffAfterMs = 3 * dayMs

/** @param receives how often the queue has delivered the event */
export const waitOfEvent = (receives: number): number =>
  Math.min(longestMs, shortestMs * 2 ** Math.min(Math.max(0, receives - 1), 20))

export const waitOfWebhook = (failingSince: Date, now: Date): number =>
  Math.min(longestMs, Math.max(shortestMs, now.getTime() - failingSince.getTime()))

/** Whether it has failed for so long that it is switched off. */
export const isLasting = (failingSince: Date, now: Date): boolean =>
  now.getTime() - failingSince.getTime() >= switchedOffAfterMs
