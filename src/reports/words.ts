/** A report in words: the sentences that the table on a terminal and the HTML page share. Pure. */
import type { RateKind } from '../activity/rates.ts'
import type { Standing } from '../activity/windows.ts'
import { type AccountFacts, limitsOfAws, type RateFacts, type Report, trendOf } from './report.ts'

const thousands = new Intl.NumberFormat('en')
export const numberText = (count: number): string => thousands.format(count)

export const rateNames: Readonly<Record<RateKind, string>> = { bounces: 'bounce rate', complaints: 'complaint rate' }
const digits: Readonly<Record<RateKind, number>> = { bounces: 2, complaints: 3 }

const percentText = (rate: number, kind: RateKind): string => `${(rate * 100).toFixed(digits[kind])} %`

/** A rate with both of its numbers. */
export function rateText(
  { events, recipients, rate }: RateFacts,
  kind: RateKind,
  { minimumRecipients }: Report['judging'],
): string {
  const numbers = `${numberText(events)} of ${numberText(recipients)} recipients`
  if (rate !== undefined) return `${percentText(rate, kind)} (${numbers})`
  return `none below ${numberText(minimumRecipients)} recipients (${numbers})`
}

export const standingTexts: Readonly<Record<Standing, string>> = {
  unknown: '',
  good: 'good',
  warning: 'warning: find out why before you send more',
  critical: 'critical: stop sending to this list until you know why',
}

/** The answer of the whole report, as one sentence. */
export function verdictText({ hold, standing, judging }: Pick<Report, 'hold' | 'standing' | 'judging'>): string {
  const [held] = hold.holds
  if (held) return `No mail is sent: held since ${minuteText(held.since)}. ${held.why}`
  if (hold.warning) return `Mail is sent, with a warning since ${minuteText(hold.warning.since)}. ${hold.warning.why}`
  return standing === 'unknown'
    ? `Too few recipients for a rate: below ${numberText(judging.minimumRecipients)} in every window, a single bounce could exceed any limit.`
    : verdicts[standing]
}

const verdicts: Readonly<Record<Exclude<Standing, 'unknown'>, string>> = {
  good: 'Mail is sent, and every rate is well below the limits of AWS.',
  warning: 'Mail is sent, and a rate comes near the limits of AWS. Find out why before you send more.',
  critical: 'A rate is close to the limits of AWS, or above them. Stop sending to this list until you know why.',
}

/** `better than 0.80 % in the 30 days before` */
export function trendText(report: Pick<Report, 'rates' | 'ratesBefore' | 'days'>, kind: RateKind): string {
  const trend = trendOf(report, kind)
  const { rate } = report.ratesBefore[kind]
  if (trend === undefined || rate === undefined) return ''
  const than = `${percentText(rate, kind)} in the ${report.days.length} days before`
  return trend === 'unchanged' ? `as ${than}` : `${trend} than ${than}`
}

/** The limits of AWS, and the line at which Sesame holds the project. */
export const limitText = (kind: RateKind, { lines }: Report['judging']): string =>
  `${limitsOfAws[kind].text}; Sesame holds the project at ${percentText(lines[kind].critical, kind)}`

export const windowText = (days: number): string => (days === 1 ? 'last 24 hours' : `last ${days} days`)

/** `2026-03-01 10:00 UTC` */
export const minuteText = (time: string): string => `${time.slice(0, 16).replace('T', ' ')} UTC`

const enforcements: Readonly<Record<string, string>> = {
  HEALTHY: 'SES sees no problem with it',
  PROBATION: 'SES reviews it, and pauses it if the rates do not fall',
  SHUTDOWN: 'SES has paused it',
}

/** What SES itself says about the account. */
export function accountText({
  account,
  enforcement,
  maySend,
  sentLast24Hours,
  max24HourSend,
  reputation,
}: AccountFacts) {
  const { bounceRate, complaintRate } = reputation ?? {}
  const ofSes = (rate: number | undefined, kind: RateKind) =>
    rate === undefined ? 'none yet' : percentText(rate, kind)
  const quota = max24HourSend < 0 ? 'without a limit' : `of ${numberText(max24HourSend)}`
  return [
    `Account ${account} is ${enforcement}: ${enforcements[enforcement] ?? 'see the console of SES'}.`,
    ...(maySend ? [] : ['Its sending is switched off.']),
    reputation
      ? `SES's own rates are ${ofSes(bounceRate, 'bounces')} bounces and ${ofSes(complaintRate, 'complaints')} complaints.`
      : "SES's own rates are in its console, and here if the connection has the feature reputation.",
    `It has sent to ${numberText(sentLast24Hours)} recipients ${quota} in 24 hours.`,
  ].join(' ')
}

/** What the numbers leave open, as sentences. */
export function remarksOf({ days, list }: Pick<Report, 'days' | 'list'>): string[] {
  const open = days.filter(({ isExact }) => !isExact).length
  return [
    ...(open > 0
      ? [`The numbers of ${open} ${open === 1 ? 'day' : 'days'} still change: they are counted exactly once an hour.`]
      : []),
    ...(list.isPart ? ['The suppression list is longer than what was read, so its numbers are too small.'] : []),
    'Complaints at Gmail never reach SES. AWS computes its own rates over a volume that it chooses, so they differ from these.',
  ]
}
