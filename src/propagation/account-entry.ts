/**
 * What a verdict means for the account list, SES's own list in the customer's account, which knows two reasons and no end.
 */
import type { AddressRecord, Verdict } from '../suppression/judge.ts'

export const accountReasons = ['BOUNCE', 'COMPLAINT'] as const
export type AccountReason = (typeof accountReasons)[number]

/** An entry as SES lists it: the address in the case in which it was put. */
export type AccountEntry = { readonly address: string; readonly reason: AccountReason; readonly at: Date }

/** Who stands behind a manual entry that came from the account list: its `why` begins with SES's reason. */
export const importer = 'account-list'

/** What should stand on the account list; `undefined` for nothing. */
export function wantedEntry(verdict: Verdict, { manual }: AddressRecord): AccountReason | undefined {
  if (verdict.state === 'clear') return undefined
  if (verdict.grounds.some(({ reason }) => reason === 'complaint')) return 'COMPLAINT'
  // A person's entry claims no complaint; one that came from the account list keeps what it was there.
  return manual?.by === importer && manual.why.startsWith('COMPLAINT') ? 'COMPLAINT' : 'BOUNCE'
}

/** Suppressed for nothing but an entry that the account list itself told us of. */
export const restsOnTheAccountList = (verdict: Verdict, { manual }: AddressRecord): boolean =>
  verdict.state === 'suppressed' &&
  manual?.by === importer &&
  verdict.grounds.every(({ reason }) => reason === 'manual')
