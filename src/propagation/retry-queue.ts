/**
 * The retry queue holds addresses whose verdict could not be applied because of a transient failure, events that could not be published, and
 * records of the stream that failed because of Sesame itself. Each attempt waits longer.
 *
 * A message about a verdict names the address only. The verdict is read when the message arrives, so order and duplicates do not matter. A
 * message about an event has the event, and one about a record has the record: only the stream record showed what had changed.
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

/** @throws ValiError if the message is malformed */
export const readRetryMessage = (message: unknown): RetryMessage => v.parse(RetryMessage, message)

/** A record of the stream. What else it says is not needed. */
export type KeptRecord = { readonly eventSource: 'aws:dynamodb'; readonly dynamodb: object }

const KeptMessage = v.object({ attempt: v.number(), record: v.looseObject({}) })

/** The record that a message keeps; `undefined` if it is another message. */
export function readKeptRecord(message: unknown): v.InferOutput<typeof KeptMessage> | undefined {
  const read = v.safeParse(KeptMessage, message)
  return read.success ? read.output : undefined
}

/** Attempts to apply a verdict, about an hour in total. After that the reconcile applies it. An event is tried until it is published. */
export const maxAttempts = 10

/** The longest delay that SQS supports. */
const longestMs = 900_000
const shortestMs = 5_000
const batchSize = 10
/** SQS counts the characters of all messages of a request in bytes, and accepts 1 MiB; 256 KiB before August 2025. */
const batchBytes = 240_000

export type RetryQueue = ReturnType<typeof createRetryQueue>

/** @param perSecond the rate at which SES accepts calls in one account. The addresses of a project are spaced by it */
export function createRetryQueue(sqs: SQSClient, queueUrl: string, now: () => Date, perSecond: number) {
  const { delaySecondsOf, hasRoom } = createDelays(now, 1_000 / perSecond)

  async function send(messages: readonly { readonly MessageBody: string; readonly DelaySeconds: number }[]) {
    for (const batch of batchesOf(messages)) {
      const Entries = batch.map((message, index) => ({ Id: String(index), ...message }))
      const { Successful = [], Failed = [] } = await sqs.send(
        new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }),
      )
      // What SQS does not name as accepted is not in the queue.
      const missing = Entries.length - Successful.length
      if (missing > 0) throw new RetryQueueError(missing, Failed[0]?.Code ?? 'unknown')
    }
  }

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
    enqueue: (messages: readonly RetryMessage[]): Promise<void> =>
      send(
        messages.map((message) => ({ MessageBody: JSON.stringify(message), DelaySeconds: delaySecondsOf(message) })),
      ),

    /**
     * Keeps records of the stream that failed. Idempotent in effect: a change that is processed twice publishes the same event id.
     * @throws RetryQueueError if SQS rejects any message
     */
    keep: (records: readonly KeptRecord[]): Promise<void> =>
      send(
        records.map((record) => ({
          MessageBody: JSON.stringify({ attempt: 1, record }),
          DelaySeconds: shortestMs / 1_000,
        })),
      ),
  }
}

function batchesOf<Entry extends { readonly MessageBody: string }>(messages: readonly Entry[]): Entry[][] {
  const batches: Entry[][] = []
  let bytes = 0
  for (const message of messages) {
    const size = Buffer.byteLength(message.MessageBody)
    const batch = batches.at(-1)
    if (batch && batch.length < batchSize && bytes + size <= batchBytes) {
      batch.push(message)
      bytes += size
    } else {
      batches.push([message])
      bytes = size
    }
  }
  return batches
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
