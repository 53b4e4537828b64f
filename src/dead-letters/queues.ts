/**
 * The dead-letter queues of the stack, and the function that a dead letter of each is replayed through.
 *
 * A queue has the name of its function: `sesame-STAGE-record-bounce-dead-letters`. What SNS could not deliver from the topics of connected
 * projects is in `sesame-STAGE-connected-dead-letters`: there, the kind of event decides.
 */
import { readEvent } from '../intake/read-event.ts'

/** Queues of functions that a schedule runs: the next run does the work of a failed one, so their letters need no replay. */
const scheduledRuns = [
  'reconcile-suppressions',
  'prove-connections',
  'seal-counts',
  'judge-rates',
  'check-feeds',
  'report',
] as const

/** All dead-letter queues of the stack, by the name of their function. */
export const deadLetterQueues = [
  'record-bounce',
  'record-complaint',
  'record-feedback',
  'connected',
  'audit-role-use',
  'record-activity',
  'propagate-suppression',
  'deliver-webhook',
  ...scheduledRuns,
] as const

export type DeadLetterQueueName = (typeof deadLetterQueues)[number]

export const isScheduledRun = (queue: DeadLetterQueueName): boolean => scheduledRuns.some((run) => run === queue)

export type DeadLetterQueue = { readonly name: DeadLetterQueueName; readonly url: string }

/** A setting names a queue that is not in the list. */
class UnknownQueueError extends Error {
  override readonly name = 'UnknownQueueError'
  readonly retryable = false

  constructor() {
    super('DEAD_LETTER_QUEUES names a queue that src/dead-letters/queues.ts does not list')
  }
}

/**
 * @param urls the queues' URLs, separated by commas
 * @throws UnknownQueueError
 */
export const readQueues = (stage: string, urls: string): DeadLetterQueue[] =>
  urls.split(',').map((url) => {
    const name = deadLetterQueues.find((one) => url.endsWith(`/sesame-${stage}-${one}-dead-letters`))
    if (name === undefined) throw new UnknownQueueError()
    return { name, url }
  })

/**
 * The function that records a letter's record. Both functions for events of our topics accept either kind of event; this is the choice that
 * the topics make.
 * @throws MalformedEventError if the record decides and is no event
 */
export function functionFor(queue: DeadLetterQueueName, record: unknown): Exclude<DeadLetterQueueName, 'connected'> {
  if (queue !== 'connected') return queue
  return readEvent(record).type === 'Complaint' ? 'record-complaint' : 'record-bounce'
}
