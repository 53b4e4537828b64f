/**
 * Tries every message of a queue, and answers those that failed: the queue keeps them, and gives them out again until it puts them among
 * its dead letters. One bad message never takes good ones with it.
 *
 * What did not come from a queue cannot be left in one (`sesame replay` hands over a dead letter): then the invocation fails.
 */
import * as v from 'valibot'
import { type Outcome, type Outcomes, RecordsFailedError } from './each-record.ts'
import { failureOf } from './failure.ts'

export type MessageOutcomes = Outcomes & {
  /** As Lambda reads it, with ReportBatchItemFailures. */
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[]
}

/** @param tell is told of what failed, since the answer to Lambda has no room for it */
export const eachMessage =
  (handle: (message: unknown) => Promise<Outcome>, tell: (facts: object) => void) =>
  async (event: unknown): Promise<MessageOutcomes> => {
    const messages = v.is(LambdaEvent, event) ? event.Records : [event]
    const tried = await Promise.allSettled(messages.map(async (message) => handle(message)))
    const outcomes = tried.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    const failed = tried.flatMap((result, i) =>
      result.status === 'rejected' ? [{ reason: result.reason, message: messages[i] }] : [],
    )
    const kept = failed.flatMap(({ message }) => (v.is(Queued, message) ? { itemIdentifier: message.messageId } : []))
    if (kept.length < failed.length)
      throw new RecordsFailedError(
        failed.map(({ reason }) => reason),
        outcomes,
      )
    for (const { reason } of failed) tell(failureOf(reason))
    return { outcomes, batchItemFailures: kept }
  }

const LambdaEvent = v.object({ Records: v.array(v.unknown()) })
const Queued = v.object({ messageId: v.string(), eventSource: v.literal('aws:sqs') })
