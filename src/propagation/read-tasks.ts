/** Reads the tasks of an invocation: records of the table's stream, or messages of the retry queue. */
import * as v from 'valibot'
import { readRetryMessage } from './retry-queue.ts'
import { readStreamChange, type StreamChange } from './stream-record.ts'

/** One address to propagate: a stream record has its change, a retry message has the number of attempts so far. */
export type PropagationTask = {
  /** The identifier by which Lambda learns which records failed. */
  readonly id: string
  readonly project: string
  readonly address: string
  readonly change?: StreamChange
  readonly attempt?: number
}

const StreamRecord = v.looseObject({
  eventSource: v.literal('aws:dynamodb'),
  dynamodb: v.looseObject({ SequenceNumber: v.string() }),
})
const QueueMessage = v.looseObject({ eventSource: v.literal('aws:sqs'), messageId: v.string(), body: v.string() })
const Batch = v.object({ Records: v.array(v.variant('eventSource', [StreamRecord, QueueMessage])) })

/** An event that is neither a batch of stream records nor of retry messages. The message omits the value, which may be an address. */
class MalformedTaskError extends Error {
  override readonly name = 'MalformedTaskError'
  readonly retryable = false
  readonly field: string

  constructor(field: string) {
    super(`${field} is not valid in a stream record or a retry message`)
    this.field = field
  }
}

/** @throws MalformedTaskError: the batch fails and ends in the dead-letter queue */
export function readTasks(event: unknown): PropagationTask[] {
  try {
    return v.parse(Batch, event).Records.map((record): PropagationTask => {
      if (record.eventSource === 'aws:sqs') return { id: record.messageId, ...readRetryMessage(record.body) }
      const change = readStreamChange(record)
      return { id: record.dynamodb.SequenceNumber, project: change.project, address: change.address, change }
    })
  } catch (error) {
    if (!v.isValiError(error)) throw error
    throw new MalformedTaskError(v.getDotPath(error.issues[0]) ?? 'The event')
  }
}
