/**
 * The outcome of an address's soft bounces, in one attribute of its item. The bounces themselves are in items of their own, so with this
 * attribute a reader of many addresses needs one item for each.
 *
 *     softOutcome   2026-03-03T10:00:00.000Z 2026-03-01T10:00:00.000Z 2026-03-03T10:00:00.000Z
 *
 * The texts sort by the last bounce, so the greatest text is the latest outcome, in whichever order they are written.
 */
import { dayMs } from '../time.ts'
import type { Verdict } from './judge.ts'
import type { SuppressionRules } from './rules.ts'

export const softOutcomeAttribute = 'softOutcome'

export type SoftOutcome = {
  /** The last bounce that completed the required number of days. */
  readonly last: Date
  /** The first of the bounces that it completed. A reinstatement at this time or later voids the outcome. */
  readonly first: Date
  /** Since when the address is suppressed. */
  readonly since: Date
}

/** `undefined` if soft bounces do not suppress the address. */
export function softOutcomeOf(verdict: Verdict, rules: SuppressionRules): SoftOutcome | undefined {
  if (verdict.state === 'clear' || rules.softBounces === 'ignore') return undefined
  const { onDays, suppressForDays } = rules.softBounces
  const ground = verdict.grounds.find(({ reason, evidence }) => reason === 'soft bounces' && evidence.length > 0)
  const last = ground?.until && new Date(ground.until.getTime() - suppressForDays * dayMs)
  if (!ground || !last) return undefined
  const times = ground.evidence.map(({ at }) => at).sort((a, b) => a.getTime() - b.getTime())
  const index = times.findLastIndex((at) => at.getTime() === last.getTime())
  const first = times[index - onDays + 1]
  return first && { last, first, since: ground.since }
}

export const softOutcomeTextOf = ({ last, first, since }: SoftOutcome): string =>
  [last, first, since].map((time) => time.toISOString()).join(' ')

/** `undefined` if the text is not an outcome. */
export function readSoftOutcome(text: string | undefined): SoftOutcome | undefined {
  const [last, first, since] = (text ?? '').split(' ').map((word) => new Date(word))
  if (!last || !first || !since || [last, first, since].some((time) => Number.isNaN(time.getTime()))) return undefined
  return { last, first, since }
}

/** When the suppression ends by the present rules; `undefined` if it is not in force. */
export function softUntil(
  outcome: SoftOutcome | undefined,
  reinstatedAt: Date | undefined,
  rules: SuppressionRules,
  now: Date,
): Date | undefined {
  if (!outcome || rules.softBounces === 'ignore' || (reinstatedAt && reinstatedAt >= outcome.first)) return undefined
  const until = new Date(outcome.last.getTime() + rules.softBounces.suppressForDays * dayMs)
  return until > now ? until : undefined
}
