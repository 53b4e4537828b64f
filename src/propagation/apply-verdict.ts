/**
 * Applies the verdict about one address to the account list: the verdict that follows from the table now, not from a stream record.
 *
 * The applier writes the account list, reads the table again, and repeats if the verdict has changed. Whoever writes last has read the
 * table after writing, so the last write agrees with the table, or a later stream record is on its way. Changes may therefore arrive twice,
 * late, out of order and at several functions at once.
 * docs/design/propagation.md#why-apply-the-current-verdict
 */
import type { UsableConnection } from '../projects/connection.ts'
import type { Project } from '../projects/project.ts'
import { type AddressRecord, judge, type Verdict } from '../suppression/judge.ts'
import { type createListReader, recordOf, type StoredItem } from '../suppression/read-list.ts'
import { type AccountReason, wantedReasonOf } from './account-entry.ts'
import type { AccountList, Removal } from './account-list.ts'
import type { Expiries } from './expiry.ts'

/** The account list to which a project's verdicts are applied. */
export type Target = { readonly project: Project; readonly connection: UsableConnection; readonly list: AccountList }

/** These texts are log outcomes. */
export type ApplyOutcome =
  | 'suppressed there'
  | 'lifted there'
  | 'was not there'
  | 'cannot be lifted there'
  | 'not an address to SES'
  | 'in the sandbox'

/** Writes per call. If the verdict still changes after the last one, the stream record of that change follows. */
const maxWrites = 5

export type VerdictApplier = ReturnType<typeof createVerdictApplier>

/** A verdict, and the reason that the address must have on the account list. */
type Judgement = { readonly verdict: Verdict; readonly wanted: AccountReason | undefined }

export function createVerdictApplier(
  suppressions: ReturnType<typeof createListReader>,
  expiries: Expiries,
  now: () => Date,
) {
  const judgeRecord = ({ project }: Pick<Target, 'project'>, record: AddressRecord): Judgement => {
    const verdict = judge(record, project.rules, now())
    return { verdict, wanted: wantedReasonOf(verdict, record) }
  }
  const judgeItems = (target: Pick<Target, 'project'>, items: readonly StoredItem[]) =>
    judgeRecord(target, recordOf(items))

  async function suppress({ list, project }: Target, address: string, verdict: Verdict, reason: AccountReason) {
    // The expiry is stored first, so that it is not lost if the function dies before the next call.
    if (verdict.state === 'suppressed' && verdict.until) await expiries.store(project.id, address, verdict.until)
    if (await list.put(address, reason)) return 'suppressed there'
    return (await list.hasProductionAccess()) ? 'not an address to SES' : 'in the sandbox'
  }

  async function lift({ list }: Target, address: string, verdict: Verdict, knownSpellings: readonly string[]) {
    const times = verdict.evidence.map(({ at }) => at)
    const spellings =
      knownSpellings.length > 0 ? knownSpellings : [address, ...(await list.findSpellings(address, times))]
    const removals = new Set<Removal>()
    for (const spelling of new Set(spellings)) removals.add(await list.remove(spelling))
    // One spelling that stays on the list stops the mail to all of them.
    if (removals.has('refused')) return 'cannot be lifted there'
    return removals.has('removed') ? 'lifted there' : 'was not there'
  }

  return {
    /**
     * Idempotent: `put` and `remove` are.
     *
     * @param items the items of the address, from a consistent read just before this call
     * @param spellings the spellings to remove from the account list if they are known; otherwise they are searched there
     * @throws ConnectionError
     */
    async apply(
      target: Target,
      address: string,
      items: readonly StoredItem[],
      spellings: readonly string[] = [],
    ): Promise<ApplyOutcome> {
      let { verdict, wanted } = judgeItems(target, items)
      for (let writes = 1; ; writes++) {
        const outcome =
          wanted === undefined
            ? await lift(target, address, verdict, spellings)
            : await suppress(target, address, verdict, wanted)
        const after = judgeItems(target, await suppressions.itemsOf(target.project.id, address))
        if (after.wanted === wanted || writes === maxWrites) return outcome
        verdict = after.verdict
        wanted = after.wanted
      }
    },
    judgeItems,
    judgeRecord,
    /** The items of an address, by a consistent read. */
    read: (project: string, address: string) => suppressions.itemsOf(project, address),
  }
}
