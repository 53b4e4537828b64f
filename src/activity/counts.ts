/**
 * Counts of activity by event, detail and why they are part of no rate. Pure.
 *
 * What SES itself refused (an entry of a suppression list, a guess of its validation, an opt-out) and mail to its simulator are counted apart and are
 * part of no rate, as in AWS's own rates. https://docs.aws.amazon.com/ses/latest/dg/reputationdashboarddetails.html
 */
import type { EventType } from '../intake/event.ts'
import { subTypeRows } from '../suppression/sub-types.ts'

/** What an item of activity says for the counts. */
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
  addTo(counts, kind, 1)
}

export const kindKeyOf = ({ type, detail, apart }: Kind): string => `${type}|${detail ?? ''}|${apart ?? ''}`

export function addTo(counts: Counts, kind: Kind, count: number): void {
  const key = kindKeyOf(kind)
  counts.set(key, { ...kind, count: (counts.get(key)?.count ?? 0) + count })
}

/** What tells the counts of an item from others. */
export type Kind = Omit<Count, 'count'>

/** @returns `undefined` if the item is in no count: another recipient of the same complaint */
export function kindOf({ type, detail: stored, recipient, bot, nth }: Counted): Kind | undefined {
  if (type === 'Complaint' && nth > 0) return undefined
  const isRead = type === 'Open' || type === 'Click'
  const detail = isRead ? (bot === undefined ? 'unknown reader' : readers[bot]) : namedDetail(stored)
  return { type, detail, apart: apartOf(type, stored, recipient) }
}

const isSent = ({ type, apart }: Kind): boolean => type === 'Send' && apart === undefined
/** A Send event that SES took back. */
const isNotSent = ({ apart }: Kind): boolean => apart === 'SES sent nothing'
const isHardBounce = ({ type, detail, apart }: Kind): boolean =>
  type === 'Bounce' && apart === undefined && detail?.startsWith('Permanent ') === true
const isComplaint = ({ type, detail, apart }: Kind): boolean =>
  type === 'Complaint' && apart === undefined && detail !== 'not-spam'

/** The counts of several days together. */
export function sumOf(several: readonly Counts[]): Counts {
  const sum: Counts = new Map()
  for (const counts of several) for (const { count, ...kind } of counts.values()) addTo(sum, kind, count)
  return sum
}

/** The details of SES are names. Any other text is counted as one. */
const namedDetail = (text: string | undefined) => (text === undefined || /^[\w .-]{1,64}$/.test(text) ? text : 'other')

function apartOf(type: EventType, detail: string | undefined, recipient: string | undefined): Apart | undefined {
  if (recipient?.endsWith('@simulator.amazonses.com')) return 'simulator'
  const isReport = type === 'Bounce' || type === 'Complaint'
  return isReport && notSent.has(detail?.split(' ').at(-1) ?? '') ? 'SES sent nothing' : undefined
}

/** What rates are made of, in recipients. Each number only grows while events arrive. */
export type Volume = {
  readonly sent: number
  /** Of those sent, what SES then did not send. Its events may arrive before those of the sending. */
  readonly notSent: number
  /** Hard bounces. Soft bounces are in no rate, as in AWS's rates. */
  readonly bounces: number
  readonly complaints: number
}

export const volumeFields = ['sent', 'notSent', 'bounces', 'complaints'] as const satisfies readonly (keyof Volume)[]

export const noVolume: Volume = { sent: 0, notSent: 0, bounces: 0, complaints: 0 }

export const volumeOf = (kind: Kind, count = 1): Volume => ({
  sent: isSent(kind) ? count : 0,
  notSent: isNotSent(kind) ? count : 0,
  bounces: isHardBounce(kind) ? count : 0,
  complaints: isComplaint(kind) ? count : 0,
})

/** Recipients to whom SES sent. */
export const recipientsOf = ({ sent, notSent }: Volume): number => Math.max(0, sent - notSent)

const combined = (one: Volume, other: Volume, combine: (a: number, b: number) => number): Volume => ({
  sent: combine(one.sent, other.sent),
  notSent: combine(one.notSent, other.notSent),
  bounces: combine(one.bounces, other.bounces),
  complaints: combine(one.complaints, other.complaints),
})

export const sumOfVolumes = (one: Volume, other: Volume): Volume => combined(one, other, (a, b) => a + b)
export const greaterVolume = (one: Volume, other: Volume): Volume => combined(one, other, Math.max)

/** What rates are made of, of all counts. */
export const volumeOfCounts = (counts: Counts): Volume =>
  [...counts.values()].reduce((sum, { count, ...kind }) => sumOfVolumes(sum, volumeOf(kind, count)), noVolume)
