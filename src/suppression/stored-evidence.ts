/**
 * How evidence stands in the table: as text that sorts by kind and time, short enough for an item to stay under 1 KB.
 *
 * Lasting evidence (everything but soft bounces) is a string set in the item of the address:
 *
 *     hard 2026-03-01T10:00:00.000Z 0100019…-000000 Permanent/NoEmail 5.1.1 550 user unknown
 *
 * A soft bounce stands in an item of the week that it fell in, in the attribute of its weekday, without the kind: of each day the
 * latest is kept. Such an item expires; when depends on the week alone, so that every order of writing gives the same item.
 */
import { createHash } from 'node:crypto'
import type { Evidence, EvidenceKind } from './evidence.ts'

/**
 * What is kept of each lasting kind: the last piece, which the verdict hangs on, and of some the first, for `since`;
 * and how many bytes each may have. All of it together with the keys fits into one write unit of 1 KB.
 */
const kept = {
  hard: { first: true, bytes: 160 },
  rejected: { first: false, bytes: 160 },
  complaint: { first: true, bytes: 112 },
  uncertain: { first: false, bytes: 112 },
  'not-spam': { first: false, bytes: 112 },
} as const satisfies Record<Exclude<EvidenceKind, 'soft'>, { first: boolean; bytes: number }>

/** Seven of these, one for each day, and the keys fit into one write unit of 1 KB. */
const bytesOfSoft = 120

/** Days after the end of its week that a soft bounce is kept: longer than any window and suppression that rules may ask for. */
export const softRetentionDays = 90

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
const day = 86_400_000

/** The text of one piece of evidence; the same for every copy of an event. */
export function encode(evidence: Evidence): string {
  const words = [evidence.at.toISOString(), id(evidence.feedbackId), word(evidence.cause), word(evidence.status ?? '-')]
  if (evidence.kind !== 'soft') words.unshift(evidence.kind)
  const room = evidence.kind === 'soft' ? bytesOfSoft : kept[evidence.kind].bytes
  return [...words, diagnosis(evidence)].join(' ').slice(0, room).trimEnd()
}

/** The evidence that a stored text tells of; `undefined` for a text that is not one. */
export function decode(text: string, soft = false): Evidence | undefined {
  const [kind, time, feedbackId, cause, status, ...diagnostic] = (soft ? `soft ${text}` : text).split(' ')
  const at = new Date(time ?? '')
  if (!isKind(kind) || !feedbackId || !cause || Number.isNaN(at.getTime())) return undefined
  return {
    kind,
    at,
    feedbackId,
    cause,
    ...(status && status !== '-' && { status }),
    ...(diagnostic.length > 0 && { diagnostic: diagnostic.join(' ') }),
  }
}

/**
 * The pieces of a set that the ones beside them make needless.
 * A piece that is needless in a set is needless in every larger set, so dropping it commutes with adding others.
 */
export function surplusOf(texts: readonly string[]): string[] {
  const byKind = Map.groupBy(texts, (text) => text.slice(0, text.indexOf(' ')))
  return [...byKind].flatMap(([kind, pieces]) => {
    if (!isLasting(kind)) return []
    const inOrder = pieces.toSorted()
    return inOrder.slice(kept[kind].first ? 1 : 0, -1)
  })
}

/** Where a soft bounce of that time stands: the item's sort key, the attribute in it, and when it expires (epoch seconds). */
export function softPlace(address: string, at: Date): { key: string; weekday: string; expiresAtSeconds: number } {
  const sinceMonday = (at.getUTCDay() + 6) % 7
  const monday = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() - sinceMonday)
  return {
    key: `${address} soft ${new Date(monday).toISOString().slice(0, 10)}`,
    weekday: weekdays[sinceMonday] ?? weekdays[0],
    expiresAtSeconds: (monday + (7 + softRetentionDays) * day) / 1000,
  }
}

/** The address that an item is about: a domain has no space, so the end of the key tells a soft item apart. */
export function addressOf(key: string): { address: string; soft: boolean } {
  const address = key.replace(/ soft \d{4}-\d{2}-\d{2}$/, '')
  return { address, soft: address !== key }
}

/** The pieces of evidence of one item, given as its attributes. */
export function evidenceIn(item: { evidence?: readonly string[] | undefined; [weekday: string]: unknown }): Evidence[] {
  const lasting = (item.evidence ?? []).map((text) => decode(text))
  const soft = weekdays
    .map((weekday) => item[weekday])
    .map((text) => (typeof text === 'string' ? decode(text, true) : undefined))
  return [...lasting, ...soft].filter((piece) => piece !== undefined)
}

const isLasting = (kind: string): kind is keyof typeof kept => Object.hasOwn(kept, kind)
const isKind = (kind: string | undefined): kind is EvidenceKind =>
  kind !== undefined && (kind === 'soft' || isLasting(kind))

/** SES's ids have 60 characters; a longer one would crowd out the rest. */
function id(feedbackId: string): string {
  return feedbackId.length <= 64 ? word(feedbackId) : createHash('sha256').update(feedbackId).digest('hex')
}

/** One word of printable ASCII: what separates the words must not stand in them. */
function word(text: string): string {
  return printable(text).replaceAll(' ', '_').slice(0, 64) || '-'
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
