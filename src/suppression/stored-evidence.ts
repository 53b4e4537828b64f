/**
 * The stored form of evidence: texts that sort by time, in attributes that each keep the latest (or the first) evidence of a kind. They are short
 * enough for an item to stay under 1 KB.
 *
 *     lastHard   2026-03-01T10:00:00.000Z 0100019…-000000 Permanent/NoEmail 5.1.1 550 user unknown
 *
 * The item of the address keeps permanent evidence. A soft bounce is kept in an item of its week, in the attribute of its weekday, which keeps the
 * latest of the day. Such an item expires. Its expiry depends on the week alone, so every order of writing gives the same item.
 */
import { createHash } from 'node:crypto'
import { dayMs } from '../time.ts'
import type { Evidence, EvidenceKind } from './evidence.ts'

/**
 * By kind: the attribute of the latest evidence, which decides the verdict; the attribute of the first, if it is kept, for `since`; and the most
 * bytes of each. All of them and the keys fit into one write unit of 1 KB.
 */
const permanent = {
  hard: { last: 'lastHard', first: 'firstHard', bytes: 155 },
  rejected: { last: 'lastRejected', first: undefined, bytes: 155 },
  complaint: { last: 'lastComplaint', first: 'firstComplaint', bytes: 105 },
  uncertain: { last: 'lastUncertain', first: undefined, bytes: 105 },
  'not-spam': { last: 'lastNotSpam', first: undefined, bytes: 105 },
} as const satisfies Record<Exclude<EvidenceKind, 'soft'>, { last: string; first: string | undefined; bytes: number }>

/** Seven of these, one per day, and the keys fit into one write unit of 1 KB. */
const softBytes = 120

/** Days for which a soft bounce is kept after the end of its week. Rules cannot require more: see rules.ts. */
export const softRetentionDays = 90

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

/** Attribute → kind of the evidence in it. */
const kindOfAttribute: ReadonlyMap<string, EvidenceKind> = new Map<string, EvidenceKind>([
  ['lastHard', 'hard'],
  ['firstHard', 'hard'],
  ['lastRejected', 'rejected'],
  ['lastComplaint', 'complaint'],
  ['firstComplaint', 'complaint'],
  ['lastUncertain', 'uncertain'],
  ['lastNotSpam', 'not-spam'],
  ...weekdays.map((weekday): [string, EvidenceKind] => [weekday, 'soft']),
])

/** Where evidence is stored: sort key and attributes of its item. */
export type StoredPlace = {
  readonly key: string
  /** The attribute that keeps the latest evidence of the kind. */
  readonly last: string
  /** The attribute that keeps the first; absent if the first of the kind is not kept. */
  readonly first?: string | undefined
  /** Expiry of the item; absent if it does not expire. */
  readonly expiresAtSeconds?: number
}

export function storedPlaceOf(address: string, { kind, at }: Evidence): StoredPlace {
  if (kind !== 'soft') return { key: address, last: permanent[kind].last, first: permanent[kind].first }
  const sinceMonday = (at.getUTCDay() + 6) % 7
  const monday = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() - sinceMonday)
  return {
    key: `${address} soft ${new Date(monday).toISOString().slice(0, 10)}`,
    last: weekdays[sinceMonday] ?? weekdays[0],
    expiresAtSeconds: (monday + (7 + softRetentionDays) * dayMs) / 1000,
  }
}

/** Sort key → address. A domain has no space, so the end of the key identifies the item of a week. */
export const addressOf = (key: string): string => key.replace(/ soft \d{4}-\d{2}-\d{2}$/, '')

/** Evidence → text, the same for every copy of an event. Texts sort by time. */
export function encode(evidence: Evidence): string {
  const { kind, at, feedbackId, cause, status = '-' } = evidence
  const room = kind === 'soft' ? softBytes : permanent[kind].bytes
  const words = [at.toISOString(), idWordOf(feedbackId), wordOf(cause), wordOf(status), diagnosticOf(evidence)]
  return words.join(' ').slice(0, room).trimEnd()
}

/** Attribute and text → evidence; `undefined` if the attribute or the text is not evidence. */
export function decode(attribute: string, text: string): Evidence | undefined {
  const kind = kindOfAttribute.get(attribute)
  const [time = '', feedbackId, cause, status, ...diagnostic] = text.split(' ')
  const at = new Date(time)
  if (!kind || !feedbackId || !cause || Number.isNaN(at.getTime())) return undefined
  return {
    kind,
    at,
    feedbackId,
    cause,
    ...(status && status !== '-' && { status }),
    ...(diagnostic.length > 0 && { diagnostic: diagnostic.join(' ') }),
  }
}

/** SES's ids have 60 characters. A longer one would leave no room for the rest. */
function idWordOf(feedbackId: string): string {
  return feedbackId.length <= 60 ? wordOf(feedbackId) : createHash('sha256').update(feedbackId).digest('base64url')
}

const isWord = /^[\x21-\x7e]{1,60}$/

/** One word of printable ASCII, without the space that separates words. */
function wordOf(text: string): string {
  if (isWord.test(text)) return text
  return printableOf(text.slice(0, 240)).replaceAll(' ', '_').slice(0, 60) || '-'
}

/** The server's answer without the name of the protocol, the status (a word of its own) and any address. */
function diagnosticOf({ status, diagnostic = '' }: Evidence): string {
  const words = printableOf(diagnostic.slice(0, 400))
    .replace(/^smtp; */i, '')
    .split(' ')
    .filter((part) => !part.includes('@') && part !== status)
  return words.join(' ')
}

const printableOf = (text: string): string =>
  text
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim()
