/**
 * One scheduled run of the reconcile: first the suppressions that have expired, then the projects that are due.
 *
 * A run stops when its time is up, and the next one continues. A failure of one customer's account is an outcome and does not stop the run.
 */
import { concurrently } from '../concurrently.ts'
import { type Connection, requireUsable } from '../projects/connection.ts'
import type { Project } from '../projects/project.ts'
import type { Target, VerdictApplier } from './apply-verdict.ts'
import { accountFailureOf } from './classify-failure.ts'
import type { ExpiredSuppressions } from './expired-suppressions.ts'
import type { Expiry } from './expiry.ts'
import type { OutOfSync } from './out-of-sync.ts'
import type { ReconcileSlice } from './reconcile.ts'
import type { ReconcileStates } from './reconcile-state.ts'
import { dueReasonOf, dueReasons } from './schedule.ts'

type Dependencies = {
  readonly projects: () => Promise<readonly Project[]>
  readonly connections: () => AsyncIterable<Connection>
  readonly states: Pick<ReconcileStates, 'all'>
  readonly expired: ExpiredSuppressions
  readonly outOfSync: OutOfSync
  readonly applier: VerdictApplier
  readonly listOf: (connection: Target['connection']) => Target['list']
  readonly reconcile: (request: { id: string; preview: false; until: Date }) => Promise<ReconcileSlice>
  readonly now: () => Date
}

/** `outcome` is the text for the log. `address` is set for an expired suppression. */
export type RunOutcome = { readonly project: string; readonly address?: string; readonly outcome: string }

const projectsAtOnce = 8

export function createScheduledRun(deps: Dependencies) {
  const { projects, connections, states, expired, now } = deps

  async function applyExpired(
    until: Date,
    projectsById: ReadonlyMap<string, Project>,
    connectionsByProject: ReadonlyMap<string, Connection>,
    report: (outcome: RunOutcome) => void,
  ): Promise<void> {
    for await (const expiry of expired.listDue(now())) {
      if (now() >= until) return
      const { project, address } = expiry
      const outcome = await applyExpiry(deps, expiry, projectsById.get(project), connectionsByProject.get(project))
      await expired.remove(expiry)
      report({ project, address, outcome })
    }
  }

  async function reconcileDue(
    until: Date,
    projectsById: ReadonlyMap<string, Project>,
    connectionsByProject: ReadonlyMap<string, Connection>,
    report: (outcome: RunOutcome) => void,
  ): Promise<void> {
    const stateByProject = await states.all()
    const due = [...projectsById.values()].flatMap((project) => {
      const connection = connectionsByProject.get(project.id)
      if (connection?.state !== 'proven' || !connection.features.includes('suppression')) return []
      const reason = dueReasonOf(project, connection, stateByProject.get(project.id) ?? {}, now())
      return reason ? [{ id: project.id, reason }] : []
    })
    const mostUrgentFirst = due.sort((a, b) => dueReasons.indexOf(a.reason) - dueReasons.indexOf(b.reason))
    await concurrently(mostUrgentFirst, projectsAtOnce, async ({ id, reason }) => {
      if (now() < until) report({ project: id, outcome: `${reason}: ${await reconcileOutcome(deps, id, until)}` })
    })
  }

  /** @param report is called once for each expired suppression and each reconciled project */
  return async (until: Date, report: (outcome: RunOutcome) => void): Promise<void> => {
    const projectsById = new Map((await projects()).map((project) => [project.id, project]))
    const connectionsByProject = new Map<string, Connection>()
    for await (const connection of connections()) connectionsByProject.set(connection.project, connection)
    await applyExpired(until, projectsById, connectionsByProject, report)
    if (now() < until) await reconcileDue(until, projectsById, connectionsByProject, report)
  }
}

/** Applies the current verdict, which may be another suppression by now. Idempotent. */
async function applyExpiry(
  { applier, listOf, outOfSync, now }: Dependencies,
  { address }: Expiry,
  project: Project | undefined,
  connection: Connection | undefined,
): Promise<string> {
  // A project that connects later starts with a reconcile.
  if (!project || !connection) return 'ignored: not connected'
  try {
    const usableConnection = requireUsable(project.id, connection)
    const target = { project, connection: usableConnection, list: listOf(usableConnection) }
    return await applier.apply(target, address, await applier.read(project.id, address))
  } catch (error) {
    const failure = accountFailureOf(error)
    if (!failure) throw error
    // One mark per project instead of a retry per address: an account that is gone would fail each of them.
    await outOfSync.mark(project.id, now())
    return `left to the reconcile: ${failure.why}`
  }
}

async function reconcileOutcome({ reconcile }: Dependencies, id: string, until: Date): Promise<string> {
  try {
    const { state, why, counts } = await reconcile({ id, preview: false, until })
    return [state, why, counts && textOf(counts)].filter(Boolean).join(', ')
  } catch (error) {
    const failure = accountFailureOf(error)
    if (!failure) throw error
    return `not now: ${failure.why}`
  }
}

/** The counts above zero: `3 there 1 lifted`. */
const textOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []))
    .join(' ')
