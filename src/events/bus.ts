/**
 * Publishes our events to the EventBridge bus of the stack. No other file calls PutEvents.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { answered } from '../answered.ts'
import type { DomainEvent } from './domain-events.ts'

const source = 'sesame'

/** Most entries that EventBridge accepts in one request. */
const entriesPerRequest = 10

/**
 * Publishes events, ten per request. Subscribers recognise a repeated event by `detail.id`, so publishing again is safe.
 * @throws NotPublishedError if EventBridge rejected any of them, after all were sent; the error of the SDK if a request failed
 */
export type Publish = (events: readonly DomainEvent[]) => Promise<void>

/** @param bus name of the event bus */
export function createEventBus(eventbridge: EventBridgeClient, bus: string): { readonly publish: Publish } {
  async function rejectedOf(events: readonly DomainEvent[]): Promise<Rejection[]> {
    const { Entries } = await eventbridge.send(
      new PutEventsCommand({
        Entries: events.map(({ type, detail, at }) => ({
          EventBusName: bus,
          Source: source,
          DetailType: type,
          ...(at && { Time: at }),
          Detail: JSON.stringify(detail),
        })),
      }),
    )
    return events.flatMap(({ type, detail: { project } }, i) => {
      const { EventId, ErrorCode } = answered(Entries, 'PutEvents: Entries')[i] ?? {}
      // An accepted event has an id. Without one, it is not published, whatever else the answer says.
      return EventId === undefined || ErrorCode ? [{ type, project, code: ErrorCode ?? 'no event id' }] : []
    })
  }

  return {
    async publish(events) {
      const rejected: Rejection[] = []
      for (let from = 0; from < events.length; from += entriesPerRequest)
        rejected.push(...(await rejectedOf(events.slice(from, from + entriesPerRequest))))
      const [first, ...others] = rejected
      if (first) throw new NotPublishedError([first, ...others])
    },
  }
}

type Rejection = {
  readonly type: DomainEvent['type']
  /** Absent for an event that belongs to no project. */
  readonly project: string | undefined
  /** EventBridge's error code. */
  readonly code: string
}

/** EventBridge rejected events. */
class NotPublishedError extends Error {
  override readonly name = 'NotPublishedError'
  readonly retryable = true
  readonly rejected: readonly Rejection[]

  constructor(rejected: readonly [Rejection, ...Rejection[]]) {
    const [{ type, project, code }, ...others] = rejected
    const event = `"${type}"${project === undefined ? '' : ` of project ${project}`}`
    const more = others.length === 0 ? '' : ` and ${others.length} more`
    super(`EventBridge rejected the event ${event}${more}: ${code}. Try again`)
    this.rejected = rejected
  }
}
