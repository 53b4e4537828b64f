/**
 * Every quarter of an hour → proofs of the connections that are due.
 *
 * Runs as iam/configuration-management.yml. A connection that a run has no time for stays due for the next run.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type ProofRun, proveDue } from '../access/proof/prove-due.ts'
import { readDeployment } from '../arn.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { metricLineOf } from '../lambda/metric-line.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { createConnectionChanges } from '../projects/change-connection.ts'
import { createConnections } from '../projects/connections.ts'
import { listDueWork, nextDirectorySlice } from '../projects/list-due-work.ts'
import { createProofRecorder } from '../projects/record-proof.ts'
import { createProofSchedule } from '../projects/schedule-proofs.ts'
import { createConfiguring } from './configuring.ts'
import { createProving } from './proving.ts'
import { withSharedConnections } from './shared-connections.ts'

/** Longest time that one proof takes, retries of throttled calls included. */
const reserveMs = 90_000

export function proveConnections(given: Runtime): LambdaHandler<ProofRun> {
  const runtime = withSharedConnections(given)
  const { now, log, client } = runtime
  const dynamodb = new DynamoDBClient(client)
  const table = readSetting(runtime, 'PROJECTS_TABLE')
  const connections = { ...createConnections(dynamodb, table), ...createConnectionChanges(dynamodb, table) }
  const { inspect } = createConfiguring(runtime, dynamodb)
  const { prove, settle } = createProving(
    runtime,
    { connections, proofs: createProofRecorder(dynamodb, table) },
    inspect,
  )

  return async (_, context) => {
    return proveDue(
      {
        connections,
        listDue: (at) => listDueWork(dynamodb, table, 'proof', at),
        nextSlice: (at) => nextDirectorySlice(dynamodb, table, 'proof', at),
        schedule: createProofSchedule(dynamodb, table),
        prove,
        settle,
        now,
        report: (line) => log(JSON.stringify(line)),
        tally: (run) => log(metricLineOf({ left: run.left }, context.functionName, now(), run)),
        hasTimeLeft: () => context.getRemainingTimeInMillis() > reserveMs,
      },
      readDeployment(context),
      { by: 'prove-connections', request: context.awsRequestId },
    )
  }
}

export const handler = createLambdaHandler(proveConnections)
