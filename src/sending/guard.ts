/**
 * The guard: recipients, what is known about them, rules, time → allowed or refused, with a reason for each recipient. Pure.
 *
 * docs/sending.md says how far what is known can lag behind the list.
 */
import { AddressError, normaliseAddress } from '../intake/address.ts'
import type { Hold } from '../projects/sending-state.ts'
import { type ErasureMark, isBlockedBy } from '../suppression/erasure-mark.ts'
import { type AddressRecord, judge, type SuppressionReason } from '../suppression/judge.ts'
import type { SuppressionRules } from '../suppression/rules.ts'
import { type SoftOutcome, softUntil } from '../suppression/soft-outcome.ts'

/** What one item of the list says about an address. */
export type KnownAddress = {
  readonly record: AddressRecord
  readonly soft?: SoftOutcome | undefined
  /** The hash of an address that was erased. */
  readonly mark?: ErasureMark | undefined
}

/** Why a recipient is refused although no list has the address. */
export type OtherReason =
  | 'erased'
  | 'not an address'
  | 'list unreadable'
  | 'project paused'
  | 'project quarantined'
  | 'project held'

export type Refusal = {
  readonly reason: SuppressionReason | OtherReason
  readonly since?: Date
  /** When the refusal ends by itself. */
  readonly until?: Date
  /** The reason in words, without the address. */
  readonly detail: string
}

export type Decision =
  | { readonly recipient: string; readonly address: string; readonly state: 'allowed' }
  | ({ readonly recipient: string; readonly address?: string; readonly state: 'refused' } & Refusal)

export type GuardFacts = {
  /** By normalised address. An address that is not in it is not in the list. `unreadable`: the list could not be read. */
  readonly known: ReadonlyMap<string, KnownAddress> | 'unreadable'
  readonly rules: SuppressionRules
  /** A setting of the project: what to do when the list cannot be read. */
  readonly ifListUnreadable: 'refuse' | 'send'
  readonly hold?: Hold | undefined
}

/** SES's mailbox simulator accepts every address of this domain. Mail to it never affects a reputation. */
const isSimulator = (address: string) => address.endsWith('@simulator.amazonses.com')

/** One decision for each recipient, in the order of the recipients. */
export const guard = (recipients: readonly string[], facts: GuardFacts, now: Date): Decision[] =>
  recipients.map((recipient) => decide(recipient, facts, now))

/** The distinct addresses among the recipients that the list must be asked about. */
export const addressesOf = (recipients: readonly string[]): string[] => [
  ...new Set(recipients.flatMap((recipient) => findAddress(recipient) ?? [])),
]

function decide(recipient: string, { known, rules, ifListUnreadable, hold }: GuardFacts, now: Date): Decision {
  const address = findAddress(recipient)
  const refused = (refusal: Refusal): Decision => ({
    recipient,
    ...(address !== undefined && { address }),
    state: 'refused',
    ...refusal,
  })
  if (address === undefined)
    return refused({ reason: 'not an address', detail: 'This is not the address of one mailbox.' })
  if (hold) return refused(refusalByHold(hold))
  if (isSimulator(address)) return { recipient, address, state: 'allowed' }
  if (known === 'unreadable') {
    if (ifListUnreadable === 'send') return { recipient, address, state: 'allowed' }
    const detail = 'The suppression list cannot be read at the moment, so nothing is sent. Try again.'
    return refused({ reason: 'list unreadable', detail })
  }
  const refusal = refusalByList(known.get(address), rules, now)
  return refusal ? refused(refusal) : { recipient, address, state: 'allowed' }
}

function refusalByHold({ state, since, until, why }: Hold): Refusal {
  const detail = `No mail of the project is sent: ${why}.`
  return { reason: `project ${state}`, ...(since && { since }), ...(until && { until }), detail }
}

function refusalByList(known: KnownAddress | undefined, rules: SuppressionRules, now: Date): Refusal | undefined {
  if (!known) return undefined
  const verdict = judge(known.record, rules, now)
  const until = softUntil(known.soft, known.record.reinstated?.at, rules, now)
  if (verdict.state === 'suppressed')
    return {
      reason: verdict.reason,
      since: verdict.since,
      ...(verdict.until && { until: verdict.until }),
      detail: details[verdict.reason],
    }
  if (isBlockedBy(known.mark, known.record.reinstated?.at))
    return { reason: 'erased', since: known.mark.erasedAt, detail: details.erased }
  if (!known.soft || !until) return undefined
  return { reason: 'soft bounces', since: known.soft.since, until, detail: details['soft bounces'] }
}

const details: Readonly<Record<SuppressionReason | 'erased', string>> = {
  erased: 'The person asked to be forgotten. Only a hash of the address is kept, so that no mail is sent to it.',
  complaint: 'The recipient complained about an earlier mail.',
  'hard bounce': 'The address does not exist or refuses all mail.',
  manual: 'A person or an import has suppressed the address.',
  'soft bounces': 'Mail to the address failed on several days.',
}

function findAddress(recipient: string): string | undefined {
  try {
    return normaliseAddress(recipient)
  } catch (error) {
    if (error instanceof AddressError) return undefined
    throw error
  }
}
