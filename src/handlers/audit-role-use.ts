/**
 * CloudTrail's records of AssumeRole, through EventBridge → table of role uses, and an alarm about each unexpected use.
 *
 * Runs as iam/role-audit.yml: it may record uses and publish that alarm; it may assume no role.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import middy from '@middy/core'
import { readWindow } from '../audit/judge-use.ts'
import { createUseKeeper } from '../audit/keep-use.ts'
import { createKnownConnections } from '../audit/known-connections.ts'
import { createUseRecorder } from '../audit/record-use.ts'
import { readRoleCall } from '../audit/role-call.ts'
import { createEventBus } from '../events/bus.ts'
import { eachRecord, type Outcomes } from '../lambda/each-record.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { outcomeLog } from '../lambda/outcome-log.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'

export function auditRoleUse(runtime: Runtime): LambdaHandler<Outcomes> {
  const { client, env, log } = runtime
  const dynamodb = new DynamoDBClient(client)
  const record = createUseRecorder({
    uses: createUseKeeper(dynamodb, readSetting(runtime, 'ROLE_USES_TABLE')),
    publish: createEventBus(new EventBridgeClient(client), readSetting(runtime, 'EVENT_BUS')).publish,
    connectionsOf: createKnownConnections(dynamodb, readSetting(runtime, 'PROJECTS_TABLE')),
    stack: {
      stage: readSetting(runtime, 'STAGE'),
      region: readSetting(runtime, 'AWS_REGION'),
      operatorWindow: readWindow(env.OPERATOR_WINDOW ?? ''),
    },
  })
  return middy(eachRecord(async (event) => record(readRoleCall(event)))).use(outcomeLog(log))
}

export const handler = createLambdaHandler(auditRoleUse)
