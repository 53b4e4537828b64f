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
import { connectionsIn } from '../connection/connections.ts'
import { projectsIn } from '../connection/projects.ts'
import { sessionsInto } from '../connection/sessions.ts'
import { accountLists } from '../propagation/account-list.ts'
import { behindIn } from '../propagation/behind.ts'
import { carrier } from '../propagation/carry.ts'
import { circuitsOf } from '../propagation/circuits.ts'
import { publisher } from '../propagation/domain-events.ts'
import { endsIn } from '../propagation/ends.ts'
import { parkingIn } from '../propagation/parked.ts'
import { propagation } from '../propagation/propagate.ts'
import { readTasks } from '../propagation/read-tasks.ts'
import { listReader } from '../suppression/read-list.ts'
import { failureIn } from './failure.ts'
import { pseudonymsWith } from './pseudonym.ts'
import { type LambdaHandler, onLambda, type Surroundings, setting } from './surroundings.ts'

/** What Lambda understands of a batch: nothing beside it may stand there. */
type BatchAnswer = { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] }

export function propagateSuppression(surroundings: Surroundings): LambdaHandler<BatchAnswer> {
  const { client, now, log } = surroundings
  const dynamodb = new DynamoDBClient({ ...client, cacheMiddleware: true })
  const table = setting(surroundings, 'PROJECTS_TABLE')
  const suppressions = listReader(dynamodb, setting(surroundings, 'SUPPRESSIONS_TABLE'))
  const pseudonymOf = pseudonymsWith(setting(surroundings, 'LOG_KEY'))
  // What SES refuses for now waits in the queue, not here.
  const listOf = accountLists(
    sessionsInto(new STSClient(client), now),
    (region, credentials) => new SESv2Client({ ...client, region, credentials, maxAttempts: 1, cacheMiddleware: true }),
  )
  const propagate = propagation({
    projects: projectsIn(dynamodb, table),
    connections: connectionsIn(dynamodb, table),
    listOf: (connection) => listOf(connection),
    carrier: carrier(suppressions, endsIn(dynamodb, table), now),
    circuits: circuitsOf(now),
    behind: behindIn(dynamodb, table),
    park: parkingIn(new SQSClient(client), setting(surroundings, 'RETRY_QUEUE'), now).park,
    publish: publisher(new EventBridgeClient(client), setting(surroundings, 'EVENT_BUS')),
    now,
  })

  return async (event) => {
    const done = await propagate(readTasks(event))
    for (const one of done) {
      const { project, address } = one.task
      const about = { project, address: pseudonymOf(address) }
      log(JSON.stringify('outcome' in one ? { outcome: one.outcome, ...about } : { ...failureIn(one.error), ...about }))
    }
    const failed = done.filter((one) => 'error' in one).map(({ task }) => ({ itemIdentifier: task.id }))
    return { batchItemFailures: failed }
  }
}

export const handler = onLambda(propagateSuppression)
