/**
 * Changes of the suppression list → account lists of the customers, and events for whoever listens.
 *
 * Runs as iam/suppression-propagation.yml. It is driven by the table's stream and by its own retry queue; of both it answers which records
 * failed, and everything from the first of them on comes again.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SESv2Client } from '@aws-sdk/client-sesv2'
import { SQSClient } from '@aws-sdk/client-sqs'
import { STSClient } from '@aws-sdk/client-sts'
import { createSessions } from '../access/session/sessions.ts'
import { failureOf } from '../lambda/failure.ts'
import { createPseudonyms } from '../lambda/pseudonym.ts'
import { createLambdaHandler, type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { createConnections } from '../projects/connections.ts'
import { createProjects } from '../projects/projects.ts'
import { createAccountLists } from '../propagation/account-list.ts'
import { createVerdictApplier } from '../propagation/apply-verdict.ts'
import { createCircuitBreaker } from '../propagation/circuit-breaker.ts'
import { createPublisher } from '../propagation/domain-events.ts'
import { createExpiries } from '../propagation/ends.ts'
import { createOutOfSync } from '../propagation/out-of-sync.ts'
import { createPropagation } from '../propagation/propagate.ts'
import { readTasks } from '../propagation/read-tasks.ts'
import { createRetryQueue } from '../propagation/retry-queue.ts'
import { createListReader } from '../suppression/read-list.ts'

/** What Lambda understands of a batch: nothing beside it may stand there. */
type BatchAnswer = { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] }

export function propagateSuppression(surroundings: Runtime): LambdaHandler<BatchAnswer> {
  const { client, now, log } = surroundings
  const dynamodb = new DynamoDBClient({ ...client, cacheMiddleware: true })
  const table = readSetting(surroundings, 'PROJECTS_TABLE')
  const suppressions = createListReader(dynamodb, readSetting(surroundings, 'SUPPRESSIONS_TABLE'))
  const pseudonymOf = createPseudonyms(readSetting(surroundings, 'LOG_KEY'))
  // What SES refuses for now waits in the queue, not here.
  const listOf = createAccountLists(
    createSessions(new STSClient(client), now),
    (region, credentials) => new SESv2Client({ ...client, region, credentials, maxAttempts: 1, cacheMiddleware: true }),
  )
  const propagate = createPropagation({
    projects: createProjects(dynamodb, table),
    connections: createConnections(dynamodb, table),
    listOf: (connection) => listOf(connection),
    carrier: createVerdictApplier(suppressions, createExpiries(dynamodb, table), now),
    circuits: createCircuitBreaker(now),
    behind: createOutOfSync(dynamodb, table),
    park: createRetryQueue(new SQSClient(client), readSetting(surroundings, 'RETRY_QUEUE'), now).park,
    publish: createPublisher(new EventBridgeClient(client), readSetting(surroundings, 'EVENT_BUS')),
    now,
  })

  return async (event) => {
    const done = await propagate(readTasks(event))
    for (const one of done) {
      const { project, address } = one.task
      const about = { project, address: pseudonymOf(address) }
      log(JSON.stringify('outcome' in one ? { outcome: one.outcome, ...about } : { ...failureOf(one.error), ...about }))
    }
    const failed = done.filter((one) => 'error' in one).map(({ task }) => ({ itemIdentifier: task.id }))
    return { batchItemFailures: failed }
  }
}

export const handler = createLambdaHandler(propagateSuppression)
