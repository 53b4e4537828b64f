/**
 * Entries of the account list, SES's own suppression list in the customer's account. SES knows two reasons and no expiry.
 */
import { importedOf } from '../suppression/import-ruling.ts'
import type { AddressRecord, Ruling, Verdict } from '../suppression/judge.ts'

export const accountReasons = ['BOUNCE', 'COMPLAINT'] as const
export type AccountReason = (typeof accountReasons)[number]

/** An entry as SES lists it. `address` has the case in which it was put on the list. */
export type AccountEntry = { readonly address: string; readonly reason: AccountReason; readonly at: Date }

/** `by` of a manual suppression that was imported from the account list. Its `why` begins with SES's reason. */
export const importer = 'account-list'

/** The reason that an address must have on the account list; `undefined` if it must not be on the list. */
export function wantedReasonOf(verdict: Verdict, { manual }: AddressRecord): AccountReason | undefined {
  if (verdict.state === 'clear') return undefined
  if (verdict.grounds.some(({ reason }) => reason === 'complaint')) return 'COMPLAINT'
  // A person's manual suppression is not a complaint. An imported one keeps the reason that it had on the account list.
  return manual && wasComplaint(manual) ? 'COMPLAINT' : 'BOUNCE'
}

/** Also after the entry was exported and imported again. */
const wasComplaint = (manual: Ruling): boolean =>
  (manual.by === importer
    ? manual.why
    : importedOf(manual)?.source === importer
      ? importedOf(manual)?.detail
      : ''
  )?.startsWith('COMPLAINT') === true

/** Whether an entry imported from the account list is the only ground of the suppression. */
export const isFromAccountListOnly = (verdict: Verdict, { manual }: AddressRecord): boolean =>
  verdict.state === 'suppressed' &&
  manual?.by === importer &&
  verdict.grounds.every(({ reason }) => reason === 'manual')
