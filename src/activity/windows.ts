/**
 * Rates of the last 24 hours, 7 and 30 days, and how they stand against the lines from which a sender should act. Pure.
 *
 * A short window shows a bad campaign at once, a long one a bad list. The worst rate of all windows counts. No window reaches behind the last time
 * at which a person resumed the project: what came before was judged.
 * https://docs.aws.amazon.com/ses/latest/dg/faqs-enforcement.html
 */
import { dayMs } from '../time.ts'
import { type Day, dayOf, daysBetween } from './bucket.ts'
import { noVolume, sumOfVolumes, type Volume } from './counts.ts'
import type { Hours } from './day-counts.ts'
import { type Rate, type RateKind, type Rates, rateKinds, ratesOfVolume } from './rates.ts'

export type WindowRates = {
  /** Length of the window. */
  readonly days: number
  /** Its first hour. Later than its length says if the project was resumed since. */
  readonly from: Date
  readonly rates: Rates
}

/** From best to worst. `unknown`: too few recipients for a rate. */
export type Standing = 'unknown' | 'good' | 'warning' | 'critical'

/** Rates from which a sender should act. */
export type Lines = Readonly<Record<RateKind, { readonly warning: number; readonly critical: number }>>

const windowDays = [1, 7, 30] as const
const hourMs = 3_600_000

/** Well below the lines of AWS, which reviews an account from 5 % bounces or 0.1 % complaints. */
export const lines: Lines = {
  bounces: { warning: 0.02, critical: 0.04 },
  complaints: { warning: 0.000_5, critical: 0.000_8 },
}

/** The days whose counts the windows need that end at a time. */
export const daysOfWindows = (end: Date): Day[] => daysBetween(dayOf(new Date(end.getTime() - 30 * dayMs)), dayOf(end))

/** Where the windows of a period end: with its last day, or now if that is not over. */
export const windowsEndOf = (last: Day, now: Date): Date =>
  new Date(Math.min(Date.parse(`${last}T23:59:59.999Z`), now.getTime()))

/** A day and the hours in which its mail was sent. */
type HoursOfDay = { readonly day: Day; readonly hours: Hours }

/**
 * The rates of each window.
 * @param days those of `daysOfWindows`, or more
 * @param end of the windows
 * @param since time from which mail counts: that of the last reinstatement
 * @param minimum of recipients for a rate
 */
export function windowsOf(days: readonly HoursOfDay[], end: Date, since?: Date, minimum?: number): WindowRates[] {
  const hours = days.flatMap(({ day, hours: volumes }) =>
    [...volumes].map(([hour, volume]) => ({ at: Date.parse(`${day}T00:00:00Z`) + hour * hourMs, volume })),
  )
  const endMs = end.getTime()
  // The hour of the reinstatement has mail of before it.
  const earliest = since === undefined ? 0 : Math.ceil(since.getTime() / hourMs) * hourMs
  return windowDays.map((length) => {
    // With the hour that is not over, a window has at least its length.
    const begin = Math.max(Math.floor(endMs / hourMs) * hourMs - length * 24 * hourMs, earliest)
    const volume = hours
      .filter(({ at }) => at >= begin && at <= endMs)
      .reduce<Volume>((sum, one) => sumOfVolumes(sum, one.volume), noVolume)
    return { days: length, from: new Date(begin), rates: ratesOfVolume(volume, minimum) }
  })
}

/** A rate that has reached a line is beyond it. */
export function standingOf({ rate }: Rate, { warning, critical }: { warning: number; critical: number }): Standing {
  if (rate === undefined) return 'unknown'
  if (rate >= critical) return 'critical'
  return rate >= warning ? 'warning' : 'good'
}

export type WorstRate = Rate & { readonly kind: RateKind; readonly days: number; readonly standing: Standing }

const order: readonly Standing[] = ['unknown', 'good', 'warning', 'critical']

/** The rate that stands worst, of all windows; of two that stand alike, the one that is further beyond its line. */
export function worstRateOf(windows: readonly WindowRates[], by: Lines = lines): WorstRate | undefined {
  const all = windows.flatMap(({ days, rates }) =>
    rateKinds.map((kind) => ({ ...rates[kind], kind, days, standing: standingOf(rates[kind], by[kind]) })),
  )
  const weight = ({ rate = 0, kind, standing }: WorstRate) => order.indexOf(standing) * 1_000 + rate / by[kind].critical
  return all.reduce<WorstRate | undefined>(
    (worst, one) => (worst === undefined || weight(one) > weight(worst) ? one : worst),
    undefined,
  )
}

/** How the worst rate of the worst window stands. */
export const worstOf = (windows: readonly WindowRates[], by: Lines = lines): Standing =>
  worstRateOf(windows, by)?.standing ?? 'unknown'
