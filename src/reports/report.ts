/**
 * The report of a project: what happened to its mail in a period, how that stands against the limits, and the state of everything around it.
 *
 * Pure: src/reports/gather-report.ts reads what it is made from. The report is JSON: times are texts.
 */
import type { Day } from '../activity/bucket.ts'
import { causesOf, engagementOf } from '../activity/causes.ts'
import { type Count, type Counts, recipientsOf, sumOf, volumeOfCounts } from '../activity/counts.ts'
import { type Domains, failingOf } from '../activity/domains.ts'
import type { Judging } from '../activity/judging.ts'
import { type Rate, type RateKind, type Rates, ratesOfVolume } from '../activity/rates.ts'
import type { StoredDay } from '../activity/stored-counts.ts'
import { type Lines, type Standing, standingOf, windowsEndOf, windowsOf, worstOf } from '../activity/windows.ts'
import type { HoldState } from '../projects/hold.ts'
import type { Health } from './health.ts'
import type { ListGrowth } from './list-growth.ts'

/** Domains that are shown. */
const mostDomains = 10

export type ReportDay = {
  readonly day: Day
  /** Recipients to whom SES sent. */
  readonly sent: number
  readonly delivered: number
  readonly hardBounces: number
  readonly complaints: number
  /** Of this day alone, and of the seven days that end with it. Absent: too few recipients. */
  readonly bounceRate?: number
  readonly bounceTrend?: number
  readonly complaintRate?: number
  readonly complaintTrend?: number
  /** Whether every event that arrived is in the numbers. */
  readonly isExact: boolean
}

export type Volume = {
  readonly sent: number
  readonly delivered: number
  readonly hardBounces: number
  readonly softBounces: number
  readonly complaints: number
  readonly delays: number
  readonly rejected: number
  /** What SES itself did not send: counted apart, in no rate. */
  readonly notSent: number
}

export type Report = ReturnType<typeof reportOf>

type Facts = {
  readonly project: string
  /** Consecutive days, oldest first: those of the period, and those before it that rates and windows need. */
  readonly stored: readonly StoredDay[]
  readonly days: readonly Day[]
  readonly domains: Domains
  readonly hold: HoldState
  readonly health: Health
  readonly list: ListGrowth
  readonly judging: Judging
  /** What SES says about the account. Absent if it was not asked. */
  readonly account?: AccountFacts | undefined
  readonly now: Date
}

/** What SES itself says about the account of a project. */
export type AccountFacts = {
  readonly account: string
  /** `HEALTHY`, `PROBATION`, `SHUTDOWN`, or a value that SES adds. */
  readonly enforcement: string
  readonly maySend: boolean
  readonly sentLast24Hours: number
  /** -1: without a limit. */
  readonly max24HourSend: number
  /** The rates by which SES judges, from 0 to 1. Absent if the connection may not read them. */
  readonly reputation?:
    | { readonly bounceRate?: number | undefined; readonly complaintRate?: number | undefined }
    | undefined
}

export function reportOf({ project, stored, days, domains, hold, health, list, judging, account, now }: Facts) {
  const { lines, minimumRecipients: minimum } = judging
  const [first = '', last = ''] = [days[0], days.at(-1)]
  const period = stored.filter(({ day }) => day >= first && day <= last)
  const before = stored.filter(({ day }) => day < first).slice(-days.length)
  const counts = totalOf(period)
  const windows = windowsOf(stored, windowsEndOf(last, now), hold.resumedAt, minimum)
  return {
    project,
    from: first,
    to: last,
    madeAt: now.toISOString(),
    /** How the worst rate of the last 24 hours, 7 and 30 days stands. */
    standing: worstOf(windows, lines),
    /** Where rates stand, and from how many recipients on. */
    judging: { lines, minimumRecipients: minimum },
    rates: ratesIn(counts, minimum),
    /** Of as many days before the period. */
    ratesBefore: ratesIn(totalOf(before), minimum),
    windows: windows.map(({ days: length, from, rates }) => ({
      days: length,
      from: from.toISOString(),
      rates: ratesWithout(rates),
      standings: standingsOf(rates, lines),
    })),
    volume: volumeIn(counts),
    volumeBefore: volumeIn(totalOf(before)),
    days: days.map((day) => dayIn(stored, day, minimum)),
    failingDomains: failingOf(domains, mostDomains),
    causes: causesOf(counts),
    engagement: engagementOf(counts),
    list,
    health,
    hold: holdFactsOf(hold),
    ...(account && { account }),
    counts: sorted(counts),
  }
}

