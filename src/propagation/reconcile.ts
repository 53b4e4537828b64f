/**
 * Brings one project's account list and ours in step: first what stands there, page by page, then what is missing there.
 *
 * It works in slices and says after each how far it is, so that it can stop at any time and go on elsewhere. Each step may be done twice.
 */
import { randomUUID } from 'node:crypto'
import { CallFailedError, ThrottledError } from '../access/session/errors.ts'
import { type Connection, type UsableConnection, usable } from '../projects/connection.ts'
import type { Project } from '../projects/project.ts'
import { noSuchProject } from '../projects/projects.ts'
import { type createListReader, recordOf } from '../suppression/read-list.ts'
import type { createRulings } from '../suppression/rule-by-hand.ts'
import { type AccountEntry, importer } from './account-entry.ts'
import { type AccountList, spellingOf } from './account-list.ts'
import { type AddressSet, createAddressSet, packed } from './address-set.ts'
import type { Target, VerdictApplier } from './apply-verdict.ts'
import { compare } from './compare.ts'
import type { ReconcileCounts, ReconcileRun, ReconcileStates } from './reconcile-state.ts'
import { rulesDigestOf } from './schedule.ts'
import type { TokenBucket } from './token-bucket.ts'

/** One thing that was done, or would be. */
export type ReconcileStep = { readonly address: string; readonly what: keyof ReconcileCounts; readonly why?: string }

export type ReconcileSlice = {
  /** `going on`: its time was up, ask again. `busy`: another reconcile of the account is under way. */
  readonly state: 'finished' | 'going on' | 'busy' | 'skipped' | 'stopped'
  readonly why?: string
  readonly counts?: ReconcileCounts
}

type Parts = {
  readonly projects: { find(project: string): Promise<Project | undefined> }
  readonly connections: { find(project: string): Promise<Connection | undefined> }
  readonly listOf: (connection: UsableConnection, beforeEach: () => Promise<void>) => AccountList
  readonly rateOf: (connection: UsableConnection) => TokenBucket
  readonly states: ReconcileStates
  readonly suppressions: ReturnType<typeof createListReader>
  readonly rulings: ReturnType<typeof createRulings>
  readonly carrier: VerdictApplier
  readonly now: () => Date
}

type Order = {
  readonly id: string
  /** Only says what it would do. */
  readonly preview: boolean
  readonly until: Date
  readonly tell?: (step: ReconcileStep) => void
}

/** Everything that a step works with. */
type Work = Target & Order & { readonly rate: TokenBucket }

/** Longer than the longest single step. */
const leaseMarginMs = 60_000
const readAtOnce = 25
/** Addresses of ours between two notes of how far it is. */
const noteAfter = 200
const mostPauses = 4

const none: ReconcileCounts = {
  there: 0,
  here: 0,
  'in step': 0,
  suppressed: 0,
  corrected: 0,
  lifted: 0,
  adopted: 0,
  conflicts: 0,
  'not addresses': 0,
}

