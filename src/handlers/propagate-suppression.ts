/**
 * Changes of the suppression list → customers' account lists, and events on our event bus.
 *
 * Runs as iam/suppression-propagation.yml. The table's stream, the function's own retry queue and the replay of dead letters invoke it. It
 * keeps failed records of the stream in its retry queue. It reports which others failed: the stream delivers again from the first of them on,
 * the queue delivers exactly those again.
 */
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SQSClient } from '@aws-sdk/client-sqs'
import { createEventBus } from '../events/bus.ts'
import { createAddressLog } from '../lambda/address-log.ts'
import { type BatchAnswer, eachTask } from '../lambda/each-task.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { createPseudonyms } from '../lambda/pseudonym.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { createConnections } from '../projects/connections.ts'
import { createProjects } from '../projects/projects.ts'
import { createVerdictApplier } from '../propagation/apply-verdict.ts'
import { createCircuitBreaker } from '../propagation/circuit-breaker.ts'
import { createExpiries } from '../propagation/expiry.ts'
import { createFailureKeeper } from '../propagation/keep-failed.ts'
import { createSoftOutcomeNotes } from '../propagation/note-soft-outcome.ts'
import { createOutOfSync } from '../propagation/out-of-sync.ts'
import { createPropagation } from '../propagation/propagate.ts'
import { readTasks } from '../propagation/read-tasks.ts'
import { createRetryQueue } from '../propagation/retry-queue.ts'
import { createStreamBatches } from '../propagation/stream-batch.ts'
import { createWeekExpiry } from '../propagation/week-expiry.ts'
import { createMarkKeys } from '../suppression/erasure-mark.ts'
import { createListReader } from '../suppression/read-list.ts'
import { createErasureMarks } from '../suppression/read-marks.ts'
import { createCustomerAccountLists } from './account-lists.ts'
import { createLowOverheadClient } from './low-overhead-client.ts'
import { withSharedConnections } from './shared-connections.ts'

export function propagateSuppression(given: Runtime): LambdaHandler<BatchAnswer> {
  const runtime = withSharedConnections(given)
  const { client, now } = runtime
  const dynamodb = createLowOverheadClient(runtime)
  const table = readSetting(runtime, 'PROJECTS_TABLE')
  const perSecond = Number(readSetting(runtime, 'CALLS_PER_SECOND'))
  const suppressions = createListReader(dynamodb, readSetting(runtime, 'SUPPRESSIONS_TABLE'))
  const retryQueue = createRetryQueue(new SQSClient(client), readSetting(runtime, 'RETRY_QUEUE'), now, perSecond)
  const recordsOf = createStreamBatches(new DynamoDBStreamsClient(client))
  const keepFailed = createFailureKeeper(retryQueue)
  const propagate = createPropagation({
    projects: createProjects(dynamodb, table),
    connections: createConnections(dynamodb, table),
    listOf: createCustomerAccountLists(runtime),
    applier: createVerdictApplier(suppressions, createExpiries(dynamodb, table), now),
    circuitBreaker: createCircuitBreaker(now),
    outOfSync: createOutOfSync(dynamodb, table),
    retryQueue,
    publish: createEventBus(new EventBridgeClient(client), readSetting(runtime, 'EVENT_BUS')).publish,
    softOutcomes: createSoftOutcomeNotes(dynamodb, readSetting(runtime, 'SUPPRESSIONS_TABLE')),
    marks: createErasureMarks(
      dynamodb,
      readSetting(runtime, 'SUPPRESSIONS_TABLE'),
      createMarkKeys(readSetting(runtime, 'LOG_KEY')),
    ),
    weekExpiry: createWeekExpiry(dynamodb, readSetting(runtime, 'SUPPRESSIONS_TABLE')),
    now,
  })
  const log = createAddressLog(runtime.log, createPseudonyms(readSetting(runtime, 'LOG_KEY')))
  return eachTask(async (event) => {
    const { tasks, unreadable } = await readTasks(event, recordsOf)
    return keepFailed([...unreadable, ...(await propagate(tasks))])
  }, log)
}

export const handler = createLambdaHandler(propagateSuppression)
