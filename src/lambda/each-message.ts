/**
 * Handles every message of a queue, each independently of the others, and reports those that failed: SQS delivers them again and finally moves
 * them to the dead-letter queue.
 *
 * A message that did not come from a queue cannot be left in one (`sesame replay` passes dead letters): if it fails, the invocation fails.
 */
import * as v from 'valibot'
import { type Outcome, type Outcomes, RecordsFailedError } from './each-record.ts'
import { failureOf } from './failure.ts'

export type MessageOutcomes = Outcomes & {
  /** Read by Lambda, because the event source has ReportBatchItemFailures. */
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[]
}

/**
 * @param logFailure gets the facts of each failure: the answer to Lambda only identifies the message
 * @returns a handler that throws RecordsFailedError if a message failed that did not come from a queue
 */
export const eachMessage =
  (handle: (message: unknown) => Promise<Outcome>, logFailure: (facts: object) => void) =>
  async (event: unknown): Promise<MessageOutcomes> => {
    const messages = v.is(LambdaEvent, event) ? event.Records : [event]
    const results = await Promise.allSettled(messages.map(async (message) => handle(message)))
    const outcomes = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    const failed = results.flatMap((result, i) =>
      result.status === 'rejected' ? [{ reason: result.reason, message: messages[i] }] : [],
    )
    const batchItemFailures = failed.flatMap(({ message }) =>
      v.is(QueuedMessage, message) ? { itemIdentifier: message.messageId } : [],
    )
    if (batchItemFailures.length < failed.length)
      throw new RecordsFailedError(
        failed.map(({ reason }) => reason),
        outcomes,
      )
    for (const { reason } of failed) logFailure(failureOf(reason))
    return { outcomes, batchItemFailures }
  }

const LambdaEvent = v.object({ Records: v.array(v.unknown()) })
const QueuedMessage = v.object({ messageId: v.string(), eventSource: v.literal('aws:sqs') })
