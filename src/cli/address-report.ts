/**
 * What is known about one address, in words: the verdict, its evidence, and who ruled.
 */

import type { Verdict } from '../suppression/judge.ts'
import type { PastRuling } from '../suppression/stored-ruling.ts'
import { alignedRows, columnWidthsOf, minuteOf } from './columns.ts'
import { wrapped } from './text-width.ts'

export type AddressReport = {
  readonly project: string
  readonly address: string
  readonly verdict: Verdict
  readonly rulings: readonly PastRuling[]
  /** When the address was erased, if a hash of it refuses mail. */
  readonly erasedAt?: Date
}

/** One ruling as a clause: `suppressed by alice: asked by phone`. */
export const rulingText = ({ decision, by, why }: PastRuling): string =>
  `${decision === 'suppress' ? 'suppressed' : 'reinstated'} by ${by}${why ? `: ${why}` : ''}`

/** The evidence, each kind and cause once. */
export const evidenceText = ({ evidence }: Verdict): string => {
  const texts = evidence.map(({ kind, cause }) => `${kind} ${cause}`)
  return [...Map.groupBy(texts, (text) => text)]
    .map(([text, { length }]) => (length > 1 ? `${text} ×${length}` : text))
    .join(', ')
}

export const reasonText = (verdict: Verdict): string =>
  verdict.state === 'clear' ? '' : verdict.uncertain ? `${verdict.reason} (uncertain)` : verdict.reason

/** @param width columns of the terminal */
export function addressReportText(
  { project, address, verdict, rulings, erasedAt }: AddressReport,
  width?: number,
): string {
  const evidence = verdict.evidence.map(({ at, kind, cause, status, diagnostic }) => [
    'evidence',
    minuteOf(at),
    [kind, cause, status, diagnostic].filter(Boolean).join(' '),
  ])
  const rows = [...evidence, ...rulings.map((ruling) => ['ruling', minuteOf(ruling.at), rulingText(ruling)])].map(
    (row) => ['', ...row],
  )
  const details = rows.length === 0 ? [] : [alignedRows(rows, columnWidthsOf(rows, width))]
  const state = erasedAt
    ? `erased from ${project} at ${minuteOf(erasedAt)} UTC. A hash of the address refuses mail until it is reinstated.`
    : `${sentenceOf(project, verdict)}${echoNote(verdict, rulings)}`
  const sentence = `${address}: ${state}`
  return [...(width === undefined ? [sentence] : wrapped(sentence, width)), ...details].join('\n')
}

function sentenceOf(project: string, verdict: Verdict): string {
  if (verdict.state === 'clear')
    return `may be mailed by ${project}.${verdict.evidence.length === 0 ? ' There is no evidence against it.' : ' The evidence does not suppress it.'}`
  const until = verdict.until ? `until ${minuteOf(verdict.until)} UTC` : 'until it is reinstated'
  return `suppressed in ${project} since ${minuteOf(verdict.since)} UTC, ${until}. Reason: ${reasonText(verdict)}.`
}

/**
 * SES itself stops mail to the address, which the verdict does not say. Without a connection to the account, nothing else can know it. A later
 * reinstatement takes the address off that list.
 */
function echoNote({ state, evidence }: Verdict, rulings: readonly PastRuling[]): string {
  if (state === 'suppressed') return ''
  const reinstated = rulings.filter(({ decision }) => decision === 'reinstate').at(-1)
  const echo = evidence.filter(({ kind, at }) => kind === 'echo' && !(reinstated && reinstated.at >= at)).at(-1)
  if (!echo) return ''
  const list = echo.cause.includes('Tenant') ? 'the suppression list of a tenant' : "the account's own suppression list"
  return ` But SES sent nothing at ${minuteOf(echo.at)} UTC, because ${list} had it.`
}
