/**
 * Reads a receiver's reply, as SES copies it into `diagnosticCode`: reply code, enhanced status codes and words. Pure.
 *
 *     smtp; 550-5.1.1 <jane@example.com>… User
 *     550 5.1.1 unknown                            → reply 550, codes 5.1.1, words "… user unknown"
 *
 * Nothing depends on case, blanks, line ends or hyphens: `550-5.1.1` continues a reply, and servers write `over-quota` as well as `over quota`.
 */
import { type TextGroup, textGroups } from './reply-text.ts'

export type Reply = {
  /** The SMTP reply code, such as 550. */
  readonly code?: number
  /** Enhanced status codes in their order. The first stands right after the reply code, if any does. */
  readonly statuses: readonly string[]
  /** The words of the reply, normalised. Empty if there are none. */
  readonly words: string
}

/** No reply has more; a longer text is not read to its end. */
const maxLength = 2_000

/**
 * Demands class 2, 4 or 5 and exactly three numbers, so that neither an IPv4 address nor the version of a program is read as a status.
 */
const status = /(?<![\w./])[245]\.(?:0|[1-9]\d{0,2})\.(?:0|[1-9]\d{0,2})(?![\w]|\.\d)/g
const wholeStatus = /^[245]\.(?:0|[1-9]\d{0,2})\.(?:0|[1-9]\d{0,2})$/
const leadingReply = /^([245]\d\d)(?![\w.])/
/** A reply within a report: `host mx.example.com said: 550 5.1.1 …`, `Unknown address error 550-'5.1.1 …'`. */
const quotedReplies = [/(?<![\w.])([45]\d\d) '?(?=[245]\.\d{1,3}\.\d)/, /\bsaid: ?([45]\d\d)(?![\w.])/]
const hostName = /\b(?:https?:\/\/\S+|\d{1,3}(?:\.\d{1,3}){3}|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})\b/g

export const isStatus = (text: string): boolean => wholeStatus.test(text)

/** @param diagnostic as SES gives it, with the type before the semicolon; or what is stored of it */
export function readReply(diagnostic: string): Reply {
  const text = normalise(diagnostic)
  const [, leading] = leadingReply.exec(text) ?? quotedReplies.map((quoted) => quoted.exec(text)).find(Boolean) ?? []
  const statuses = text.match(status) ?? []
  return { ...(leading && { code: Number(leading) }), statuses, words: wordsOf(text, leading, statuses[0]) }
}

/** The last reply in a message about an expired delivery: `Message expired: unable to deliver in 840 minutes.<421 4.4.1 …>`. */
export function readLastReply(diagnostic: string): Reply | undefined {
  const start = /<\s*[245]\d\d[ -]/.exec(diagnostic.slice(0, maxLength))
  return start ? readReply(diagnostic.slice(start.index + 1, maxLength).replace(/>\s*$/, '')) : undefined
}

/** The first group of texts that the words belong to, and the piece that matched. */
export function textGroupOf({ words }: Reply): { readonly group: TextGroup; readonly piece: string } | undefined {
  const withoutHosts = words.replaceAll(hostName, ' ').replaceAll(/ {2,}/g, ' ')
  for (const group of textGroups) {
    const piece =
      group.pieces.find((candidate) => withoutHosts.includes(candidate)) ??
      group.patterns?.map((pattern) => pattern.exec(withoutHosts)?.[0]).find(Boolean) ??
      group.hosts?.find((candidate) => words.includes(candidate))
    if (piece !== undefined) return { group, piece }
  }
  return undefined
}

function normalise(diagnostic: string): string {
  return diagnostic
    .slice(0, maxLength)
    .toLowerCase()
    .replaceAll('<crlf>', ' ')
    .replaceAll(/[^\x21-\x7e]+/g, ' ')
    .trim()
    .replace(/^(?:[sl]mtp|dns|dsn|unix|rfc822|x-?[a-z0-9-]*) ?; ?/, '')
    .split(' ')
    .filter((word) => !word.includes('@'))
    .join(' ')
    .replaceAll('-', ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim()
}

/** A reply of several lines repeats its codes in each, in the middle of a sentence. */
function wordsOf(text: string, reply: string | undefined, code: string | undefined): string {
  if (reply === undefined) return text
  const repeated = new RegExp(
    `(?<![\\w.])${reply}(?: ${(code ?? '').replaceAll('.', '\\.')}(?![\\w.]))?(?![\\w.])`,
    'g',
  )
  return text.replaceAll(repeated, ' ').replaceAll(/ {2,}/g, ' ').trim()
}
