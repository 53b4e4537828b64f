/**
 * The turn of one project in a scheduled run: first its suppressions that have expired, then its reconcile, until its share of the time is
 * used up.
 *
 * A failure of the customer's account ends the turn: no further call is made to that account in this run, so an account that is gone costs one
 * call and not one per address.
 */
import { type Connection, NotConnectedError, requireUsable, type UsableConnection } from '../projects/connection.ts'
import type { Project } from '../projects/project.ts'
import type { AccountList, ListTarget } from './account-list.ts'
import type { Target, VerdictApplier } from './apply-verdict.ts'
import { type AccountFailure, accountFailureOf } from './classify-failure.ts'
import type { ExpiredSuppressions } from './expired-suppressions.ts'
import type { OutOfSync } from './out-of-sync.ts'
import type { ReconcileSlice } from './reconcile.ts'
import type { ReconcileStates } from './reconcile-state.ts'
import { type DueReason, dueReasonOf } from './schedule.ts'

export type TurnDependencies = {
  readonly projects: { find(project: string): Promise<Project | undefined> }
  readonly connections: { find(project: string): Promise<Connection | undefined> }
  readonly states: Pick<ReconcileStates, 'find'>
  readonly expired: Pick<ExpiredSuppressions, 'listDue' | 'remove'>
  readonly outOfSync: OutOfSync
  readonly applier: Pick<VerdictApplier, 'apply' | 'read'>
  readonly listOf: (connection: ListTarget) => AccountList
  readonly reconcile: (request: { id: string; preview: false; until: Date }) => Promise<ReconcileSlice>
  readonly now: () => Date
}

/** `outcome` is the text for the log. `address` is set for an expired suppression. */
export type RunOutcome = { readonly project: string; readonly address?: string; readonly outcome: string }

/**
 * What becomes of the project. `done`: nothing is left. `again`: its share was used up, and work is left. `later`: its account or another
 * reconcile prevents the work for now.
 */
export type TurnResult = 'done' | 'again' | 'later'

/** With more expiries than this, a project is reconciled as a whole: that takes one call per thousand entries instead of four per address. */
const maxExpiries = 100
/** Expiries that one request reads and removes after the project was marked. */
const expiryPage = 1_000

export function createProjectTurn(deps: TurnDependencies) {
  const { projects, connections, states, now } = deps

  return async (id: string, until: Date, report: (outcome: RunOutcome) => void): Promise<TurnResult> => {
    const [project, connection] = [await projects.find(id), await connections.find(id)]
    // A project that connects later starts with a reconcile.
    if (!project || !connection) return 'done'
    const usable = usableOr(project, connection)
    if (usable === 'not connected') return 'done'
    const expiries = await applyExpired(deps, project, usable, until, report)
    if (expiries !== 'done') return expiries
    // A quarantined connection is due again when a proof restores it.
    if ('kind' in usable || !usable.features.includes('suppression')) return 'done'
    const reason = dueReasonOf(project, usable, await states.find(id), now())
    return reason ? reconcileProject(deps, id, reason, until, report) : 'done'
  }
}

function usableOr(project: Project, connection: Connection): UsableConnection | AccountFailure | 'not connected' {
  try {
    return requireUsable(project.id, connection)
  } catch (error) {
    if (error instanceof NotConnectedError) return 'not connected'
    const failure = accountFailureOf(error)
    if (failure) return failure
    throw error
  }
}

/** Applies the current verdicts, which may be other suppressions by now. Idempotent. */
async function applyExpired(
  deps: TurnDependencies,
  project: Project,
  usable: UsableConnection | AccountFailure,
  until: Date,
  report: (outcome: RunOutcome) => void,
): Promise<TurnResult> {
  const { applier, expired, listOf, now } = deps
  const due = await expired.listDue(project.id, now(), maxExpiries + 1)
  if (due.length === 0) return 'done'
  if ('kind' in usable) return leaveToReconcile(deps, project.id, usable.why, until, report)
  if (due.length > maxExpiries) return leaveToReconcile(deps, project.id, 'many expired at once', until, report)
  const target: Target = { project, connection: usable, list: listOf({ ...usable, tenant: project.tenant }) }
  for (const expiry of due) {
    if (now() >= until) return 'again'
    const { address } = expiry
    try {
      const outcome = await applier.apply(target, address, await applier.read(project.id, address))
      report({ project: project.id, address, outcome })
    } catch (error) {
      const failure = accountFailureOf(error)
      if (!failure) throw error
      await leaveToReconcile(deps, project.id, failure.why, until, report)
      return 'later'
    }
    await expired.remove([expiry])
  }
  return 'done'
}

/** Marks the project as out of sync and removes its due expiries: the reconcile compares every address. Idempotent. */
async function leaveToReconcile(
  { expired, outOfSync, now }: TurnDependencies,
  project: string,
  why: string,
  until: Date,
  report: (outcome: RunOutcome) => void,
): Promise<TurnResult> {
  await outOfSync.mark(project, now())
  for (let removed = 0; ; ) {
    const due = await expired.listDue(project, now(), expiryPage)
    await expired.remove(due)
    removed += due.length
    const isLast = due.length < expiryPage
    if (!isLast && now() < until) continue
    report({ project, outcome: `left to the reconcile: ${why}, ${removed} expired` })
    return isLast ? 'done' : 'again'
  }
}

async function reconcileProject(
  { reconcile }: TurnDependencies,
  id: string,
  reason: DueReason,
  until: Date,
  report: (outcome: RunOutcome) => void,
): Promise<TurnResult> {
  try {
    const { state, why, counts } = await reconcile({ id, preview: false, until })
    const text = [state, why, counts && textOf(counts)].filter(Boolean).join(', ')
    report({ project: id, outcome: `${reason}: ${text}` })
    if (state === 'going on') return 'again'
    return state === 'busy' || state === 'stopped' ? 'later' : 'done'
  } catch (error) {
    const failure = accountFailureOf(error)
    if (!failure) throw error
    report({ project: id, outcome: `${reason}: not now: ${failure.why}` })
    return 'later'
  }
}

/** The counts above zero: `3 there 1 lifted`. */
const textOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []))
    .join(' ')
