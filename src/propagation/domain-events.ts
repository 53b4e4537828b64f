/**
 * What Sesame says to the world: an address was suppressed, or reinstated. docs/events.md has the same schemas for those who listen.
 *
 * An event has an id that follows from what it says, so a listener that is told twice can tell. A suppression that ends by time says so in
 * `until`; no second event tells of its end.
 */
import { createHash } from 'node:crypto'
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import * as v from 'valibot'
import type { Verdict } from '../suppression/judge.ts'

const Time = v.pipe(v.string(), v.isoTimestamp())
const Reason = v.picklist(['complaint', 'hard bounce', 'manual', 'soft bounces'])

export const AddressSuppressed = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  project: v.string(),
  address: v.string(),
  reason: Reason,
  since: Time,
  until: v.optional(Time),
  uncertain: v.boolean(),
})

export const AddressReinstated = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  project: v.string(),
  address: v.string(),
  /** Why it had been suppressed, and since when. */
  reason: Reason,
  since: Time,
})

const source = 'sesame'
export const domainEvents = {
  'Address Suppressed': AddressSuppressed,
  'Address Reinstated': AddressReinstated,
} as const

export type DomainEvent =
  | { readonly type: 'Address Suppressed'; readonly detail: v.InferOutput<typeof AddressSuppressed> }
  | { readonly type: 'Address Reinstated'; readonly detail: v.InferOutput<typeof AddressReinstated> }

/** What a change of the verdict has to be told of; `undefined` when nothing of it is anybody's business. */
export function domainEventOf(
  project: string,
  address: string,
  before: Verdict,
  after: Verdict,
): DomainEvent | undefined {
  if (after.state === 'suppressed') {
    const { reason, since, until, uncertain } = after
    const said = {
      project,
      address,
      reason,
      since: since.toISOString(),
      ...(until && { until: until.toISOString() }),
      uncertain,
    }
    const id = idOf('Address Suppressed', said)
    const isNews = before.state === 'clear' || idOf('Address Suppressed', { ...said, ...saidOf(before) }) !== id
    return isNews ? { type: 'Address Suppressed', detail: { id, ...said } } : undefined
  }
  if (before.state === 'clear') return undefined
  const said = { project, address, reason: before.reason, since: before.since.toISOString() }
  return { type: 'Address Reinstated', detail: { id: idOf('Address Reinstated', said), ...said } }
}

function saidOf({ reason, since, until, uncertain }: Extract<Verdict, { state: 'suppressed' }>) {
  return { reason, since: since.toISOString(), until: until?.toISOString(), uncertain }
}

function idOf(type: string, said: object): string {
  const words = Object.entries(said).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  const inOrder = words.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([type, inOrder]))
    .digest('hex')
    .slice(0, 32)
}

/** EventBridge takes ten at once. */
const atOnce = 10

export type Publish = ReturnType<typeof createPublisher>

/** @param bus name of the bus */
export function createPublisher(eventbridge: EventBridgeClient, bus: string) {
  /**
   * Puts events on the bus. Again, they have the same ids.
   * @throws NotPublishedError if any was not taken; its record comes again, and what was taken is told twice
   */
  return async (events: readonly DomainEvent[]): Promise<void> => {
    const failed: string[] = []
    for (let from = 0; from < events.length; from += atOnce) {
      const { Entries = [] } = await eventbridge.send(
        new PutEventsCommand({
          Entries: events.slice(from, from + atOnce).map(({ type, detail }) => ({
            EventBusName: bus,
            Source: source,
            DetailType: type,
            Detail: JSON.stringify(detail),
          })),
        }),
      )
      failed.push(...Entries.flatMap(({ ErrorCode }) => ErrorCode ?? []))
    }
    if (failed.length > 0) throw new NotPublishedError(failed.length, failed[0] ?? 'unknown')
  }
}

/** EventBridge did not take events. */
class NotPublishedError extends Error {
  override readonly name = 'NotPublishedError'
  readonly retryable = true

  constructor(count: number, code: string) {
    super(`EventBridge did not take ${count} events: ${code}`)
  }
}
