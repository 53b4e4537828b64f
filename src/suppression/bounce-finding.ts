/**
 * What a bounce says about one recipient: the order in which SES's label, the action, the codes and the words of the reply decide. Pure.
 *
 * A wrong `hard` lasts for ever and hits everybody at a provider on the same bad day; a wrong `soft` costs two more mails. So `hard` needs a statement
 * about the address, or SES's word with nothing that contradicts it. docs/design/suppression.md#who-decides-what-a-bounce-means
 */
import type { EvidenceKind } from './evidence-kinds.ts'
import { isStatus, type Reply, readLastReply, readReply, textGroupOf } from './read-reply.ts'
import { hardening, type TextGroup, vagueCodes } from './reply-text.ts'
import { type About, type CodeRow, codeRows, defaultRows, type Effect, replyRows } from './status-codes.ts'
import { subTypeRows } from './sub-types.ts'

/** The facts about one bounced recipient. */
export type BounceFacts = {
  readonly type: string
  readonly subType: string
  readonly action?: string | undefined
  readonly status?: string | undefined
  readonly diagnostic?: string | undefined
}

/** `code` and `text` are what decided: an enhanced status code or a reply code, and a piece of the reply. */
export type BounceFinding = {
  readonly kind: EvidenceKind
  readonly code?: string
  readonly text?: string
}

/** RFC 3464: any other action says that delivery did not fail, or not yet. */
const notFailed = new Set(['delayed', 'relayed', 'delivered', 'expanded'])

const subTypes = new Map(subTypeRows.map((row) => [row.subType, row.decides]))

export function bounceFindingOf(facts: BounceFacts): BounceFinding {
  const bySubType = subTypes.get(facts.subType)
  const hasFailed = !notFailed.has(facts.action?.trim().toLowerCase() ?? '')
  switch (bySubType) {
    case undefined:
      return hasFailed ? findingOfReply(facts) : { kind: 'delayed' }
    case 'soft':
    case 'global-list':
      return { kind: hasFailed ? bySubType : 'delayed' }
    case 'hard': {
      if (!hasFailed) return { kind: 'delayed' }
      const finding = findingOfReply(facts)
      return finding.kind === 'blocked' || finding.kind === 'message' ? finding : { kind: hardKindOf(facts) }
    }
    default:
      return { kind: bySubType }
  }
}

type Opinion = { readonly effect: Effect; readonly about: About; readonly code?: string; readonly text?: string }

function findingOfReply(facts: BounceFacts): BounceFinding {
  const { type, subType, status = '', diagnostic = '' } = facts
  const reply = readReply(diagnostic)
  const opinion = opinionOf(facts, reply)
  if (opinion) {
    const { code, text } = opinion
    return { kind: kindOf(opinion, facts), ...(code && { code }), ...(text && { text }) }
  }
  if (type === 'Permanent') return { kind: 'hard' }
  if (reply.words !== '') return { kind: 'soft' }
  return { kind: type === 'Transient' && subType === 'General' && status === '' ? 'automatic-reply' : 'unclear' }
}

/** `undefined` if neither a code nor the words of the reply say anything. */
function opinionOf({ type, status, diagnostic = '' }: BounceFacts, reply: Reply): Opinion | undefined {
  const isPermanent = type === 'Permanent'
  const code = decidingCode(status, reply)
  if (code && isExpired(code)) return opinionOfExpired(diagnostic, code, reply)
  const replyCode = reply.code ?? (/^[245]\d\d$/.test(status ?? '') ? Number(status) : undefined)
  const isTemporary = (replyCode !== undefined && replyCode < 500) || code?.startsWith('4.') === true
  const isRefusal = !isTemporary && (replyCode !== undefined || code?.startsWith('5.') === true)
  // A temporary reply beside a permanent label or code: one of them is wrong, and the milder counts.
  const isFinal = isPermanent && !isTemporary
  const byCode = code ? opinionOfCodes(code, reply, isFinal) : opinionOfReplyCode(replyCode, isFinal)
  const base = byCode && isTemporary ? atMostSoft(byCode) : byCode
  const byText = opinionOfText(reply, isFinal)
  if (!byText) return base
  const { group, ...opinion } = byText
  const words = isTemporary ? atMostSoft(opinion) : opinion
  if (!base) return isPermanent ? words : atMostSoft(words)
  const withCode = { ...words, ...(code && { code }) }
  if (rank[words.effect] < rank[base.effect]) return withCode
  const mayHarden = isRefusal && hardening.has(group) && (code === undefined || isVague(code))
  return rank[words.effect] > rank[base.effect] && mayHarden ? withCode : base
}

/**
 * The status of SES, unless it is generic and the reply has a specific one. A class 4 code in the reply is not made class 5 by a filler.
 * Without a status, the first code of the reply.
 */
function decidingCode(status: string | undefined, { statuses }: Reply): string | undefined {
  const expired = statuses.slice(0, 1).find(isExpired)
  if (expired) return expired
  if (status === undefined || !isStatus(status)) return statuses.find((one) => !isGeneric(one)) ?? statuses[0]
  if (!isGeneric(status)) return status
  return statuses.find((one) => !isGeneric(one) && (one[0] === status[0] || one[0] === '4')) ?? status
}

