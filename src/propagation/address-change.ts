/**
 * What changed about one address: the events to publish, and whether the account list can be affected. Pure.
 */
import { type AddressEvent, addressEventOf, lateEventsOf } from '../events/address-events.ts'
import type { Project } from '../projects/project.ts'
import type { AccountListChoice } from '../suppression/erasure-mark.ts'
import type { Verdict } from '../suppression/judge.ts'
import { recordOf } from '../suppression/read-list.ts'
import { isUncountedItem } from '../suppression/stored-evidence.ts'
import { isFromAccountListOnly } from './account-entry.ts'
import type { PendingAddress } from './apply-pending.ts'
import { isSoftOutcomeNote } from './note-soft-outcome.ts'
import { isDeletion, verdictsOf } from './stream-record.ts'
import { isExpiryOnly } from './week-expiry.ts'

/** `attempt`: how often it was tried to publish the event before. */
export type OutstandingEvent = { readonly event: AddressEvent; readonly attempt: number }

export type AddressChange = { readonly events: readonly OutstandingEvent[]; readonly affectsAccountList: boolean }

/**
 * A retry always affects the account list, unless it is the retry of an event. A suppressed address does too, unless its entry came from
 * there, or only evidence that no rule counts was added. A clear address does only if it was suppressed before or after one of the changes.
 * An address that is erased is no news to subscribers: an event would tell them about it once more.
 *
 * @param verdict the current verdict
 * @param ifErased what happens to the entry of the account list if the address was erased
 */
export function addressChangeOf(
  project: Project,
  { address, tasks, items }: PendingAddress,
  verdict: Verdict,
  now: Date,
  ifErased: AccountListChoice = 'remove',
): AddressChange {
  const events: OutstandingEvent[] = []
  const listed = verdict.state === 'suppressed' && !isFromAccountListOnly(verdict, recordOf(items))
  // An echo of SES comes with each mail to a suppressed address. It is stored, and must not cost a session and a call each time.
  const isQuiet = tasks.every(
    ({ change, event }) =>
      event || (change && (isUncountedItem(change.key) || isSoftOutcomeNote(change) || isExpiryOnly(change))),
  )
  let affectsAccountList = listed && !isQuiet
  for (const { change, event: late, attempt = 0 } of tasks) {
    if (late) events.push(...lateEventsOf(late, verdict).map((event) => ({ event, attempt })))
    else if (!change) affectsAccountList = true
    else {
      const { before, after } = verdictsOf(change, items, project.rules, now)
      const event = isDeletion(change) ? undefined : addressEventOf(project.id, address, before, after)
      // A change with an attempt comes late: its stream record failed, and later changes of the address may have been announced.
      const outstanding = event === undefined ? [] : attempt > 0 ? lateEventsOf(event, verdict) : [event]
      events.push(...outstanding.map((one) => ({ event: one, attempt: 0 })))
      if (listed && before.state === 'clear') affectsAccountList = true
      const wasSuppressed = before.state === 'suppressed' || after.state === 'suppressed'
      const keepsEntry = isDeletion(change) && ifErased === 'keep'
      if (verdict.state === 'clear' && wasSuppressed && !keepsEntry) affectsAccountList = true
    }
  }
  return { events, affectsAccountList }
}
