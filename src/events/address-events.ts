/**
 * Composes `Address Suppressed` and `Address Reinstated`: the verdict on an address has changed.
 *
 * The id of an event follows from its content, so a subscriber recognises a repeated event. A suppression that expires says so in `until`;
 * no second event follows when it does.
 */
import { createHash } from 'node:crypto'
import type { Verdict } from '../suppression/judge.ts'
import type { DomainEvent } from './domain-events.ts'

type AddressEvent = Extract<DomainEvent, { type: 'Address Suppressed' | 'Address Reinstated' }>
type Suppressed = Extract<Verdict, { state: 'suppressed' }>

/** The event that a change of the verdict gives rise to; `undefined` if subscribers would learn nothing new. */
export function addressEventOf(
  project: string,
  address: string,
  before: Verdict,
  after: Verdict,
): AddressEvent | undefined {
  if (after.state === 'suppressed') {
    const event = suppressedEventOf(project, address, after)
    const isNews = before.state === 'clear' || suppressedEventOf(project, address, before).detail.id !== event.detail.id
    return isNews ? event : undefined
  }
  if (before.state === 'clear') return undefined
  const facts = { project, address, reason: before.reason, since: before.since.toISOString() }
  return { type: 'Address Reinstated', detail: { id: idOf('Address Reinstated', facts), ...facts } }
}

function suppressedEventOf(project: string, address: string, { reason, since, until, uncertain }: Suppressed) {
  const facts = {
    project,
    address,
    reason,
    since: since.toISOString(),
    ...(until && { until: until.toISOString() }),
    uncertain,
  }
  return { type: 'Address Suppressed', detail: { id: idOf('Address Suppressed', facts), ...facts } } as const
}

function idOf(type: string, facts: object): string {
  const inOrder = Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([type, inOrder]))
    .digest('hex')
    .slice(0, 32)
}
