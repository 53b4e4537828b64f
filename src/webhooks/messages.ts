/** Reads the messages of the queue of webhooks, and postpones the delivery of one that failed. */
import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs'
import * as v from 'valibot'
import type { Delivery } from './deliver.ts'
import { BusEvent } from './fan-out.ts'
import { webhookTypes } from './webhook-events.ts'

/** As often as the redrive policy of the queue says (infra/webhooks.yml): the last attempt is about three days after the first. */
export const maxReceives = 24

const Outgoing = v.object({
  id: v.string(),
  type: v.picklist(Object.values(webhookTypes).filter((type) => type !== undefined)),
  at: v.pipe(v.string(), v.isoTimestamp()),
  data: v.record(v.string(), v.unknown()),
})
const Content = v.union([BusEvent, v.object({ project: v.string(), webhook: v.string(), event: Outgoing })])

/** A message as Lambda passes it; a dead letter that is replayed is the content alone. */
const Queued = v.object({
  eventSource: v.literal('aws:sqs'),
  receiptHandle: v.string(),
  body: v.pipe(v.string(), v.parseJson()),
  attributes: v.object({ ApproximateReceiveCount: v.pipe(v.string(), v.transform(Number)) }),
})

export type WebhookMessage = {
  readonly content: BusEvent | Delivery
  readonly receives: number
  /** Absent if it is not in the queue. */
  readonly handle?: string
}

/** @throws ValiError if the message is none of ours */
export function readMessage(message: unknown): WebhookMessage {
  if (!v.is(v.looseObject({ eventSource: v.string() }), message))
    return { content: v.parse(Content, message), receives: maxReceives }
  const { receiptHandle: handle, body, attributes } = v.parse(Queued, message)
  return { content: v.parse(Content, body), receives: attributes.ApproximateReceiveCount, handle }
}

/** The longest time for which SQS hides a message. */
const longestSeconds = 43_200

/** Hides a message until its next attempt. Idempotent: a repetition hides it as long from then on. */
export const createPostpone =
  (sqs: SQSClient, queueUrl: string) =>
  async ({ handle }: WebhookMessage, waitMs: number): Promise<void> => {
    if (handle === undefined) return
    const VisibilityTimeout = Math.min(longestSeconds, Math.ceil(waitMs / 1_000))
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle: handle, VisibilityTimeout }))
  }
