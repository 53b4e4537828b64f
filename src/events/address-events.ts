/**
 * Composes `Address Suppressed` and `Address Reinstated`: the verdict on an address has changed.
 *
 * The id of an event follows from its content, so a subscriber recognises a repeated event. A suppression that expires says so in `until`;
 * no second event follows when it does.
 */
import { createHash } from 'node:crypto'
import * as v from 'valibot'
import type { Verdict } from '../suppression/judge.ts'
import type { DomainEvent } from './domain-events.ts'

export type AddressEvent = Extract<DomainEvent, { type: 'Address Suppressed' | 'Address Reinstated' }>
type Suppressed = Extract<Verdict, { state: 'suppressed' }>

const stored = {
  id: v.string(),
  project: v.string(),
  address: v.string(),
  reason: v.picklist(['complaint', 'hard bounce', 'manual', 'soft bounces']),
  since: v.string(),
}

/** An event as a message of the retry queue keeps it until it is published. */
export const StoredAddressEvent = v.variant('type', [
  v.object({
    type: v.literal('Address Suppressed'),
    detail: v.object({ ...stored, until: v.optional(v.string()), uncertain: v.boolean() }),
  }),
  v.object({ type: v.literal('Address Reinstated'), detail: v.object(stored) }),
])

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

/**
 * The events to publish for one that could not be published when it arose. If the verdict has changed since, an event of the present verdict
 * follows, so that a subscriber that processes events in the order of their arrival ends with the present verdict.
 */
export function lateEventsOf(late: AddressEvent, verdict: Verdict): AddressEvent[] {
  const { project, address, reason, since } = late.detail
  if (verdict.state === 'suppressed') {
    const present = suppressedEventOf(project, address, verdict)
    return present.detail.id === late.detail.id ? [late] : [late, present]
  }
  if (late.type === 'Address Reinstated') return [late]
  // The event of the reinstatement itself has the same id, unless the reason changed in between.
  const facts = { project, address, reason, since }
  return [late, { type: 'Address Reinstated', detail: { id: idOf('Address Reinstated', facts), ...facts } }]
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
