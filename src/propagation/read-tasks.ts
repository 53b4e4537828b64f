/** What Lambda hands over → tasks: records of the stream, or messages of the retry queue. */
import * as v from 'valibot'
import type { PropagationTask } from './propagate.ts'
import { readRetryMessage } from './retry-queue.ts'
import { readStreamChange } from './stream-record.ts'

const OfStream = v.looseObject({
  eventSource: v.literal('aws:dynamodb'),
  dynamodb: v.looseObject({ SequenceNumber: v.string() }),
})
const OfQueue = v.looseObject({ eventSource: v.literal('aws:sqs'), messageId: v.string(), body: v.string() })
const Batch = v.object({ Records: v.array(v.variant('eventSource', [OfStream, OfQueue])) })

/** Neither a record of the table's stream nor a message of the retry queue. It does not show what was there: that may be an address. */
class MalformedTaskError extends Error {
  override readonly name = 'MalformedTaskError'
  readonly retryable = false
  readonly field: string

  constructor(field: string) {
    super(`${field} is not what the stream or the retry queue brings`)
    this.field = field
  }
}

/** @throws MalformedTaskError: the batch fails, and ends among the dead letters */
export function readTasks(event: unknown): PropagationTask[] {
  try {
    return v.parse(Batch, event).Records.map((record): PropagationTask => {
      if (record.eventSource === 'aws:sqs') return { id: record.messageId, ...readRetryMessage(record.body) }
      const change = readStreamChange(record)
      return { id: record.dynamodb.SequenceNumber, project: change.project, address: change.address, change }
    })
  } catch (error) {
    if (!v.isValiError(error)) throw error
    throw new MalformedTaskError(v.getDotPath(error.issues[0]) ?? 'the event')
  }
}
