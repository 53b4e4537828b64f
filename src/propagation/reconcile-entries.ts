/**
 * First phase of a reconcile: reads the account list page by page, compares each entry with the suppression list, and changes the list
 * that is wrong.
 */
import { type createListReader, recordOf, type StoredItem } from '../suppression/read-list.ts'
import type { ErasureMarks } from '../suppression/read-marks.ts'
import type { createRulings } from '../suppression/rule-by-hand.ts'
import { type AccountEntry, importer } from './account-entry.ts'
import { spellingOf } from './account-list.ts'
import { digestsOf } from './address-set.ts'
import type { VerdictApplier } from './apply-verdict.ts'
import { compare } from './compare.ts'
import type { ReconcileCounts, ReconcileRun, ReconcileStates } from './reconcile-state.ts'
import { concernsOneAddress, type ReconcileWork, retryThrottled, runAttributeOf, withCount } from './reconcile-work.ts'
import { isRemovableBySes } from './ses-addresses.ts'

type Dependencies = {
  readonly states: ReconcileStates
  readonly suppressions: ReturnType<typeof createListReader>
  readonly rulings: ReturnType<typeof createRulings>
  readonly marks: ErasureMarks
  readonly applier: VerdictApplier
  readonly now: () => Date
}

/** `listed`: whether the address is on the account list afterwards. */
type EntryOutcome = { readonly what: keyof ReconcileCounts; readonly address: string; readonly listed: boolean }

const entriesAtOnce = 25

export function createEntriesPhase({ states, suppressions, rulings, marks, applier, now }: Dependencies) {
  async function reconcileEntry(work: ReconcileWork, entry: AccountEntry, address: string): Promise<EntryOutcome> {
    const { id, project, preview, onStep } = work
    const items = await suppressions.itemsOf(id, address)
    const comparison = compare(entry, recordOf(items), project.rules, now())
    switch (comparison.what) {
      case 'in step':
        return { what: 'in step', address, listed: true }
      case 'conflict':
        onStep?.({ address, what: 'conflicts', why: comparison.why })
        return { what: 'conflicts', address, listed: true }
      case 'correct there':
        onStep?.({ address, what: 'corrected', why: comparison.reason })
        if (!preview) await retryThrottled(work, () => applier.apply(work, address, items))
        return { what: 'corrected', address, listed: true }
      case 'lift there':
        return liftEntry(work, entry, address, items)
      case 'adopt': {
        // An address that was erased must not come back: its entry is kept on purpose, or it could not be removed at the time. A later entry is news.
        const mark = await marks.find(id, address)
        const isErased = mark !== undefined && (mark.blocks || mark.erasedAt >= entry.at)
        if (isErased && mark.accountList === 'keep') return { what: 'in step', address, listed: true }
        if (isErased) return liftEntry(work, entry, address, items)
        onStep?.({ address, what: 'adopted', why: entry.reason })
        const ruling = { at: entry.at, by: importer, why: entry.reason }
        if (!preview) await rulings.suppress(id, address, ruling)
        return { what: 'adopted', address, listed: true }
      }
    }
  }

  async function liftEntry(
    work: ReconcileWork,
    entry: AccountEntry,
    address: string,
    items: readonly StoredItem[],
  ): Promise<EntryOutcome> {
    const { preview, onStep } = work
    const predicted = isRemovableBySes(entry.address) ? 'lifted there' : 'cannot be lifted there'
    const outcome = preview
      ? predicted
      : await retryThrottled(work, () => applier.apply(work, address, items, [entry.address]))
    if (outcome === 'cannot be lifted there') {
      onStep?.({ address, what: 'not removable', why: 'SES refuses to remove it: ask AWS Support' })
      return { what: 'not removable', address, listed: true }
    }
    onStep?.({ address, what: 'lifted' })
    return { what: 'lifted', address, listed: false }
  }

  async function reconcileEntries(work: ReconcileWork, entries: readonly AccountEntry[]): Promise<EntryOutcome[]> {
    return Promise.all(
      entries.map(async (entry): Promise<EntryOutcome> => {
        const address = spellingOf(entry.address)
        if (address === undefined) return { what: 'not addresses', address: entry.address, listed: false }
        return reconcileEntry(work, entry, address).catch((error: unknown): EntryOutcome => {
          if (!concernsOneAddress(error)) throw error
          work.onStep?.({ address, what: 'not readable', why: 'its items cannot be read' })
          return { what: 'not readable', address, listed: true }
        })
      }),
    )
  }

  /**
   * Reconciles the next page. `undefined` if the time is up before the page is done: the next slice repeats it as a whole, and finds what
   * was already done in step.
   */
  return async (work: ReconcileWork, run: ReconcileRun): Promise<ReconcileRun | undefined> => {
    const { entries, unreadable, next } = await retryThrottled(work, () => work.list.readPage(run.token))
    const listed: string[] = []
    let counted = run
    for (const spelling of unreadable) {
      const address = spellingOf(spelling)
      work.onStep?.({ address: spelling, what: 'not readable', why: 'SES lists it with an unknown reason' })
      counted = withCount(withCount(counted, 'there'), 'not readable')
      // It is on the list, so the second phase must not put it there with another reason.
      if (address !== undefined) listed.push(address)
    }
    for (let from = 0; from < entries.length; from += entriesAtOnce) {
      if (from > 0 && now() >= work.until) return undefined
      for (const outcome of await reconcileEntries(work, entries.slice(from, from + entriesAtOnce))) {
        counted = withCount(withCount(counted, 'there'), outcome.what)
        if (outcome.listed) listed.push(outcome.address)
      }
    }
    await states.savePage(work.id, run, run.pages, digestsOf(listed), now())
    const { token: _, ...rest } = counted
    const after: ReconcileRun = {
      ...rest,
      pages: run.pages + 1,
      ...(next === undefined ? { phase: 'here' } : { token: next }),
    }
    await states.save(work.id, runAttributeOf(work), after)
    return after
  }
}
