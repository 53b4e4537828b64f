/**
 * The stored form of evidence: texts that sort by time, in attributes that each keep the latest (or the first) evidence of a kind. They are short
 * enough for the item of nearly every address to stay under 1 KB.
 *
 *     lastHard   2026-03-01T10:00:00.000Z 0100019…-000000 Permanent/NoEmail 5.1.1 550 user unknown
 *
 * The items of an address:
 *
 *     a@example.com                   lasting evidence, rulings
 *     a@example.com soft 2026-03-02   soft bounces of a week, one attribute per weekday, which keeps the latest of the day; expires
 *     a@example.com uncounted         what no rule counts by default
 *
 * A rule can call `rejected` and `global-list` soft, which counts days. So these are kept twice: the latest for good, and each day of the week.
 * The item of a week gets its expiry from the function that follows the stream, because the functions that record events must not be able to let
 * an item expire. The expiry depends on the week alone, so every order of writing gives the same item.
 */
import { dayMs } from '../time.ts'
import { type Evidence, kindOfStored } from './evidence.ts'
import type { EvidenceKind, UncountedKind } from './evidence-kinds.ts'
import { evidenceTextOf, readEvidenceText } from './evidence-text.ts'
import { softRetentionDays } from './retention.ts'

type Slot = { readonly last: string; readonly first?: string; readonly bytes: number }

/**
 * By kind: the attribute of the latest evidence, which decides the verdict; the attribute of the first, if it is kept, for `since`; and the most
 * bytes of each. An item of several kinds fits into one write unit of 1 KB. Only one with nearly all of them and both rulings takes two.
 */
const lasting: Readonly<Record<Exclude<EvidenceKind, 'soft' | UncountedKind>, Slot>> = {
  hard: { last: 'lastHard', first: 'firstHard', bytes: 130 },
  rejected: { last: 'lastRejected', bytes: 105 },
  'global-list': { last: 'lastGlobalList', bytes: 105 },
  complaint: { last: 'lastComplaint', first: 'firstComplaint', bytes: 80 },
  uncertain: { last: 'lastUncertain', bytes: 80 },
  'not-spam': { last: 'lastNotSpam', bytes: 80 },
}

/** The attributes of the item `uncounted`. Kinds without one of their own share `lastOther`; the cause tells which it is. */
const uncountedSlots: Readonly<Record<UncountedKind, Slot>> = {
  blocked: { last: 'lastBlocked', bytes: 100 },
  message: { last: 'lastMessage', bytes: 100 },
  'opt-out': { last: 'lastOptOut', bytes: 100 },
  'automatic-reply': { last: 'lastReply', bytes: 100 },
  echo: { last: 'lastEcho', bytes: 100 },
  guess: { last: 'lastGuess', bytes: 100 },
  delayed: { last: 'lastOther', bytes: 100 },
  report: { last: 'lastReport', bytes: 100 },
  unclear: { last: 'lastOther', bytes: 100 },
}

/** Seven of these, one per day, and the keys fit into one write unit of 1 KB. */
const weekdayBytes = 112

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

/** Attribute → kind of the evidence in it. A weekday's kind follows from the facts. */
const kindOfAttribute: ReadonlyMap<string, EvidenceKind> = new Map<string, EvidenceKind>([
  ['lastHard', 'hard'],
  ['firstHard', 'hard'],
  ['lastRejected', 'rejected'],
  ['lastGlobalList', 'global-list'],
  ['lastComplaint', 'complaint'],
  ['firstComplaint', 'complaint'],
  ['lastUncertain', 'uncertain'],
  ['lastNotSpam', 'not-spam'],
  ['lastBlocked', 'blocked'],
  ['lastMessage', 'message'],
  ['lastOptOut', 'opt-out'],
  ['lastReply', 'automatic-reply'],
  ['lastEcho', 'echo'],
  ['lastGuess', 'guess'],
  ['lastReport', 'report'],
  ['lastOther', 'unclear'],
  ...weekdays.map((weekday): [string, EvidenceKind] => [weekday, 'soft']),
])

/** Where evidence is stored: sort key and attributes of its item. */
export type StoredPlace = {
  readonly key: string
  /** The attribute that keeps the latest evidence of the kind. */
  readonly last: string
  /** The attribute that keeps the first; absent if the first of the kind is not kept. */
  readonly first?: string | undefined
  /** The most bytes of the text. */
  readonly bytes: number
}

/** One place, or two: for good and by day. */
export function storedPlacesOf(address: string, { kind, at }: Evidence): readonly StoredPlace[] {
  switch (kind) {
    case 'soft':
      return [weekdayOf(address, at)]
    case 'rejected':
    case 'global-list':
      return [{ key: address, ...lasting[kind] }, weekdayOf(address, at)]
    case 'hard':
    case 'complaint':
    case 'uncertain':
    case 'not-spam':
      return [{ key: address, ...lasting[kind] }]
    default:
      return [{ key: `${address} ${uncountedItem}`, ...uncountedSlots[kind] }]
  }
}

const uncountedItem = 'uncounted'

function weekdayOf(address: string, at: Date): StoredPlace {
  const sinceMonday = (at.getUTCDay() + 6) % 7
  const monday = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() - sinceMonday)
  return {
    key: `${address} soft ${new Date(monday).toISOString().slice(0, 10)}`,
    last: weekdays[sinceMonday] ?? weekdays[0],
    bytes: weekdayBytes,
  }
}

/** Sort key → when its item expires; `undefined` for an item that does not expire. */
export function expiryOf(key: string): Date | undefined {
  const [, monday] = / soft (\d{4}-\d{2}-\d{2})$/.exec(key) ?? []
  return monday === undefined ? undefined : new Date(Date.parse(monday) + (7 + softRetentionDays) * dayMs)
}

/** Sort key → address. A domain has no space, so the end of the key identifies the item. */
export const addressOf = (key: string): string => key.replace(/ (?:soft \d{4}-\d{2}-\d{2}|uncounted)$/, '')

/** Whether the item with this sort key holds what no rule counts by default. */
export const isUncountedItem = (key: string): boolean => key.endsWith(` ${uncountedItem}`)

/** Evidence → the text of its place, the same for every copy of an event. Texts sort by time. */
export const encode = (evidence: Evidence, { bytes }: Pick<StoredPlace, 'bytes'>): string =>
  evidenceTextOf(evidence, bytes)

/**
 * Attribute and text → evidence; `undefined` if the attribute or the text is not evidence. Its kind is that of today's rules, whichever version of
 * Sesame stored it.
 */
export function decode(attribute: string, text: string): Evidence | undefined {
  const stored = kindOfAttribute.get(attribute)
  const facts = stored && readEvidenceText(text)
  return facts && { kind: kindOfStored(stored, facts), ...facts }
}
