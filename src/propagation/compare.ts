/**
 * Compares one entry of the account list with what the suppression list knows of the address, by reason and time. Pure.
 *
 * docs/design/propagation.md#how-are-the-two-lists-reconciled has the table.
 */
import { type Evidence, isListedBySes } from '../suppression/evidence.ts'
import { type AddressRecord, judge } from '../suppression/judge.ts'
import { defaultRules, type SuppressionRules } from '../suppression/rules.ts'
import { type AccountEntry, type AccountReason, wantedReasonOf } from './account-entry.ts'

export type Comparison =
  /** Both lists agree. */
  | { readonly what: 'in step' }
  /** Our reason is more serious: put it on the account list. */
  | { readonly what: 'correct there'; readonly reason: AccountReason }
  /** The address is clear here, since the entry was made or because its cause no longer suppresses: remove the entry. */
  | { readonly what: 'lift there' }
  /** Nothing here explains the entry: import it, with its time. */
  | { readonly what: 'adopt' }
  /** Both lists suppress the address for different reasons: change neither, report the conflict. */
  | { readonly what: 'conflict'; readonly why: string }

/** The times that SES and Sesame store for the same event differ by minutes. */
const toleranceMs = 60 * 60_000

export function compare(entry: AccountEntry, record: AddressRecord, rules: SuppressionRules, now: Date): Comparison {
  const verdict = judge(record, rules, now)
  const wanted = wantedReasonOf(verdict, record)
  if (wanted === entry.reason) return { what: 'in step' }
  if (wanted === 'COMPLAINT') return { what: 'correct there', reason: wanted }
  if (wanted === 'BOUNCE') return { what: 'conflict', why: 'a complaint on the account list only' }
  const { reinstated } = record
  if (reinstated && reinstated.at >= entry.at) return { what: 'lift there' }
  return isExplained(entry, record, rules) ? { what: 'lift there' } : { what: 'adopt' }
}

/**
 * Whether the evidence from before the entry would have suppressed the address. If so, the address was cleared since: by time, by a
 * not-spam report or by other rules. Or whether SES made the entry because of a bounce that it calls permanent and that proves nothing
 * against the address: a block, for example.
 */
function isExplained({ at, reason }: AccountEntry, record: AddressRecord, rules: SuppressionRules): boolean {
  const latest = new Date(at.getTime() + toleranceMs)
  const isOfSameTime = (piece: Evidence) => Math.abs(piece.at.getTime() - at.getTime()) <= toleranceMs
  if (reason === 'BOUNCE' && record.evidence.some((piece) => isListedBySes(piece) && isOfSameTime(piece))) return true
  const known: AddressRecord = {
    evidence: record.evidence.filter((piece) => piece.at <= latest),
    ...(record.manual && record.manual.at <= latest && { manual: record.manual }),
    ...(record.reinstated && { reinstated: record.reinstated }),
  }
  return [rules, defaultRules].some((candidate) => judge(known, candidate, latest).state === 'suppressed')
}