export function createReconcile(parts: Parts) {
  const { states, suppressions, carrier, now } = parts

  /** SES is slower than we thought: wait, longer each time, and at last leave it for another day. */
  async function patiently<T>({ rate }: Work, call: () => Promise<T>): Promise<T> {
    for (let pauses = 0; ; pauses++) {
      try {
        return await call()
      } catch (error) {
        if (!(error instanceof ThrottledError) || pauses === mostPauses) throw error
        await rate.pause(2_000 * 2 ** pauses)
      }
    }
  }

  const counted = (run: ReconcileRun, what: keyof ReconcileCounts): ReconcileRun => ({
    ...run,
    counts: { ...run.counts, [what]: run.counts[what] + 1 },
  })

  /** One entry that stands there. Answers the count it goes to, and whether it still stands there afterwards. */
  async function settle(work: Work, entry: AccountEntry, address: string): Promise<[keyof ReconcileCounts, boolean]> {
    const { id, project, preview, tell } = work
    const items = await suppressions.itemsOf(id, address)
    const found = compare(entry, recordOf(items), project.rules, now())
    switch (found.what) {
      case 'in step':
        return ['in step', true]
      case 'conflict':
        tell?.({ address, what: 'conflicts', why: found.why })
        return ['conflicts', true]
      case 'correct there':
        tell?.({ address, what: 'corrected', why: found.reason })
        if (!preview) await patiently(work, () => carrier.carry(work, address, items))
        return ['corrected', true]
      case 'lift there':
        tell?.({ address, what: 'lifted' })
        if (!preview) await patiently(work, () => carrier.carry(work, address, items, [entry.address]))
        return ['lifted', false]
      case 'adopt': {
        tell?.({ address, what: 'adopted', why: entry.reason })
        const ruling = { at: entry.at, by: importer, why: entry.reason }
        if (!preview) await parts.rulings.suppress(id, address, ruling)
        return ['adopted', true]
      }
    }
  }

  /** `undefined`: its time was up in the midst of it. It comes again as a whole; what was done then is in step. */
  async function pageThere(work: Work, run: ReconcileRun): Promise<ReconcileRun | undefined> {
    const { entries, next } = await patiently(work, () => work.list.page(run.token))
    const standing: string[] = []
    let after = run
    for (let from = 0; from < entries.length; from += readAtOnce) {
      if (from > 0 && now() >= work.until) return undefined
      const some = entries.slice(from, from + readAtOnce)
      const settled = await Promise.all(
        some.map(async (entry): Promise<[keyof ReconcileCounts, string | undefined]> => {
          const address = spellingOf(entry.address)
          if (address === undefined) return ['not addresses', undefined]
          const [what, stands] = await settle(work, entry, address)
          return [what, stands ? address : undefined]
        }),
      )
      for (const [what, address] of settled) {
        after = counted(counted(after, 'there'), what)
        if (address !== undefined) standing.push(address)
      }
    }
    await states.keepPage(work.id, run, run.pages, packed(standing), now())
    const { token: _, ...rest } = after
    const noted: ReconcileRun = {
      ...rest,
      pages: run.pages + 1,
      ...(next === undefined ? { phase: 'here' } : { token: next }),
    }
    await states.keep(work.id, work.preview ? 'preview' : 'run', noted)
    return noted
  }

  /** Ours that stand not there, until there are no more or the time is up. Answers whether all were seen. */
  async function missingThere(
    work: Work,
    begun: ReconcileRun,
    seen: AddressSet,
  ): Promise<{ run: ReconcileRun; all: boolean; stopped?: string }> {
    let run = begun
    let since = 0
    const note = () => states.keep(work.id, work.preview ? 'preview' : 'run', run)
    for await (const [address, record] of suppressions.records(work.id, run.after)) {
      if (now() >= work.until) {
        await note()
        return { run, all: false }
      }
      run = counted(run, 'here')
      const { wanted } = carrier.stateOfRecord(work, record)
      if (wanted !== undefined && !seen.has(address)) {
        const result = work.preview
          ? 'suppressed there'
          : await patiently(work, async () =>
              carrier.carry(work, address, await suppressions.itemsOf(work.id, address)),
            )
        if (result === 'in the sandbox') return { run, all: false, stopped: 'the account is in the sandbox of SES' }
        const what = result === 'not an address to SES' ? 'not addresses' : 'suppressed'
        run = counted(run, what)
        work.tell?.({ address, what, why: wanted })
      }
      run = { ...run, after: address }
      if (++since % noteAfter === 0) await note()
    }
    return { run, all: true }
  }

  async function go(work: Work, begun: ReconcileRun): Promise<ReconcileSlice> {
    let run = begun
    while (run.phase === 'there') {
      if (now() >= work.until) return { state: 'going on', counts: run.counts }
      const after = await pageThere(work, run)
      if (!after) return { state: 'going on', counts: run.counts }
      run = after
    }
    const seen = createAddressSet(await states.pages(work.id, run))
    const { run: after, all, stopped } = await missingThere(work, run, seen)
    if (stopped !== undefined) return { state: 'stopped', why: stopped, counts: after.counts }
    if (!all) return { state: 'going on', counts: after.counts }
    if (work.preview) await states.forget(work.id, 'preview')
    else {
      const { revision } = work.connection
      await states.finish(work.id, after, { at: after.startedAt, revision, rules: rulesDigestOf(work.project) })
    }
    return { state: 'finished', counts: after.counts }
  }

  /**
   * One slice of a reconcile, from where the last one stopped.
   * @throws ProjectSettingsError | NotConnectedError | QuarantinedError | ConnectionError; what was done is kept
   */
  return async (order: Order): Promise<ReconcileSlice> => {
    const project = await parts.projects.find(order.id)
    if (!project) throw noSuchProject(order.id)
    const connection = usable(project.id, await parts.connections.find(project.id))
    if (!connection.features.includes('suppression'))
      return { state: 'skipped', why: 'the connection leaves suppression out' }
    const lease = new Date(order.until.getTime() + leaseMarginMs)
    if (!(await states.take(connection, now(), lease))) return { state: 'busy' }
    try {
      const rate = parts.rateOf(connection)
      const list = parts.listOf(connection, rate.next)
      const work: Work = { ...order, project, connection, list, rate }
      const { behind, run, preview } = await states.find(project.id)
      const known = order.preview ? preview : run
      const fresh: ReconcileRun = {
        id: randomUUID(),
        startedAt: now().toISOString(),
        ...(behind !== undefined && { behind }),
        phase: 'there',
        pages: 0,
        counts: none,
      }
      try {
        return await go(work, known ?? fresh)
      } catch (error) {
        // SES no longer knows where we stopped: from the beginning.
        if (known?.token === undefined || !(error instanceof CallFailedError) || !/Token/.test(error.code)) throw error
        return await go(work, fresh)
      }
    } finally {
      await states.release(connection)
    }
  }
}
