/**
 * The retry queue holds addresses whose verdict could not be applied because of a transient failure. Each attempt waits longer.
 *
 * A message names the address only. The verdict is read when the message arrives, so order and duplicates do not matter.
 */
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs'
import * as v from 'valibot'
import { createRecentlyUsed } from '../recently-used.ts'

const RetryMessage = v.object({ project: v.string(), address: v.string(), attempt: v.number() })
export type RetryMessage = Readonly<v.InferOutput<typeof RetryMessage>>

/** @throws ValiError if the body of the message is malformed */
export const readRetryMessage = (body: string): RetryMessage =>
  v.parse(v.pipe(v.string(), v.parseJson(), RetryMessage), body)

/** Attempts through the queue, about an hour in total. After that the reconcile applies the verdict. */
export const maxAttempts = 10

/** The longest delay that SQS supports. */
const longestMs = 900_000
const shortestMs = 5_000
/** SES allows most operations once a second per account. */
const spacingMs = 1_000
const batchSize = 10

export function createRetryQueue(sqs: SQSClient, queueUrl: string, now: () => Date) {
  const delaySecondsOf = createDelays(now)

  return {
    /**
     * Idempotent in effect: a message that is sent twice is processed twice, and applying a verdict is idempotent.
     * @throws RetryQueueError if SQS rejects any message
     */
    async enqueue(messages: readonly RetryMessage[]): Promise<void> {
      for (let from = 0; from < messages.length; from += batchSize) {
        const Entries = messages.slice(from, from + batchSize).map((message, index) => ({
          Id: String(index),
          MessageBody: JSON.stringify(message),
          DelaySeconds: delaySecondsOf(message),
        }))
        const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }))
        if (Failed.length > 0) throw new RetryQueueError(Failed.length, Failed[0]?.Code ?? 'unknown')
      }
    },
  }
}

/** Delays in seconds: doubled after each attempt, and a second apart for the addresses of one project, as SES allows. */
function createDelays(now: () => Date) {
  const lastByProject = createRecentlyUsed<{ atMs: number }>(10_000)
  return ({ project, attempt }: RetryMessage): number => {
    const nowMs = now().getTime()
    const earliestMs = nowMs + shortestMs * 2 ** (attempt - 1)
    const spacedMs = Math.max(earliestMs, (lastByProject.get(project)?.atMs ?? 0) + spacingMs)
    const atMs = Math.min(spacedMs, nowMs + longestMs)
    lastByProject.set(project, { atMs })
    return Math.ceil((atMs - nowMs) / 1_000)
  }
}

/** SQS rejected retry messages. Lambda delivers their records again. */
class RetryQueueError extends Error {
  override readonly name = 'RetryQueueError'
  readonly retryable = true
  readonly count: number
  readonly code: string

  constructor(count: number, code: string) {
    super(`The retry queue rejected ${count} messages: ${code}`)
    this.count = count
    this.code = code
  }
}
