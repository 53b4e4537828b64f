/**
 * The retry queue holds addresses whose verdict could not be applied because of a transient failure, and events that could not be published.
 * Each attempt waits longer.
 *
 * A message about a verdict names the address only. The verdict is read when the message arrives, so order and duplicates do not matter. A
 * message about an event has the event: only the stream record showed what had changed.
 */
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs'
import * as v from 'valibot'
import { StoredAddressEvent } from '../events/address-events.ts'
import { createRecentlyUsed } from '../recently-used.ts'

const RetryMessage = v.object({
  project: v.string(),
  address: v.string(),
  attempt: v.number(),
  event: v.optional(StoredAddressEvent),
})
export type RetryMessage = Readonly<v.InferOutput<typeof RetryMessage>>

/** @throws ValiError if the body of the message is malformed */
export const readRetryMessage = (body: string): RetryMessage =>
  v.parse(v.pipe(v.string(), v.parseJson(), RetryMessage), body)

/** Attempts to apply a verdict, about an hour in total. After that the reconcile applies it. An event is tried until it is published. */
export const maxAttempts = 10

/** The longest delay that SQS supports. */
const longestMs = 900_000
const shortestMs = 5_000
const batchSize = 10

export type RetryQueue = ReturnType<typeof createRetryQueue>

/** @param perSecond the rate at which SES accepts calls in one account. The addresses of a project are spaced by it */
export function createRetryQueue(sqs: SQSClient, queueUrl: string, now: () => Date, perSecond: number) {
  const { delaySecondsOf, hasRoom } = createDelays(now, 1_000 / perSecond)

  return {
    /**
     * Whether another address of the project can be tried within the longest delay. The queue is shared by all projects: a project with more
     * addresses than its account accepts in that time is reconciled as a whole.
     */
    hasRoom,

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

/** Delays in seconds: doubled after each attempt, and the addresses of one project at the rate that its account accepts. */
function createDelays(now: () => Date, spacingMs: number) {
  const lastByProject = createRecentlyUsed<{ atMs: number }>(10_000)
  const nextMsOf = (project: string): number => (lastByProject.get(project)?.atMs ?? 0) + spacingMs
  const hasRoom = (project: string): boolean => nextMsOf(project) <= now().getTime() + longestMs
  const delaySecondsOf = ({ project, attempt, event }: RetryMessage): number => {
    const nowMs = now().getTime()
    const earliestMs = nowMs + shortestMs * 2 ** (attempt - 1)
    if (event) return Math.min(Math.ceil((earliestMs - nowMs) / 1_000), longestMs / 1_000)
    const spacedMs = Math.max(earliestMs, nextMsOf(project))
    const atMs = Math.min(spacedMs, nowMs + longestMs)
    lastByProject.set(project, { atMs })
    return Math.ceil((atMs - nowMs) / 1_000)
  }
  return { delaySecondsOf, hasRoom }
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