/** Of two specific codes, SES's and the one in the reply, the milder: a relay may have written its own over the remote one. */
function opinionOfCodes(code: string, { statuses }: Reply, isPermanent: boolean): Opinion {
  const [own, remote] = [code, statuses.find((one) => !isGeneric(one)) ?? code].map((one) =>
    opinionOfCode(one, isPermanent),
  )
  if (!own) return { effect: 'none', about: 'nothing', code }
  return remote && rank[remote.effect] < rank[own.effect] ? remote : own
}

function opinionOfCode(code: string, isPermanent: boolean): Opinion {
  if (code.startsWith('2.')) return { effect: 'none', about: 'nothing', code }
  const [, about, effects] = rowOf(code)
  return { effect: effectAt(effects, code.startsWith('4.') ? 2 : isPermanent ? 0 : 1), about, code }
}

function opinionOfReplyCode(reply: number | undefined, isPermanent: boolean): Opinion | undefined {
  if (reply === undefined) return undefined
  const row = replyRows.find(([replies]) => replies.split(' ').includes(String(reply)))
  const code = String(reply)
  if (!row) return { effect: reply < 400 ? 'none' : 'soft', about: 'nothing', code }
  return { effect: effectAt(row[2], isPermanent ? 0 : 1), about: row[1], code }
}

/** Delivery was given up after hours. It was the receiver's fault unless the last reply was about us. */
function opinionOfExpired(diagnostic: string, code: string, whole: Reply): Opinion {
  const last = readLastReply(diagnostic) ?? { ...whole, statuses: whole.statuses.filter((one) => !isExpired(one)) }
  const [inner] = last.statuses
  const byText = opinionOfText(last, false)
  const temporary = inner && opinionOfCode(inner.replace(/^5/, '4'), false)
  const [milder] = [byText, temporary]
    .filter((one) => one !== undefined && one !== '')
    .toSorted((a, b) => rank[a.effect] - rank[b.effect])
  if (milder?.effect !== 'none') return { effect: 'soft', about: 'system', code }
  return { effect: 'none', about: milder.about, code: milder.code ?? code, ...(milder.text && { text: milder.text }) }
}

function opinionOfText(
  reply: Reply,
  isPermanent: boolean,
): (Opinion & { readonly group: TextGroup['name'] }) | undefined {
  const found = textGroupOf(reply)
  if (!found) return undefined
  const { name: group, about, effects } = found.group
  return { effect: effects[isPermanent ? 0 : 1], about, text: found.piece, group }
}

const rank: Record<Effect, number> = { none: 0, soft: 1, hard: 2 }
const atMostSoft = (opinion: Opinion): Opinion => (opinion.effect === 'hard' ? { ...opinion, effect: 'soft' } : opinion)
const letters: Readonly<Record<string, Effect>> = { H: 'hard', S: 'soft', '-': 'none' }
const effectAt = (effects: string, column: 0 | 1 | 2): Effect => letters[effects[column] ?? '-'] ?? 'none'

const isExpired = (code: string) => code.endsWith('.4.7')
const isGeneric = (code: string) => /^.\.(?:0\.0|[1-5]\.0)$/.test(code)
const isVague = (code: string) => vagueCodes.has(code) || /^5\.(?:[89]|\d{2,3})\./.test(code)

function kindOf({ effect, about }: Opinion, facts: BounceFacts): EvidenceKind {
  if (effect === 'hard') return hardKindOf(facts)
  if (effect === 'soft') return 'soft'
  if (about === 'message') return 'message'
  return about === 'us' || about === 'policy' || about === 'system' ? 'blocked' : 'unclear'
}

const hardKindOf = ({ type }: BounceFacts): EvidenceKind => (type === 'Permanent' ? 'hard' : 'rejected')

const [rowsByCode, ranges] = [new Map<string, CodeRow>(), new Map<string, CodeRow[]>()]
for (const row of codeRows) {
  const [code] = row
  if (code.includes('-')) ranges.set(code.slice(0, 4), [...(ranges.get(code.slice(0, 4)) ?? []), row])
  else rowsByCode.set(code, row)
}

/** The row of a code: its own, the range that it is in, or the default of its subject. */
export function rowOf(code: string): CodeRow {
  const [, subject = '', detail = ''] = code.split('.')
  const own = rowsByCode.get(code) ?? rowsByCode.get(`X.${subject}.${detail}`)
  if (own) return own
  const range = ranges.get(`X.${subject}.`)?.find(([written]) => {
    const [from = 0, to = 0] = (written.split('.')[2] ?? '').split('-').map(Number)
    return from <= Number(detail) && Number(detail) <= to
  })
  return range ?? defaultRows.find(([row]) => row === `X.${subject}.n`) ?? unknownSubject
}

const unknownSubject: CodeRow = defaultRows.at(-1) ?? ['X.n.n', 'nothing', 'HSS', 'a subject that is not defined']
