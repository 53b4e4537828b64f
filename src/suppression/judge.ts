/**
 * Evidence, rulings, rules, now → verdict. Pure, and independent of the order of the evidence.
 */

import { dayMs } from '../time.ts'
import type { Evidence } from './evidence.ts'
import type { EvidenceKind } from './evidence-kinds.ts'
import { isFuture } from './future.ts'
import { importedOf, importReasonOf } from './import-ruling.ts'
import type { SuppressionRules } from './rules.ts'

export type SuppressionReason = 'complaint' | 'hard bounce' | 'manual' | 'soft bounces'

/** A decision by a person or an import. */
export type Ruling = { readonly at: Date; readonly by: string; readonly why: string }

/** Everything that is stored about an address. */
export type AddressRecord = {
  readonly evidence: readonly Evidence[]
  /** The latest ruling to suppress. */
  readonly manual?: Ruling
  /** The latest ruling to reinstate. Evidence and rulings that are not newer do not count. */
  readonly reinstated?: Ruling
}

/** One reason in force, with its evidence. */
export type Ground = {
  readonly reason: SuppressionReason
  readonly since: Date
  readonly until?: Date
  readonly evidence: readonly Evidence[]
}

export type Verdict =
  | { readonly state: 'clear'; readonly evidence: readonly Evidence[] }
  | {
      readonly state: 'suppressed'
      /** Reason of the most serious ground. */
      readonly reason: SuppressionReason
      readonly since: Date
      /** Expiry; absent if the address stays suppressed until it is reinstated. */
      readonly until?: Date
      /** Whether the only evidence is complaints that name several recipients. */
      readonly uncertain: boolean
      readonly grounds: readonly Ground[]
      readonly evidence: readonly Evidence[]
    }

/** The most serious first. */
const bySeverity: readonly SuppressionReason[] = ['complaint', 'hard bounce', 'manual', 'soft bounces']

/** Evidence and rulings from the future do not count: nothing that has not happened yet overrules the present. */
export function judge(record: AddressRecord, rules: SuppressionRules, now: Date): Verdict {
  const { manual, reinstated } = withoutFuture(record, now)
  const evidence = distinct(record.evidence)
  const counts = after(
    reinstated?.at,
    evidence.filter(({ at }) => !isFuture(at, now)),
  )
  const grounds = [
    complaints(counts, rules),
    hardBounces(counts, rules),
    rulingGround(manual, reinstated, now),
    softBounces(counts, rules, now),
  ]
    .filter((ground) => ground !== undefined)
    .sort((a, b) => bySeverity.indexOf(a.reason) - bySeverity.indexOf(b.reason))
  const [mostSerious] = grounds
  if (!mostSerious) return { state: 'clear', evidence }
  const until = grounds.every((ground) => ground.until) ? mostSerious.until : undefined
  return {
    state: 'suppressed',
    reason: mostSerious.reason,
    since: earliest(grounds.map((ground) => ground.since)),
    ...(until && { until }),
    uncertain: grounds.every(
      (ground) => ground.evidence.length > 0 && ground.evidence.every((e) => e.kind === 'uncertain'),
    ),
    grounds,
    evidence,
  }
}

/** A complaint is in force unless a not-spam report came at the same time or later. */
function complaints(evidence: readonly Evidence[], rules: SuppressionRules): Ground | undefined {
  const cleared = latest(evidence.filter(({ kind }) => kind === 'not-spam'))?.at
  const counting = after(cleared, evidence).filter(
    ({ kind }) =>
      (kind === 'complaint' && rules.complaint === 'suppress') ||
      (kind === 'uncertain' && rules.uncertainComplaint === 'suppress') ||
      (kind === 'report' && rules.machineReport === 'suppress'),
  )
  return ground('complaint', counting)
}

