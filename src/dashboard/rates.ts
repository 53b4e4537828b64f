/** Counts → the rates, charts and sentences of the screens. Pure. */
import type { Day } from '../activity/bucket.ts'
import { type Counts, sumOf, volumeOfCounts } from '../activity/counts.ts'
import type { Judging } from '../activity/judging.ts'
import { type RateKind, type Rates, ratesOf } from '../activity/rates.ts'
import { type Lines, lines, standingOf, windowsOf } from '../activity/windows.ts'
import type { Rate, Series, Standing } from './answers.ts'
import { type MailCounts, shownDays } from './mail-counts.ts'

export type RatesAnswer = { readonly bounces: Rate; readonly complaints: Rate }

export const ratesAnswerOf = (counts: Counts): RatesAnswer => answersOf(ratesOf(counts))

function answersOf(rates: Rates, by: Lines = lines): RatesAnswer {
  const answerOf = (kind: RateKind): Rate => {
    const { events, recipients, rate } = rates[kind]
    return {
      events,
      recipients,
      ...(rate !== undefined && { rate }),
      standing: standingOf(rates[kind], by[kind]),
    }
  }
  return { bounces: answerOf('bounces'), complaints: answerOf('complaints') }
}

export const todayOf = (counts: Counts) => {
  const delivered = [...counts.values()].filter(({ type, apart }) => type === 'Delivery' && apart === undefined)
  const rates = ratesAnswerOf(counts)
  return { sent: rates.bounces.recipients, delivered: sum(delivered), ...rates }
}

const sum = (several: readonly { readonly count: number }[]) => several.reduce((total, { count }) => total + count, 0)

/** @param byDay consecutive days, oldest first */
export function seriesOf(byDay: ReadonlyMap<Day, Counts>): Series {
  const days = [...byDay]
  const pointsOf = (kind: RateKind) =>
    days.slice(-shownDays).map(([day, counts]) => {
      const at = days.findIndex(([one]) => one === day)
      const { events, recipients, rate } = ratesAnswerOf(counts)[kind]
      const week = ratesAnswerOf(sumOf(days.slice(Math.max(0, at - 6), at + 1).map(([, one]) => one)))[kind]
      return {
        day,
        events,
        recipients,
        ...(rate !== undefined && { rate }),
        ...(week.rate !== undefined && { trend: week.rate }),
      }
    })
  return { bounces: pointsOf('bounces'), complaints: pointsOf('complaints') }
}

export type Windows = readonly (RatesAnswer & { readonly days: number })[]

/** The last 24 hours, 7 and 30 days. @param since when a person resumed the project: no window reaches behind it */
export const windowsAnswerOf = (
  hours: MailCounts['hours'],
  now: Date,
  since: Date | undefined,
  { lines: by, minimumRecipients }: Judging,
): Windows =>
  windowsOf(hours, now, since, minimumRecipients).map(({ days, rates }) => ({ days, ...answersOf(rates, by) }))

export const hasMail = (byDay: ReadonlyMap<Day, Counts>): boolean =>
  [...byDay.values()].some((counts) => volumeOfCounts(counts).sent > 0)

const order: readonly Standing[] = ['unknown', 'good', 'warning', 'critical']
export const worstOf = (standings: readonly Standing[]): Standing =>
  standings.reduce<Standing>((worst, one) => (order.indexOf(one) > order.indexOf(worst) ? one : worst), 'unknown')

const digits: Readonly<Record<RateKind, number>> = { bounces: 2, complaints: 3 }
const verbs: Readonly<Record<RateKind, string>> = { bounces: 'bounced', complaints: 'complained' }

/** `4.60 % of 12,480 recipients bounced`; below the minimum, the count alone. */
export function rateSentence(kind: RateKind, { events, recipients, rate }: Rate): string {
  const of = `${recipients.toLocaleString('en-US')} recipient${recipients === 1 ? '' : 's'}`
  if (rate === undefined) return `${events.toLocaleString('en-US')} of ${of} ${verbs[kind]}, too few to judge`
  return `${(rate * 100).toFixed(digits[kind])} % of ${of} ${verbs[kind]}`
}

export const periodText = (days: number): string => (days === 1 ? 'in 24 h' : `in ${days} days`)
