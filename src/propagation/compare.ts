/**
 * One entry of the account list against what we know of that address: who is right, by reason and time. Pure.
 *
 * docs/decisions/0112-two-lists-one-truth.md has the table.
 */
import { type AddressRecord, judge, type Verdict } from '../suppression/judge.ts'
import { defaultRules, type SuppressionRules } from '../suppression/rules.ts'
import { type AccountEntry, type AccountReason, wantedEntry } from './account-entry.ts'

export type Comparison =
  | { readonly what: 'in step' }
  /** Ours is weightier: the entry gets our reason. */
  | { readonly what: 'correct there'; readonly reason: AccountReason }
  /** Ours is cleared, and later than the entry or because of what the entry rests on. */
  | { readonly what: 'lift there' }
  /** We know nothing that explains the entry: it becomes ours, with its time. */
  | { readonly what: 'adopt' }
  /** Both stand, and say different things. */
  | { readonly what: 'conflict'; readonly why: string }

/** SES's times and ours for the same event differ by minutes. */
const slackMs = 60 * 60_000

export function compare(entry: AccountEntry, record: AddressRecord, rules: SuppressionRules, now: Date): Comparison {
  const verdict = judge(record, rules, now)
  const wanted = wantedEntry(verdict, record)
  if (wanted === entry.reason) return { what: 'in step' }
  if (wanted === 'COMPLAINT') return { what: 'correct there', reason: wanted }
  if (wanted === 'BOUNCE') return { what: 'conflict', why: 'a complaint there, none here' }
  const { reinstated } = record
  if (reinstated && reinstated.at >= entry.at) return { what: 'lift there' }
  return isExplained(entry, record, rules) ? { what: 'lift there' } : { what: 'adopt' }
}

/**
 * Whether what we knew when the entry was made would have put it there: then we have cleared it since, by time, by a not-spam report or by
 * other rules.
 */
function isExplained({ at }: AccountEntry, record: AddressRecord, rules: SuppressionRules): boolean {
  const then = new Date(at.getTime() + slackMs)
  const known: AddressRecord = {
    evidence: record.evidence.filter((piece) => piece.at <= then),
    ...(record.manual && record.manual.at <= then && { manual: record.manual }),
    ...(record.reinstated && { reinstated: record.reinstated }),
  }
  const wasSuppressed = (verdict: Verdict) => verdict.state === 'suppressed'
  return [rules, defaultRules].some((some) => wasSuppressed(judge(known, some, at)))
}
