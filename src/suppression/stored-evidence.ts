/**
 * How evidence stands in the table: as texts that sort by time, in attributes that each keep the latest (or the first) of their kind,
 * short enough for an item to stay under 1 KB.
 *
 *     lastHard   2026-03-01T10:00:00.000Z 0100019…-000000 Permanent/NoEmail 5.1.1 550 user unknown
 *
 * Lasting evidence stands in the item of the address. A soft bounce stands in an item of the week that it fell in, in the attribute of its
 * weekday: of each day the latest is kept. Such an item expires; when depends on the week alone, so that every order of writing gives the
 * same item.
 */
import { createHash } from 'node:crypto'
import type { Evidence, EvidenceKind } from './evidence.ts'

/**
 * Where each lasting kind stands: its latest piece, which the verdict hangs on, and of some the first, for `since`; and how many bytes a
 * piece may have. All of it together with the keys fits into one write unit of 1 KB.
 */
const lasting = {
  hard: { last: 'lastHard', first: 'firstHard', bytes: 155 },
  rejected: { last: 'lastRejected', first: undefined, bytes: 155 },
  complaint: { last: 'lastComplaint', first: 'firstComplaint', bytes: 105 },
  uncertain: { last: 'lastUncertain', first: undefined, bytes: 105 },
  'not-spam': { last: 'lastNotSpam', first: undefined, bytes: 105 },
} as const satisfies Record<Exclude<EvidenceKind, 'soft'>, { last: string; first: string | undefined; bytes: number }>

/** Seven of these, one for each day, and the keys fit into one write unit of 1 KB. */
const bytesOfSoft = 120

/** Days after the end of its week that a soft bounce is kept: longer than any window and suppression that rules may ask for. */
export const softRetentionDays = 90

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
const day = 86_400_000

/** The attributes in which evidence may stand, and the kind that each tells of. */
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

/** Where a piece of evidence stands: the item's sort key, the attribute that keeps the latest, and what else the item has. */
export type StoredPlace = {
  readonly key: string
  readonly last: string
  /** The attribute that keeps the first, where one does. */
  readonly first?: string | undefined
  /** When the item expires; absent: never. */
  readonly expiresAtSeconds?: number
}

export function storedPlaceOf(address: string, { kind, at }: Evidence): StoredPlace {
  if (kind !== 'soft') return { key: address, last: lasting[kind].last, first: lasting[kind].first }
  const sinceMonday = (at.getUTCDay() + 6) % 7
  const monday = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() - sinceMonday)
  return {
    key: `${address} soft ${new Date(monday).toISOString().slice(0, 10)}`,
    last: weekdays[sinceMonday] ?? weekdays[0],
    expiresAtSeconds: (monday + (7 + softRetentionDays) * day) / 1000,
  }
}

/** The address that an item is about: a domain has no space, so the end of the key tells a soft item apart. */
export const addressOf = (key: string): string => key.replace(/ soft \d{4}-\d{2}-\d{2}$/, '')

/** The text of one piece of evidence; the same for every copy of an event. Of two texts the later sorts last. */
export function encode(evidence: Evidence): string {
  const { kind, at, feedbackId, cause, status = '-' } = evidence
  const room = kind === 'soft' ? bytesOfSoft : lasting[kind].bytes
  const words = [at.toISOString(), id(feedbackId), word(cause), word(status), diagnosis(evidence)]
  return words.join(' ').slice(0, room).trimEnd()
}

/** The evidence that an attribute tells of; `undefined` for one that is not evidence. */
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

/** SES's ids have 60 characters; a longer one would crowd out the rest. */
function id(feedbackId: string): string {
  return feedbackId.length <= 60 ? word(feedbackId) : createHash('sha256').update(feedbackId).digest('base64url')
}

const isWord = /^[\x21-\x7e]{1,60}$/

/** One word of printable ASCII: what separates the words must not stand in them. */
function word(text: string): string {
  if (isWord.test(text)) return text
  return printable(text.slice(0, 240)).replaceAll(' ', '_').slice(0, 60) || '-'
}

/** The server's words without the protocol's name, the status (it stands before) and any address. */
function diagnosis({ status, diagnostic = '' }: Evidence): string {
  const words = printable(diagnostic.slice(0, 400))
    .replace(/^smtp; */i, '')
    .split(' ')
    .filter((part) => !part.includes('@') && part !== status)
  return words.join(' ')
}

const printable = (text: string): string =>
  text
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim()
