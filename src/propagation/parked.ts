/**
 * Addresses that could not be carried just now, for a reason that passes by itself: they wait in a queue, longer each time.
 *
 * The queue says which address, never what to do with it: that is read when its time comes, so order and duplicates do not matter.
 */
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs'
import * as v from 'valibot'

export type Parked = { readonly project: string; readonly address: string; readonly attempt: number }

const ParkedAddress = v.object({ project: v.string(), address: v.string(), attempt: v.number() })

/** The body of a message of ours. */
export const readParked = (body: string): Parked => v.parse(v.pipe(v.string(), v.parseJson(), ParkedAddress), body)

/** Attempts by way of the queue, about two hours together; then the reconcile takes over. */
export const mostAttempts = 10

/** SQS delays no message longer. */
const longestDelaySeconds = 900
const atOnce = 10

/** Half a minute, a minute, two …; up to as much again, spread over the addresses, so that they do not all come back at once. */
export function delayOf({ attempt, address }: Parked): number {
  const least = 15 * 2 ** attempt
  const spread = [...address].reduce((sum, sign) => (sum * 31 + (sign.codePointAt(0) ?? 0)) % 997, 7) / 997
  return Math.min(longestDelaySeconds, Math.round(least * (1 + spread)))
}

export function parkingIn(sqs: SQSClient, queueUrl: string) {
  return {
    /** A message that is sent twice is worked twice, which changes nothing. Throws if any was not taken. */
    async park(addresses: readonly Parked[]): Promise<void> {
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
export class NotParkedError extends Error {
  override readonly name = 'NotParkedError'
  readonly retryable = true

  constructor(count: number, code: string) {
    super(`The retry queue did not take ${count} addresses: ${code}`)
  }
}
