/**
 * Addresses that could not be carried just now, for a reason that passes by itself: they wait in a queue, longer each time.
 *
 * The queue says which address, never what to do with it: that is read when its time comes, so order and duplicates do not matter.
 */
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs'
import * as v from 'valibot'
import { createRecentlyUsed } from '../recently-used.ts'

export type RetryMessage = { readonly project: string; readonly address: string; readonly attempt: number }

const ParkedAddress = v.object({ project: v.string(), address: v.string(), attempt: v.number() })

/** The body of a message of ours. */
export const readRetryMessage = (body: string): RetryMessage =>
  v.parse(v.pipe(v.string(), v.parseJson(), ParkedAddress), body)

/** Attempts by way of the queue, about an hour together; then the reconcile takes over. */
export const mostAttempts = 10

/** SQS delays no message longer. */
const longestMs = 900_000
const shortestMs = 5_000
/** SES takes most calls once a second from an account. */
const apartMs = 1_000
const atOnce = 10

/**
 * When each address may try again: twice as long after each attempt, and those of one project a second apart, so that they do not get in
 * each other's way once more.
 */
function turns(now: () => Date) {
  const lastOf = createRecentlyUsed<{ at: number }>(10_000)
  return ({ project, attempt }: RetryMessage): number => {
    const time = now().getTime()
    const wanted = Math.max(time + shortestMs * 2 ** (attempt - 1), (lastOf.get(project)?.at ?? 0) + apartMs)
    const at = Math.min(wanted, time + longestMs)
    lastOf.set(project, { at })
    return Math.ceil((at - time) / 1_000)
  }
}

export function createRetryQueue(sqs: SQSClient, queueUrl: string, now: () => Date) {
  const delayOf = turns(now)

  return {
    /** A message that is sent twice is worked twice, which changes nothing. Throws if any was not taken. */
    async park(addresses: readonly RetryMessage[]): Promise<void> {
      for (let from = 0; from < addresses.length; from += atOnce) {
        const Entries = addresses.slice(from, from + atOnce).map((one, index) => ({
          Id: String(index),
          MessageBody: JSON.stringify(one),
          DelaySeconds: delayOf(one),
        }))
        const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }))
        if (Failed.length > 0) throw new NotParkedError(Failed.length, Failed[0]?.Code ?? 'unknown')
      }
    },
  }
}

/** The queue did not take addresses: their records come again. */
class NotParkedError extends Error {
  override readonly name = 'NotParkedError'
  readonly retryable = true

  constructor(count: number, code: string) {
    super(`The retry queue did not take ${count} addresses: ${code}`)
  }
}
