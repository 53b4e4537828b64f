/**
 * Reads the tasks of an invocation: records of the table's stream, or messages of the retry queue.
 *
 * A record that cannot be read fails alone: the tasks of the other records are returned beside it.
 */
import * as v from 'valibot'
import type { AddressEvent } from '../events/address-events.ts'
import { readRetryMessage } from './retry-queue.ts'
import { readStreamChange, type StreamChange } from './stream-record.ts'

/**
 * One address to propagate. A stream record has its change. A message of the retry queue has the number of attempts so far, and its event if
 * the event is all that is outstanding.
 */
export type PropagationTask = {
  /** The identifier by which Lambda learns which records failed. */
  readonly id: string
  readonly project: string
  readonly address: string
  readonly change?: StreamChange
  readonly attempt?: number
  readonly event?: AddressEvent | undefined
}

type UnreadableRecord = { readonly task: { readonly id: string }; readonly error: MalformedTaskError }

const StreamRecord = v.looseObject({
  eventSource: v.literal('aws:dynamodb'),
  dynamodb: v.looseObject({ SequenceNumber: v.string() }),
})
const QueueMessage = v.looseObject({ eventSource: v.literal('aws:sqs'), messageId: v.string(), body: v.string() })
const Batch = v.object({ Records: v.array(v.variant('eventSource', [StreamRecord, QueueMessage])) })
type BatchRecord = v.InferOutput<typeof Batch>['Records'][number]

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

/** @throws MalformedTaskError if it is no batch of records, or a record has no identifier: Lambda then delivers the batch again */
export function readTasks(event: unknown): { tasks: PropagationTask[]; unreadable: UnreadableRecord[] } {
  const tasks: PropagationTask[] = []
  const unreadable: UnreadableRecord[] = []
  for (const record of orMalformed(() => v.parse(Batch, event).Records)) {
    const id = record.eventSource === 'aws:sqs' ? record.messageId : record.dynamodb.SequenceNumber
    try {
      tasks.push({ id, ...orMalformed(() => readTask(record)) })
    } catch (error) {
      if (!(error instanceof MalformedTaskError)) throw error
      unreadable.push({ task: { id }, error })
    }
  }
  return { tasks, unreadable }
}

function readTask(record: BatchRecord): Omit<PropagationTask, 'id'> {
  if (record.eventSource === 'aws:sqs') return readRetryMessage(record.body)
  const change = readStreamChange(record)
  return { project: change.project, address: change.address, change }
}

function orMalformed<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!v.isValiError(error)) throw error
    throw new MalformedTaskError(v.getDotPath(error.issues[0]) ?? 'The record')
  }
}
