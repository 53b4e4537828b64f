/**
 * Carries what is known of one address to the account list: whatever stands in the table now, not what a change once said.
 *
 * Written, then read again: whoever wrote last has read after writing, so the last write is what the table said, or another record of the
 * stream is on its way. So changes may come twice, late, out of order and at several places at once.
 * docs/decisions/0110-carry-what-stands-now.md
 */
import type { UsableConnection } from '../projects/connection.ts'
import type { Project } from '../projects/project.ts'
import { type AddressRecord, judge, type Verdict } from '../suppression/judge.ts'
import { type createListReader, recordOf, type StoredItem } from '../suppression/read-list.ts'
import { type AccountReason, wantedEntry } from './account-entry.ts'
import type { AccountList } from './account-list.ts'
import type { Expiries } from './ends.ts'

export type Target = { readonly project: Project; readonly connection: UsableConnection; readonly list: AccountList }

export type Applied = 'suppressed there' | 'lifted there' | 'was not there' | 'not an address to SES' | 'in the sandbox'

/** Changes come faster than we can follow? Each of them has a record of its own that comes after. */
const turns = 5

export type VerdictApplier = ReturnType<typeof createVerdictApplier>

export function createVerdictApplier(
  suppressions: ReturnType<typeof createListReader>,
  ends: Expiries,
  now: () => Date,
) {
  async function write(way: Target, address: string, state: State, spellings: readonly string[]): Promise<Applied> {
    const { list, project } = way
    const { verdict, wanted } = state
    if (wanted !== undefined) {
      // First, so that it is not forgotten should the function die in between.
      if (verdict.state === 'suppressed' && verdict.until) await ends.remember(project.id, address, verdict.until)
      if (await list.put(address, wanted)) return 'suppressed there'
      return (await list.hasProductionAccess()) ? 'not an address to SES' : 'in the sandbox'
    }
    const known = spellings.length > 0 ? spellings : [address, ...(await list.spellingsOf(address, timesOf(verdict)))]
    let lifted = false
    for (const spelling of new Set(known)) lifted = (await list.remove(spelling)) || lifted
    return lifted ? 'lifted there' : 'was not there'
  }

  const stateOfRecord = ({ project }: Pick<Target, 'project'>, record: AddressRecord): State => {
    const verdict = judge(record, project.rules, now())
    return { verdict, wanted: wantedEntry(verdict, record) }
  }
  const stateOf = (way: Pick<Target, 'project'>, items: readonly StoredItem[]) => stateOfRecord(way, recordOf(items))

  return {
    /**
     * @param items the address as it was just read, by a consistent read
     * @param spellings under which it is to be taken off, where they are known; else they are looked for
     * @throws ConnectionError
     */
    async carry(
      way: Target,
      address: string,
      items: readonly StoredItem[],
      spellings: readonly string[] = [],
    ): Promise<Applied> {
      let state = stateOf(way, items)
      for (let turn = 1; ; turn++) {
        const carried = await write(way, address, state, spellings)
        const after = stateOf(way, await suppressions.itemsOf(way.project.id, address))
        if (after.wanted === state.wanted || turn === turns) return carried
        state = after
      }
    },
    stateOf,
    stateOfRecord,
    read: (project: string, address: string) => suppressions.itemsOf(project, address),
  }
}

type State = { readonly verdict: Verdict; readonly wanted: AccountReason | undefined }

const timesOf = ({ evidence }: Verdict): Date[] => evidence.map(({ at }) => at)
