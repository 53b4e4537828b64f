/**
 * Every hour → the connections whose turn it is, proven again.
 *
 * Runs as iam/configuration-management.yml. What there was no time for is due in the next hour.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { connectionChanges } from '../connection/change-connection.ts'
import { connectionsIn } from '../connection/connections.ts'
import { allConnections } from '../connection/directory.ts'
import { proveDue, type Round } from '../connection/proof/prove-due.ts'
import { proofRecorder } from '../connection/record-proof.ts'
import { configuringIn } from './configuring.ts'
import { placeOf } from './place.ts'
import { provingIn } from './proving.ts'
import { type LambdaHandler, onLambda, type Surroundings, setting } from './surroundings.ts'

/** As long as one proof may take, throttled calls repeated. */
const reserveMs = 90_000

export function proveConnections(surroundings: Surroundings): LambdaHandler<Round> {
  const { now, log, client } = surroundings
  const dynamodb = new DynamoDBClient(client)
  const table = setting(surroundings, 'PROJECTS_TABLE')
  const connections = { ...connectionsIn(dynamodb, table), ...connectionChanges(dynamodb, table) }
  const { inspect } = configuringIn(surroundings, dynamodb)
  const { prove, settle } = provingIn(surroundings, { connections, proofs: proofRecorder(dynamodb, table) }, inspect)

  return async (_, context) => {
    const round = await proveDue(
      {
        connections: () => allConnections(dynamodb, table),
        prove,
        settle,
        now,
        tell: (line) => log(JSON.stringify(line)),
        goesOn: () => context.getRemainingTimeInMillis() > reserveMs,
      },
      placeOf(context),
      { by: 'prove-connections', request: context.awsRequestId },
    )
    log(JSON.stringify(round))
    return round
  }
}

export const handler = onLambda(proveConnections)
