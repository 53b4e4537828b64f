/**
 * Reconciles a project's account list with its suppression list: first the entries of the account list, then the addresses that are missing
 * from it.
 *
 * A reconcile works in slices and saves its progress, so it can stop at any time and continue in another invocation. Each step is
 * idempotent.
 */
import { randomUUID } from 'node:crypto'
import { CallFailedError } from '../access/session/errors.ts'
import { type Connection, requireUsable, type UsableConnection } from '../projects/connection.ts'
import type { Project } from '../projects/project.ts'
import { noSuchProjectError } from '../projects/projects.ts'
import type { createListReader } from '../suppression/read-list.ts'
import type { ErasureMarks } from '../suppression/read-marks.ts'
import type { createRulings } from '../suppression/rule-by-hand.ts'
import type { AccountList, ListTarget } from './account-list.ts'
import { createAddressSet } from './address-set.ts'
import type { VerdictApplier } from './apply-verdict.ts'
import { createEntriesPhase } from './reconcile-entries.ts'
import { createMissingPhase } from './reconcile-missing.ts'
import type { ReconcileCounts, ReconcileRun, ReconcileStates } from './reconcile-state.ts'
import type { ReconcileRequest, ReconcileWork } from './reconcile-work.ts'
import { rulesDigestOf } from './schedule.ts'
import type { TokenBucket } from './token-bucket.ts'

export type ReconcileSlice = {
  /**
   * `going on`: the time is up, ask again. `busy`: another reconcile of the account is running. `skipped`, `stopped`: it cannot be done, and
   * `why` says why.
   */
  readonly state: 'finished' | 'going on' | 'busy' | 'skipped' | 'stopped'
  readonly why?: string
  readonly counts?: ReconcileCounts
}

type Dependencies = {
  readonly projects: { find(project: string): Promise<Project | undefined> }
  readonly connections: { find(project: string): Promise<Connection | undefined> }
  readonly listOf: (connection: ListTarget, waitForTurn: () => Promise<void>) => AccountList
  readonly tokenBucketOf: (connection: UsableConnection) => TokenBucket
  readonly states: ReconcileStates
  readonly suppressions: ReturnType<typeof createListReader>
  readonly rulings: ReturnType<typeof createRulings>
  readonly marks: ErasureMarks
  readonly applier: VerdictApplier
  readonly now: () => Date
}

/** The lease outlasts the slice by this much, which is longer than the longest single step. */
const leaseMarginMs = 60_000

const noCounts: ReconcileCounts = {
  there: 0,
  here: 0,
  'in step': 0,
  suppressed: 0,
  corrected: 0,
  lifted: 0,
  adopted: 0,
  conflicts: 0,
  'not addresses': 0,
  'not removable': 0,
  'not readable': 0,
}

export function createReconcile(deps: Dependencies) {
  const { projects, connections, states, now } = deps
  const reconcilePage = createEntriesPhase(deps)
  const addMissing = createMissingPhase(deps)

  async function continueRun(work: ReconcileWork, begun: ReconcileRun): Promise<ReconcileSlice> {
    let run = begun
    while (run.phase === 'there') {
      const after = now() < work.until ? await reconcilePage(work, run) : undefined
      if (!after) return { state: 'going on', counts: run.counts }
      run = after
    }
    const listed = createAddressSet(await states.readPages(work.id, run))
    const { run: after, done, stopped } = await addMissing(work, run, listed)
    if (stopped !== undefined) return { state: 'stopped', why: stopped, counts: after.counts }
    if (!done) return { state: 'going on', counts: after.counts }
    await finish(work, after)
    return { state: 'finished', counts: after.counts }
  }

  async function finish({ id, preview, connection: { revision }, project }: ReconcileWork, run: ReconcileRun) {
    if (preview) await states.clear(id, 'preview')
    else await states.finish(id, run, { at: run.startedAt, revision, rules: rulesDigestOf(project) })
  }

  async function continueOrRestart(work: ReconcileWork): Promise<ReconcileSlice> {
    const { behind, run, preview } = await states.find(work.id)
    const fresh = newRun(work, behind, now())
    const saved = continuable(work.preview ? preview : run, fresh)
    try {
      return await continueRun(work, saved ?? fresh)
    } catch (error) {
      if (saved?.token === undefined || !isTokenError(error)) throw error
      return await continueRun(work, fresh)
    }
  }

  /**
   * Does one slice of a reconcile, from where the last slice stopped.
   * @throws ProjectSettingsError | NotConnectedError | QuarantinedError | ConnectionError; the progress so far is saved
   */
  return async (request: ReconcileRequest): Promise<ReconcileSlice> => {
    const project = await projects.find(request.id)
    if (!project) throw noSuchProjectError(request.id)
    const connection = requireUsable(project.id, await connections.find(project.id))
    if (!connection.features.includes('suppression'))
      return { state: 'skipped', why: 'the connection leaves suppression out' }
    const leaseUntil = new Date(request.until.getTime() + leaseMarginMs)
    if (!(await states.acquire(connection, now(), leaseUntil))) return { state: 'busy' }
    try {
      const tokenBucket = deps.tokenBucketOf(connection)
      const list = deps.listOf({ ...connection, tenant: project.tenant }, tokenBucket.take)
      return await continueOrRestart({ ...request, project, connection, list, tokenBucket })
    } finally {
      await states.release(connection)
    }
  }
}

/** @param behind the out-of-sync mark of the project */
const newRun = ({ connection, project }: ReconcileWork, behind: string | undefined, now: Date): ReconcileRun => ({
  id: randomUUID(),
  startedAt: now.toISOString(),
  revision: connection.revision,
  rules: rulesDigestOf(project),
  ...(behind !== undefined && { behind }),
  phase: 'there',
  pages: 0,
  counts: noCounts,
})

/**
 * The saved run, if it was begun with the same connection and the same rules as the fresh one. What it found on another account list, or
 * judged by other rules, says nothing about this one.
 */
const continuable = (saved: ReconcileRun | undefined, fresh: ReconcileRun): ReconcileRun | undefined =>
  saved?.revision === fresh.revision && saved?.rules === fresh.rules ? saved : undefined

/** Whether SES no longer knows the token of the next page. The run then restarts at the first page. */
const isTokenError = (error: unknown): boolean => error instanceof CallFailedError && /Token/.test(error.code)
