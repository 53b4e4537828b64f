/**
 * Second phase of a reconcile: reads the suppression list address by address, and suppresses on the account list what is missing there.
 */
import type { createListReader } from '../suppression/read-list.ts'
import type { AddressSet } from './address-set.ts'
import type { ApplyOutcome, VerdictApplier } from './apply-verdict.ts'
import type { ReconcileCounts, ReconcileRun, ReconcileStates } from './reconcile-state.ts'
import { concernsOneAddress, type ReconcileWork, retryThrottled, runAttributeOf, withCount } from './reconcile-work.ts'
import { isTakenBySes } from './ses-addresses.ts'

type Dependencies = {
  readonly states: ReconcileStates
  readonly suppressions: ReturnType<typeof createListReader>
  readonly applier: VerdictApplier
  readonly now: () => Date
}

/** `done`: the end of the list was reached. `stopped`: why it cannot be reached. */
export type MissingPhaseResult = { readonly run: ReconcileRun; readonly done: boolean; readonly stopped?: string }

/** The run is saved each time it has read so many addresses. */
const saveEvery = 200

export function createMissingPhase({ states, suppressions, applier, now }: Dependencies) {
  /** What SES would answer to a run. */
  function predict(address: string, hasProductionAccess: boolean): ApplyOutcome {
    if (!hasProductionAccess) return 'in the sandbox'
    return isTakenBySes(address) ? 'suppressed there' : 'not an address to SES'
  }

  async function suppress(work: ReconcileWork, address: string) {
    try {
      return await retryThrottled(work, async () =>
        applier.apply(work, address, await suppressions.itemsOf(work.id, address)),
      )
    } catch (error) {
      if (concernsOneAddress(error)) return 'not readable'
      throw error
    }
  }

  /** @param listed the addresses on the account list, as the first phase found them */
  return async (work: ReconcileWork, begun: ReconcileRun, listed: AddressSet): Promise<MissingPhaseResult> => {
    let run = begun
    let read = 0
    let hasProductionAccess: boolean | undefined
    const save = () => states.save(work.id, runAttributeOf(work), run)
    for await (const [address, record] of suppressions.records(work.id, run.after)) {
      if (now() >= work.until) {
        await save()
        return { run, done: false }
      }
      run = withCount(run, 'here')
      const { wanted } = applier.judgeRecord(work, record)
      if (wanted !== undefined && !listed.has(address)) {
        if (work.preview) hasProductionAccess ??= await retryThrottled(work, () => work.list.hasProductionAccess())
        const outcome = work.preview ? predict(address, hasProductionAccess ?? true) : await suppress(work, address)
        if (outcome === 'in the sandbox') return { run, done: false, stopped: 'the account is in the SES sandbox' }
        const what = countOf(outcome)
        run = withCount(run, what)
        work.onStep?.({ address, what, why: wanted })
      }
      run = { ...run, after: address }
      if (++read % saveEvery === 0) await save()
    }
    return { run, done: true }
  }
}

/** An address may have become clear since it was read: then it was removed instead, or SES refused to remove it. */
function countOf(outcome: ApplyOutcome | 'not readable'): keyof ReconcileCounts {
  switch (outcome) {
    case 'not an address to SES':
      return 'not addresses'
    case 'cannot be lifted there':
      return 'not removable'
    case 'not readable':
      return 'not readable'
    case 'lifted there':
    case 'was not there':
      return 'lifted'
    default:
      return 'suppressed'
  }
}
