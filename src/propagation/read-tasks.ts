/**
 * Reads the tasks of an invocation: records of the table's stream, messages of the retry queue, or dead letters that are replayed.
 *
 * A record that cannot be read fails alone: the tasks of the other records are returned beside it.
 */
import * as v from 'valibot'
import type { AddressEvent } from '../events/address-events.ts'
import { type KeptRecord, readKeptRecord, readRetryMessage } from './retry-queue.ts'
import { readStreamBatch, type StreamBatch } from './stream-batch.ts'
import { readStreamChange, type StreamChange } from './stream-record.ts'

/**
 * One address to propagate. A stream record has its change. A message of the retry queue has the number of attempts so far, and its event if
 * the event is all that is outstanding, or its change if the stream record failed.
 */
export type PropagationTask = {
  /** The identifier by which Lambda learns which records failed. */
  readonly id: string
  readonly project: string
  readonly address: string
  readonly change?: StreamChange
  readonly attempt?: number
  readonly event?: AddressEvent | undefined
  /** The record of the stream as it arrived from there, to be kept if the task fails. */
  readonly record?: KeptRecord
}

type UnreadableRecord = { readonly task: Pick<PropagationTask, 'id' | 'record'>; readonly error: unknown }

const StreamRecord = v.looseObject({
  eventSource: v.literal('aws:dynamodb'),
  dynamodb: v.looseObject({ SequenceNumber: v.string() }),
})
const QueueMessage = v.looseObject({ eventSource: v.literal('aws:sqs'), messageId: v.string(), body: v.string() })
const Batch = v.object({ Records: v.array(v.variant('eventSource', [StreamRecord, QueueMessage])) })
const JsonText = v.pipe(v.string(), v.parseJson())

/** A record that is neither a stream record nor a retry message. The message omits the value, which may be an address. */
class MalformedTaskError extends Error {
  override readonly name = 'MalformedTaskError'
  readonly retryable = false
  readonly field: string

  constructor(field: string) {
    super(`${field} is not valid in a stream record or a retry message`)
    this.field = field
  }
}

/**
 * @param recordsOf reads the records of a batch that Lambda gave up
 * @throws MalformedTaskError if it is no batch of records, or a record has no identifier: Lambda then delivers the batch again
 */
export async function readTasks(
  event: unknown,
  recordsOf: (batch: StreamBatch) => Promise<readonly unknown[]>,
): Promise<{ tasks: PropagationTask[]; unreadable: UnreadableRecord[] }> {
  const tasks: PropagationTask[] = []
  const unreadable: UnreadableRecord[] = []
  for (const record of orMalformed(() => v.parse(Batch, event).Records)) {
    const fromStream = record.eventSource === 'aws:dynamodb' && { record }
    const id = record.eventSource === 'aws:sqs' ? record.messageId : record.dynamodb.SequenceNumber
    try {
      const read = record.eventSource === 'aws:sqs' ? await readMessage(record.body, recordsOf) : [taskOf(record)]
      tasks.push(...read.map((task) => ({ id, ...fromStream, ...task })))
    } catch (error) {
      unreadable.push({ task: { id, ...fromStream }, error })
    }
  }
  return { tasks, unreadable }
}

type ReadTask = Omit<PropagationTask, 'id' | 'record'>

function taskOf(record: unknown): ReadTask {
  const change = orMalformed(() => readStreamChange(record))
  return { project: change.project, address: change.address, change }
}

/** The tasks of a message. A change that comes from a message comes late: others of the same address may have been processed before it. */
async function readMessage(
  body: string,
  recordsOf: (batch: StreamBatch) => Promise<readonly unknown[]>,
): Promise<ReadTask[]> {
  const message = orMalformed(() => v.parse(JsonText, body))
  const batch = readStreamBatch(message)
  if (batch) return (await recordsOf(batch)).map((record) => ({ ...taskOf(record), attempt: 1 }))
  const kept = readKeptRecord(message)
  if (kept) return [{ ...taskOf(kept.record), attempt: kept.attempt }]
  return [orMalformed(() => readRetryMessage(message))]
}

function orMalformed<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!v.isValiError(error)) throw error
    throw new MalformedTaskError(v.getDotPath(error.issues[0]) ?? 'The record')
  }
}
