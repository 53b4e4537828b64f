/**
 * SQS: standard queues with visibility timeouts, retention, dead-letter queues and queue policies. FIFO queues are refused.
 *
 * Visibility timeouts follow the platform's clock. A long poll returns at once, unless `longPolling` is set. A client of SQS must expect
 * both.
 */
import type { Platform, Service } from '../service.ts'
import { createQueueDirectory } from './directory.ts'
import { keptSqsState } from './kept-state.ts'
import { messageOperations } from './message-operations.ts'
import type { Queue } from './queue.ts'
import { queueOperations } from './queue-operations.ts'

export type Sqs = Service & {
  /** Every queue by its ARN. */
  readonly queues: ReadonlyMap<string, Queue>
  /** Whether a long poll of an empty queue waits in real time. For a server; a test polls again instead. */
  longPolling: boolean
  /** Calls `listener` with a queue's ARN whenever a message arrives or becomes visible again. */
  onArrival(listener: (queueArn: string) => void): void
}

export function createSqs(platform: Platform): Sqs {
  const directory = createQueueDirectory(platform)
  const sqs: Sqs = {
    queues: directory.queues,
    keeps: () => keptSqsState(directory.queues),
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
