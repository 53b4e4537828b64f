/**
 * What changed about one address: the events to publish, and whether the account list can be affected. Pure.
 */
import { addressEventOf } from '../events/address-events.ts'
import type { DomainEvent } from '../events/domain-events.ts'
import type { Project } from '../projects/project.ts'
import type { Verdict } from '../suppression/judge.ts'
import { recordOf } from '../suppression/read-list.ts'
import { isFromAccountListOnly } from './account-entry.ts'
import type { PendingAddress } from './apply-pending.ts'
import { verdictsOf } from './stream-record.ts'

export type AddressChange = { readonly events: readonly DomainEvent[]; readonly affectsAccountList: boolean }

/**
 * A retry always affects the account list. A suppressed address does too, unless its entry came from there. A clear address does only if
 * it was suppressed before or after one of the changes.
 *
 * @param verdict the current verdict
 */
export function addressChangeOf(
  project: Project,
  { address, tasks, items }: PendingAddress,
  verdict: Verdict,
  now: Date,
): AddressChange {
  const events: DomainEvent[] = []
  let affectsAccountList = verdict.state === 'suppressed' && !isFromAccountListOnly(verdict, recordOf(items))
  for (const { change } of tasks) {
    if (!change) {
      affectsAccountList = true
      continue
    }
    const { before, after } = verdictsOf(change, items, project.rules, now)
    const event = addressEventOf(project.id, address, before, after)
    if (event) events.push(event)
    if (verdict.state === 'clear' && (before.state === 'suppressed' || after.state === 'suppressed'))
      affectsAccountList = true
  }
  return { events, affectsAccountList }
}
