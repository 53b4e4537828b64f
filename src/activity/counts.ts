/**
 * Counts of activity, and the rates that follow from them. Pure.
 *
 * A rate has recipients in both of its numbers. What SES itself refused (an entry of a suppression list, a guess of its validation, an opt-out) and
 * mail to its simulator are counted apart and are part of no rate, as in AWS's own rates.
 * https://docs.aws.amazon.com/ses/latest/dg/reputationdashboarddetails.html
 */
import type { EventType } from '../intake/event.ts'
import { subTypeRows } from '../suppression/sub-types.ts'

export type Counted = {
  readonly type: EventType
  readonly detail?: string | undefined
  readonly recipient?: string | undefined
  readonly bot?: 'Likely' | 'Unlikely' | undefined
  readonly nth: number
}

export type Count = {
  readonly type: EventType
  readonly detail?: string | undefined
  /** Why the events are part of no rate. Absent if they are. */
  readonly apart?: Apart | undefined
  readonly count: number
}

export type Apart = 'SES sent nothing' | 'simulator'

/** Counts by what tells them apart. */
export type Counts = Map<string, Count>

/** Sub-types of bounces of mail that SES did not send. */
const notSent = new Set(
  subTypeRows.filter(({ decides }) => ['echo', 'guess', 'opt-out'].includes(decides)).map(({ subType }) => subType),
)

const readers = { Likely: 'machine', Unlikely: 'person' } as const

/** Adds one item. A complaint that names several recipients is one complaint. */
export function countInto(counts: Counts, counted: Counted): void {
  const kind = kindOf(counted)
  if (kind === undefined) return
  const key = `${kind.type}|${kind.detail ?? ''}|${kind.apart ?? ''}`
  counts.set(key, { ...kind, count: (counts.get(key)?.count ?? 0) + 1 })
}

/** What tells the counts of an item from others. */
export type Kind = Omit<Count, 'count'>

/** @returns `undefined` if the item is in no count: another recipient of the same complaint */
export function kindOf({ type, detail: stored, recipient, bot, nth }: Counted): Kind | undefined {
  if (type === 'Complaint' && nth > 0) return undefined
  const isRead = type === 'Open' || type === 'Click'
  const detail = isRead ? (bot === undefined ? 'unknown reader' : readers[bot]) : stored
  return { type, detail, apart: apartOf(type, stored, recipient) }
}

export const isSent = ({ type, apart }: Kind): boolean => type === 'Send' && apart === undefined
/** A Send event that SES took back. */
export const isNotSent = ({ apart }: Kind): boolean => apart === 'SES sent nothing'
export const isHardBounce = ({ type, detail, apart }: Kind): boolean =>
  type === 'Bounce' && apart === undefined && detail?.startsWith('Permanent ') === true
export const isComplaint = ({ type, detail, apart }: Kind): boolean =>
  type === 'Complaint' && apart === undefined && detail !== 'not-spam'

/** The counts of several days together. */
export function sumOf(several: readonly Counts[]): Counts {
  const sum: Counts = new Map()
  for (const counts of several)
    for (const [key, one] of counts) sum.set(key, { ...one, count: (sum.get(key)?.count ?? 0) + one.count })
  return sum
}

function apartOf(type: EventType, detail: string | undefined, recipient: string | undefined): Apart | undefined {
  if (recipient?.endsWith('@simulator.amazonses.com')) return 'simulator'
  const isReport = type === 'Bounce' || type === 'Complaint'
  return isReport && notSent.has(detail?.split(' ').at(-1) ?? '') ? 'SES sent nothing' : undefined
}

export type Rate = {
  readonly events: number
  /** Recipients to whom SES sent. */
  readonly recipients: number
  /** `undefined` if too few were sent for a rate to mean anything. */
  readonly rate: number | undefined
}

export type Rates = { readonly bounces: Rate; readonly complaints: Rate }

/** A single bounce among fewer recipients would exceed AWS's limits. */
export const minimumRecipients = 1_000

/** Hard bounces and complaints per recipient. Soft bounces are in neither, as in AWS's rates. */
export function ratesOf(counts: Counts): Rates {
  const all = [...counts.values()]
  const sum = (wanted: (kind: Kind) => boolean) => all.filter(wanted).reduce((total, { count }) => total + count, 0)
  const recipients = Math.max(0, sum(isSent) - sum(isNotSent))
  const rateOf = (events: number): Rate => ({
    events,
    recipients,
    rate: recipients < minimumRecipients ? undefined : events / recipients,
  })
  return { bounces: rateOf(sum(isHardBounce)), complaints: rateOf(sum(isComplaint)) }
}