/** A rule counts each kind that it makes stricter whatever `hardBounce` says. */
function hardBounces(evidence: readonly Evidence[], rules: SuppressionRules): Ground | undefined {
  const counts: Partial<Record<EvidenceKind, boolean>> = {
    hard: rules.hardBounce === 'suppress',
    rejected: rules.hardBounce === 'suppress' && rules.rejectedAddress === 'hard',
    'global-list': rules.hardBounce === 'suppress' && rules.globalList === 'hard',
    blocked: rules.blocked === 'suppress',
    guess: rules.validation === 'suppress',
  }
  return ground(
    'hard bounce',
    evidence.filter(({ kind }) => counts[kind]),
  )
}

/** A ruling by a person is a manual suppression. An imported one has the reason that the list gave, and may end by itself. */
function rulingGround(manual: Ruling | undefined, reinstated: Ruling | undefined, now: Date): Ground | undefined {
  if (!manual || (reinstated && reinstated.at >= manual.at)) return undefined
  const imported = importedOf(manual)
  if (!imported) return { reason: 'manual', since: manual.at, evidence: [] }
  const { cause, until } = imported
  if (until && until <= now) return undefined
  return { reason: importReasonOf(cause), since: manual.at, ...(until && { until }), evidence: [] }
}

/** Each bounce that completes the required number of days within the window suppresses for another `suppressForDays`. */
function softBounces(evidence: readonly Evidence[], rules: SuppressionRules, now: Date): Ground | undefined {
  if (rules.softBounces === 'ignore') return undefined
  const { onDays, withinDays, suppressForDays } = rules.softBounces
  const soft = evidence.filter(
    ({ kind }) =>
      kind === 'soft' ||
      (kind === 'rejected' && rules.rejectedAddress === 'soft') ||
      (kind === 'global-list' && rules.globalList === 'soft'),
  )
  const days = [...latestOfDay(soft)].sort(([a], [b]) => a - b)
  const completing = days.flatMap(([number, bounce], i) => {
    const first = days[i - onDays + 1]
    return first && number - first[0] < withinDays
      ? [{ bounce, until: new Date(bounce.at.getTime() + suppressForDays * dayMs) }]
      : []
  })
  const inForce = completing.filter(({ until }) => until > now)
  const [first, last] = [inForce[0], inForce.at(-1)]
  if (!first || !last) return undefined
  return {
    reason: 'soft bounces',
    since: first.bounce.at,
    until: last.until,
    evidence: days.map(([, bounce]) => bounce),
  }
}

const withoutFuture = ({ manual, reinstated }: AddressRecord, now: Date) => ({
  manual: manual && !isFuture(manual.at, now) ? manual : undefined,
  reinstated: reinstated && !isFuture(reinstated.at, now) ? reinstated : undefined,
})

function latestOfDay(evidence: readonly Evidence[]): Map<number, Evidence> {
  const days = new Map<number, Evidence>()
  for (const bounce of evidence) {
    const number = Math.floor(bounce.at.getTime() / dayMs)
    const known = days.get(number)
    if (!known || bounce.at > known.at) days.set(number, bounce)
  }
  return days
}

function ground(reason: SuppressionReason, evidence: readonly Evidence[]): Ground | undefined {
  return evidence.length > 0 ? { reason, since: earliest(evidence.map(({ at }) => at)), evidence } : undefined
}

/** One per feedback id and kind: SES may report one bounce in two dialects. */
function distinct(evidence: readonly Evidence[]): Evidence[] {
  const sortKeyOf = ({ at, kind, feedbackId, cause }: Evidence) => `${at.toISOString()} ${kind} ${feedbackId} ${cause}`
  const inOrder = evidence.toSorted((a, b) => (sortKeyOf(a) < sortKeyOf(b) ? -1 : 1))
  return [...new Map(inOrder.map((one) => [`${one.kind} ${one.feedbackId}`, one])).values()]
}

const after = (time: Date | undefined, evidence: readonly Evidence[]): readonly Evidence[] =>
  time ? evidence.filter(({ at }) => at > time) : evidence
const latest = (evidence: readonly Evidence[]): Evidence | undefined =>
  evidence.toSorted((a, b) => a.at.getTime() - b.at.getTime()).at(-1)
const earliest = (times: readonly Date[]): Date => new Date(Math.min(...times.map((time) => time.getTime())))
