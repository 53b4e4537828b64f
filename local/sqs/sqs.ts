/**
 * SQS: standard queues with visibility timeouts, retention, dead-letter queues and queue policies.
 *
 * Time is the platform's clock: a visibility timeout ends when the clock says so. A long poll answers at once with what there is, unless
 * `waits` is set; either is what a client must expect of SQS. FIFO queues are refused.
 */
import type { Platform, Service } from '../service.ts'
import { createQueueDirectory } from './directory.ts'
import { messageOperations } from './message-operations.ts'
import type { Queue } from './queue.ts'
import { queueOperations } from './queue-operations.ts'

export type Sqs = Service & {
  /** Every queue by its ARN. */
  readonly queues: ReadonlyMap<string, Queue>
  /** Whether a long poll of an empty queue really waits. For a server; a test asks again when something has happened. */
  longPolling: boolean
  /** Calls `listener` with a queue's ARN whenever a message has come in or is visible again. */
  onArrival(listener: (queueArn: string) => void): void
}

export function createSqs(platform: Platform): Sqs {
  const directory = createQueueDirectory(platform)
  const sqs: Sqs = {
    queues: directory.queues,
    longPolling: false,
    onArrival: directory.onArrival,
    resourcePolicy: ({ resource }) => directory.queues.get(resource)?.policy,
    operations: {
      ...queueOperations(directory),
      ...messageOperations(platform, directory, () => sqs.longPolling),
    },
  }
  return sqs
}
