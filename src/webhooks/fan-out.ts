/**
 * An event from our event bus → one message for each webhook of its project that wants it. So a receiver that fails does not hold up the others.
 */
import { createHash } from 'node:crypto'
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs'
import * as v from 'valibot'
import type { Delivery } from './deliver.ts'
import type { Webhook } from './webhook.ts'
import { type OutgoingEvent, webhookTypeOf } from './webhook-events.ts'

/** An event as EventBridge puts it into the queue. */
export const BusEvent = v.object({
  id: v.string(),
  'detail-type': v.string(),
  source: v.literal('sesame'),
  time: v.pipe(v.string(), v.isoTimestamp()),
  detail: v.looseObject({
    id: v.optional(v.string()),
    project: v.optional(v.string()),
    webhook: v.optional(v.string()),
  }),
})
export type BusEvent = v.InferOutput<typeof BusEvent>

/** SQS did not take all messages. The event is fanned out again. */
class NotEnqueuedError extends Error {
  override readonly name = 'NotEnqueuedError'
  readonly retryable = true
  readonly count: number
  readonly code: string

  constructor(count: number, code: string) {
    super(`The queue of webhooks rejected ${count} messages: ${code}`)
    this.count = count
    this.code = code
  }
}

/** What a receiver gets. `undefined`: the event is not for webhooks. */
function outgoingOf({ 'detail-type': name, time, detail }: BusEvent): OutgoingEvent | undefined {
  const type = webhookTypeOf(name)
  if (type === undefined) return undefined
  // An event that is published again has another id of EventBridge and the same detail.
  const repeatable = detail.id ?? createHash('sha256').update(JSON.stringify(detail)).digest('hex').slice(0, 32)
  return { id: `msg_${repeatable}`, type, at: new Date(time).toISOString(), data: detail }
}

/** The webhooks that get an event: a test goes to the one that it names, whether it is on or not. */
const receiversOf = (webhooks: readonly Webhook[], { type, data }: OutgoingEvent): Webhook[] =>
  type === 'webhook.test'
    ? webhooks.filter(({ id }) => id === data.webhook)
    : webhooks.filter(
        ({ id, off, types }) =>
          off === undefined &&
          (types.length === 0 || types.includes(type)) &&
          // Not to itself: it is switched off.
          !(type === 'webhook.switched-off' && id === data.webhook),
      )

/**
 * Idempotent in effect: repeated, it enqueues the same deliveries, whose requests have the same `webhook-id`.
 * @returns function that returns the number of deliveries
 */
export const createFanOut =
  (sqs: SQSClient, queueUrl: string, webhooksOf: (project: string) => Promise<readonly Webhook[]>) =>
  async (busEvent: BusEvent): Promise<number> => {
    const event = outgoingOf(busEvent)
    const { project } = busEvent.detail
    if (!event || project === undefined) return 0
    const deliveries = receiversOf(await webhooksOf(project), event).map(
      ({ id: webhook }): Delivery => ({ project, webhook, event }),
    )
    if (deliveries.length === 0) return 0
    // A project has ten webhooks at most, and SQS takes ten messages in a batch.
    const Entries = deliveries.map((delivery, i) => ({ Id: String(i), MessageBody: JSON.stringify(delivery) }))
    const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }))
    if (Failed.length > 0) throw new NotEnqueuedError(Failed.length, Failed[0]?.Code ?? 'unknown')
    return deliveries.length
  }
