/**
 * SQS → Lambda: receives batches, deletes the handled messages, and leaves the others to the queue's visibility timeout and redrive policy.
 *
 * With ReportBatchItemFailures the handler reports the failed messages. An unknown or missing id fails the whole batch, as on AWS. With a
 * redrive policy a failed message becomes visible after its visibility timeout in virtual time. Without one its retries would never end, so
 * it waits for the clock and the next poll.
 */
import * as v from 'valibot'
import type { Ids } from '../ids.ts'
import type { Platform } from '../service.ts'
import { queueUrlOf } from '../sqs/directory.ts'
import { messageAttributesSchema } from '../sqs/message-attributes.ts'
import { setVisibility } from '../sqs/queue.ts'
import type { Sqs } from '../sqs/sqs.ts'
import { type CallAsFunction, createEventSource, type EventSource } from './event-source.ts'
import type { InvocationResult, LambdaFunction } from './function.ts'
import type { Runner } from './invocation.ts'

export type QueueMapping = { queueArn: string; batchSize?: number; reportBatchItemFailures?: boolean }

const messageSchema = v.object({
  MessageId: v.string(),
  ReceiptHandle: v.string(),
  Body: v.string(),
  MD5OfBody: v.string(),
  Attributes: v.optional(v.record(v.string(), v.string()), {}),
  MessageAttributes: v.optional(messageAttributesSchema, {}),
  MD5OfMessageAttributes: v.optional(v.string()),
})
type Message = v.InferOutput<typeof messageSchema>
const received = v.object({ Messages: v.optional(v.array(messageSchema), []) })
const queueAttributes = v.object({
  Attributes: v.object({ VisibilityTimeout: v.pipe(v.string(), v.transform(Number)) }),
})

export function createQueueSource(
  platform: Platform,
  runner: Runner,
  sqs: Sqs,
  ids: Ids,
  fn: LambdaFunction,
  { queueArn, batchSize = 10, reportBatchItemFailures = false }: QueueMapping,
): EventSource {
  const QueueUrl = queueUrlOf(platform, queueArn)

  const takeBatch = async (call: CallAsFunction): Promise<Message[]> => {
    const batch: Message[] = []
    while (batch.length < batchSize) {
      const { Messages } = v.parse(
        received,
        await call('sqs', 'ReceiveMessage', {
          QueueUrl,
          MaxNumberOfMessages: Math.min(10, batchSize - batch.length),
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
      )
      if (Messages.length === 0) break
      batch.push(...Messages)
    }
    return batch
  }

  const remove = async (call: CallAsFunction, handled: readonly Message[]): Promise<void> => {
    for (let from = 0; from < handled.length; from += 10) {
      const Entries = handled
        .slice(from, from + 10)
        .map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }))
      await call('sqs', 'DeleteMessageBatch', { QueueUrl, Entries })
    }
  }

  /**
   * Makes failed messages visible again after the visibility timeout, in virtual time. A message whose visibility the function has changed
   * waits for the clock, as one with a delay does.
   */
  const scheduleReturn = (failed: readonly Message[], timeoutSeconds: number): void => {
    const queue = sqs.queues.get(queueArn)
    if (!queue?.attributes.RedrivePolicy) return
    const handles = new Set(failed.map(({ ReceiptHandle }) => ReceiptHandle))
    const returning = queue.messages.filter(
      ({ receiptHandle, isPostponed }) => receiptHandle !== undefined && handles.has(receiptHandle) && !isPostponed,
    )
    if (returning.length === 0) return
    platform.work.after(timeoutSeconds * 1000, async () => {
      for (const message of returning) setVisibility(message, platform.clock.now(), 0)
      source.poll()
    })
  }

  const source = createEventSource(platform, fn, queueArn, async (call) => {
    const answer = await call('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['VisibilityTimeout'] })
    const timeout = v.parse(queueAttributes, answer).Attributes.VisibilityTimeout
    for (;;) {
      const batch = await takeBatch(call)
      if (batch.length === 0) return
      const event = { Records: batch.map((message) => recordOf(message, queueArn, platform.region)) }
      const failedIds = failedIn(batch, await runner.run(fn, event, ids.uuid()), reportBatchItemFailures)
      const failed = batch.filter(({ MessageId }) => failedIds.has(MessageId))
      await remove(
        call,
        batch.filter(({ MessageId }) => !failedIds.has(MessageId)),
      )
      if (failed.length > 0) scheduleReturn(failed, timeout)
    }
  })
  sqs.onArrival((arn) => {
    if (arn === queueArn) source.poll()
  })
  return source
}

const report = v.nullish(
  v.object({ batchItemFailures: v.nullish(v.array(v.object({ itemIdentifier: v.string() })), []) }),
)

/** The ids in a partial batch response. Undefined when the payload is no such response; then every item failed. */
export function reportedFailures(payload: unknown): string[] | undefined {
  const answer = v.safeParse(report, payload)
  if (!answer.success) return undefined
  return answer.output?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier) ?? []
}

function failedIn(batch: readonly Message[], finished: InvocationResult, partial: boolean): Set<string> {
  const all = new Set(batch.map(({ MessageId }) => MessageId))
  if (finished.failure) return all
  if (!partial) return new Set()
  const named = reportedFailures(finished.payload)
  return named?.every((id) => all.has(id)) ? new Set(named) : all
}

function recordOf(message: Message, eventSourceARN: string, awsRegion: string): object {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes,
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes).map(([name, attribute]) => [
        name,
        {
          ...(attribute.StringValue !== undefined && { stringValue: attribute.StringValue }),
          ...(attribute.BinaryValue && { binaryValue: Buffer.from(attribute.BinaryValue).toString('base64') }),
          stringListValues: [],
          binaryListValues: [],
          dataType: attribute.DataType,
        },
      ]),
    ),
    ...(message.MD5OfMessageAttributes && { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion,
  }
}
