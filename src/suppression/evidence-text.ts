/**
 * Evidence ⇄ one line of printable ASCII of a limited length: time, feedback id, cause, status, and as much of the server's answer as fits.
 *
 *     2026-03-01T10:00:00.000Z 0100019…-000000 Permanent/NoEmail 5.1.1 550 user unknown
 *
 * Evidence is judged again when it is read, so what decided must survive the cut. If it would be cut, the answer is reduced to the codes and the
 * words that decided, and the feedback id is packed.
 */
import { createHash } from 'node:crypto'
import { type Evidence, kindOfStored } from './evidence.ts'
import { readLastReply, readReply, textGroupOf } from './read-reply.ts'

type Facts = Omit<Evidence, 'kind'>

/** The same for every copy of an event. */
export function evidenceTextOf(evidence: Evidence, bytes: number): string {
  const { at, feedbackId, cause, status = '-' } = evidence
  const answer = answerOf(evidence)
  const textOf = (id: string, words: string) =>
    [at.toISOString(), id, wordOf(cause), wordOf(status), words].join(' ').slice(0, bytes).trimEnd()
  const whole = textOf(idWordOf(feedbackId), answer)
  if (isTrue(whole, evidence)) return whole
  const packed = packedIdOf(feedbackId)
  const reductions = [
    () => textOf(packed, answer),
    () => textOf(packed, essenceOf(evidence, pieceOf)),
    () => textOf(packed, essenceOf(evidence, firstPieceOf)),
    () => textOf(digestOf(feedbackId).slice(0, 16), essenceOf(evidence, firstPieceOf)),
  ]
  for (const reduce of reductions) {
    const text = reduce()
    if (isTrue(text, evidence)) return text
  }
  return whole
}

/** Whether the cause is whole, and the text is judged like the evidence itself. */
function isTrue(text: string, { kind, cause }: Evidence): boolean {
  const facts = readEvidenceText(text)
  return facts !== undefined && facts.cause === wordOf(cause) && kindOfStored(kind, facts) === kind
}

/** `undefined` if the text is not evidence. */
export function readEvidenceText(text: string): Facts | undefined {
  const [time = '', feedbackId, cause, status, ...diagnostic] = text.split(' ')
  const at = new Date(time)
  if (!feedbackId || !cause || Number.isNaN(at.getTime())) return undefined
  return {
    at,
    feedbackId: unpackedIdOf(feedbackId),
    cause,
    ...(status && status !== '-' && { status }),
    ...(diagnostic.length > 0 && { diagnostic: diagnostic.join(' ') }),
  }
}

type Found = NonNullable<ReturnType<typeof textGroupOf>>

const pieceOf = ({ piece }: Found) => piece
const firstPieceOf = ({ group }: Found) => group.pieces[0]

/**
 * The answer reduced to reply code, enhanced status codes and the words that tell the group of texts.
 * @param wordsOf the words that matched, or shorter ones of the same group if there is no room for them
 */
function essenceOf({ diagnostic = '' }: Evidence, wordsOf: (found: Found) => string | undefined): string {
  const last = readLastReply(diagnostic)
  const [outer, ...inner] = [readReply(diagnostic), ...(last ? [last] : [])].map((reply) => {
    const codes = [reply.code, ...reply.statuses.slice(0, last && reply !== last ? 1 : 2)].filter(Boolean).join(' ')
    const found = last === undefined || reply === last ? textGroupOf(reply) : undefined
    return [codes, found && wordsOf(found)].filter(Boolean).join(' ')
  })
  return [outer, ...inner.map((text) => `<${text}`)].join(' ').trim()
}

const sesId = /^([0-9a-f]{16})-([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})-000000$/
const packedId = /^~([\w-]{32})$/

/** An id as SES writes it, in 33 characters instead of 60. Any other id is kept, or replaced by its digest if it is long. */
function packedIdOf(feedbackId: string): string {
  const parts = sesId.exec(feedbackId)
  if (parts) return `~${Buffer.from(parts.slice(1).join(''), 'hex').toString('base64url')}`
  return feedbackId.length <= 33 ? idWordOf(feedbackId) : digestOf(feedbackId).slice(0, 22)
}

function unpackedIdOf(word: string): string {
  const [, packed] = packedId.exec(word) ?? []
  if (packed === undefined) return word
  const hex = Buffer.from(packed, 'base64url').toString('hex')
  const parts = [
    hex.slice(0, 16),
    hex.slice(16, 24),
    hex.slice(24, 28),
    hex.slice(28, 32),
    hex.slice(32, 36),
    hex.slice(36),
  ]
  return [...parts, '000000'].join('-')
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** SES's ids have 60 characters. A longer one would leave no room for the rest. */
const idWordOf = (feedbackId: string): string => (feedbackId.length <= 60 ? wordOf(feedbackId) : digestOf(feedbackId))

const isWord = /^[\x21-\x7e]{1,60}$/

/** One word of printable ASCII, without the space that separates words. */
function wordOf(text: string): string {
  if (isWord.test(text)) return text
  return printableOf(text.slice(0, 240)).replaceAll(' ', '_').slice(0, 60) || '-'
}

/** The server's answer without the name of the protocol, the status (a word of its own) and any address. */
function answerOf({ status, diagnostic = '' }: Evidence): string {
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
