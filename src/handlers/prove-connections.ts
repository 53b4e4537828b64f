/**
 * Every hour → the connections whose turn it is, proven again.
 *
 * Runs as iam/configuration-management.yml. What there was no time for is due in the next hour.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type ProofRun, proveDue } from '../access/proof/prove-due.ts'
import { readDeployment } from '../arn.ts'
import { createLambdaHandler, type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { createConnectionChanges } from '../projects/change-connection.ts'
import { createConnections } from '../projects/connections.ts'
import { allConnections } from '../projects/directory.ts'
import { createProofRecorder } from '../projects/record-proof.ts'
import { createConfiguring } from './configuring.ts'
import { createProving } from './proving.ts'

/** As long as one proof may take, throttled calls repeated. */
const reserveMs = 90_000

export function proveConnections(surroundings: Runtime): LambdaHandler<ProofRun> {
  const { now, log, client } = surroundings
  const dynamodb = new DynamoDBClient(client)
  const table = readSetting(surroundings, 'PROJECTS_TABLE')
  const connections = { ...createConnections(dynamodb, table), ...createConnectionChanges(dynamodb, table) }
  const { inspect } = createConfiguring(surroundings, dynamodb)
  const { prove, settle } = createProving(
    surroundings,
    { connections, proofs: createProofRecorder(dynamodb, table) },
    inspect,
  )

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
      readDeployment(context),
      { by: 'prove-connections', request: context.awsRequestId },
    )
    log(JSON.stringify(round))
    return round
  }
}

export const handler = createLambdaHandler(proveConnections)
