/**
 * Rates of the last day, 7 and 30 days, and how they stand against the lines from which a sender should act. Pure.
 *
 * A short window shows a bad campaign at once, a long one a bad list. The worst window counts.
 * https://docs.aws.amazon.com/ses/latest/dg/faqs-enforcement.html
 */
import type { Day } from './bucket.ts'
import { type Counts, type Rate, type Rates, ratesOf, sumOf } from './counts.ts'

export type WindowRates = { readonly days: number; readonly rates: Rates }

/** From best to worst. `unknown`: too few recipients for a rate. */
export type Standing = 'unknown' | 'good' | 'warning' | 'critical'

const windowDays = [1, 7, 30]

/** Well below the lines of AWS, which reviews an account from 5 % bounces or 0.1 % complaints. */
export const lines = {
  bounces: { warning: 0.02, critical: 0.04 },
  complaints: { warning: 0.000_5, critical: 0.000_8 },
} as const

/**
 * The rates of each window that fits into the days, which end with the last one.
 * @param byDay the counts of consecutive days, oldest first
 */
export function windowsOf(byDay: ReadonlyMap<Day, Counts>): WindowRates[] {
  const all = [...byDay.values()]
  return windowDays
    .filter((days) => days <= all.length)
    .map((days) => ({ days, rates: ratesOf(sumOf(all.slice(-days))) }))
}

/** A rate that has reached a line is beyond it. */
export function standingOf({ rate }: Rate, { warning, critical }: { warning: number; critical: number }): Standing {
  if (rate === undefined) return 'unknown'
  if (rate >= critical) return 'critical'
  return rate >= warning ? 'warning' : 'good'
}

const order: readonly Standing[] = ['unknown', 'good', 'warning', 'critical']

/** How the worst rate of the worst window stands. */
export function worstOf(windows: readonly WindowRates[]): Standing {
  const standings = windows.flatMap(({ rates }) => [
    standingOf(rates.bounces, lines.bounces),
    standingOf(rates.complaints, lines.complaints),
  ])
  return standings.reduce<Standing>(
    (worst, one) => (order.indexOf(one) > order.indexOf(worst) ? one : worst),
    'unknown',
  )
}
