/** The inputs of SQS's operations, and how a batch is worked off. */
import * as v from 'valibot'
import { AwsError } from '../service.ts'
import { outgoing } from './message.ts'

export const inQueue = v.object({ QueueUrl: v.string() })
export const names = v.optional(v.array(v.string()), [])
const seconds = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(43_200))
export const bySend = v.object({ ...inQueue.entries, ...outgoing.entries })
export const byReceive = v.object({
  ...inQueue.entries,
  MaxNumberOfMessages: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10)), 1),
  VisibilityTimeout: v.optional(seconds),
  WaitTimeSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(20))),
  AttributeNames: names,
  MessageSystemAttributeNames: names,
  MessageAttributeNames: names,
})
export const byHandle = v.object({ ...inQueue.entries, ReceiptHandle: v.string() })
export const byVisibility = v.object({ ...byHandle.entries, VisibilityTimeout: seconds })
const batch = <const Entry extends v.ObjectEntries>(entry: Entry) =>
  v.object({ ...inQueue.entries, Entries: v.array(v.object({ Id: v.string(), ...entry })) })
export const bySendBatch = batch(outgoing.entries)
export const byDeleteBatch = batch({ ReceiptHandle: v.string() })
export const byVisibilityBatch = batch({ ReceiptHandle: v.string(), VisibilityTimeout: seconds })

export const attributesInput = v.optional(v.record(v.string(), v.string()), {})

/** Tries every entry of a batch: one that fails is reported and takes no other with it. */
export function eachEntry<Entry extends { Id: string }>(
  entries: readonly Entry[],
  act: (entry: Entry) => object | undefined,
) {
  if (entries.length === 0) {
    throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.')
  }
  if (entries.length > 10) {
    throw new AwsError('TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10.')
  }
  if (new Set(entries.map((entry) => entry.Id)).size < entries.length) {
    throw new AwsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.')
  }
  const Successful: object[] = []
  const Failed: object[] = []
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...act(entry) })
    } catch (cause) {
      if (!(cause instanceof AwsError)) throw cause
      Failed.push({ Id: entry.Id, Code: cause.code, Message: cause.message, SenderFault: cause.status < 500 })
    }
  }
  return { Successful, Failed }
}