/** Events by type, the most frequent detail first. */
const sorted = (counts: Counts) =>
  [...counts.values()]
    .sort((one, other) => one.type.localeCompare(other.type) || other.count - one.count)
    .map(({ type, detail, apart, count }) => ({
      type,
      ...(detail !== undefined && { detail }),
      ...(apart && { apart }),
      count,
    }))

/** A rate as JSON has it: absent if there is none. */
export type RateFacts = { readonly events: number; readonly recipients: number; readonly rate?: number }

const withoutNone = ({ events, recipients, rate }: Rate): RateFacts => ({
  events,
  recipients,
  ...(rate !== undefined && { rate }),
})
const ratesWithout = ({ bounces, complaints }: Rates): Readonly<Record<RateKind, RateFacts>> => ({
  bounces: withoutNone(bounces),
  complaints: withoutNone(complaints),
})
const ratesIn = (counts: Counts, minimum: number) => ratesWithout(ratesOfVolume(volumeOfCounts(counts), minimum))

const totalOf = (several: readonly StoredDay[]): Counts => sumOf(several.map(({ counts }) => counts))

const standingsOf = (rates: Rates, lines: Lines): Readonly<Record<RateKind, Standing>> => ({
  bounces: standingOf(rates.bounces, lines.bounces),
  complaints: standingOf(rates.complaints, lines.complaints),
})

function volumeIn(counts: Counts): Volume {
  const all = [...counts.values()]
  const sum = (wanted: (one: Count) => boolean) => all.filter(wanted).reduce((total, { count }) => total + count, 0)
  const volume = volumeOfCounts(counts)
  const isCounted = ({ apart }: Count) => apart === undefined
  return {
    sent: recipientsOf(volume),
    delivered: sum((one) => one.type === 'Delivery' && isCounted(one)),
    hardBounces: volume.bounces,
    softBounces: sum((one) => one.type === 'Bounce' && isCounted(one)) - volume.bounces,
    complaints: volume.complaints,
    delays: sum((one) => one.type === 'DeliveryDelay' && isCounted(one)),
    rejected: sum(({ type }) => type === 'Reject' || type === 'Rendering Failure'),
    notSent: volume.notSent,
  }
}

function dayIn(stored: readonly StoredDay[], day: Day, minimum: number): ReportDay {
  const at = stored.findIndex((one) => one.day === day)
  const ofDay = stored[at]
  const counts: Counts = ofDay?.counts ?? new Map()
  const { sent, delivered, hardBounces, complaints } = volumeIn(counts)
  const rates = ratesOfVolume(volumeOfCounts(counts), minimum)
  const trend = ratesOfVolume(volumeOfCounts(totalOf(stored.slice(Math.max(0, at - 6), at + 1))), minimum)
  const given = <Name extends string>(name: Name, { rate }: Rate) => (rate === undefined ? {} : { [name]: rate })
  return {
    day,
    sent,
    delivered,
    hardBounces,
    complaints,
    ...given('bounceRate', rates.bounces),
    ...given('bounceTrend', trend.bounces),
    ...given('complaintRate', rates.complaints),
    ...given('complaintTrend', trend.complaints),
    isExact: ofDay?.isExact ?? true,
  }
}

const holdFactsOf = ({ holds, warning, overriddenUntil }: HoldState) => ({
  holds: holds.map(({ cause, since, why, until }) => ({
    cause,
    since: since.toISOString(),
    why,
    ...(until && { until: until.toISOString() }),
  })),
  ...(warning && { warning: { since: warning.since.toISOString(), why: warning.why } }),
  ...(overriddenUntil && { overriddenUntil: overriddenUntil.toISOString() }),
})

/** `better`, `worse` or `unchanged` than in as many days before. `undefined` if one of the two is no rate. */
export function trendOf({ rates, ratesBefore }: Pick<Report, 'rates' | 'ratesBefore'>, kind: RateKind) {
  const [now, before] = [rates[kind].rate, ratesBefore[kind].rate]
  if (now === undefined || before === undefined) return undefined
  // A tenth is noise.
  if (Math.abs(now - before) <= before / 10) return 'unchanged'
  return now < before ? 'better' : 'worse'
}

/** The lines from which AWS reviews, and pauses, an account. https://docs.aws.amazon.com/ses/latest/dg/faqs-enforcement.html */
export const limitsOfAws = {
  bounces: { review: 0.05, pause: 0.1, text: 'AWS reviews an account at 5 % and pauses it at 10 %' },
  complaints: { review: 0.001, pause: 0.005, text: 'AWS reviews an account at 0.1 % and pauses it at 0.5 %' },
} as const satisfies Readonly<Record<RateKind, object>>
