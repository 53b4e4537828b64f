/**
 * CloudTrail's records of AssumeRole, through EventBridge → the table of role uses, and an alarm about the unexpected.
 *
 * Runs as iam/role-audit.yml: it may write what happened, and tell of it; it enters nothing.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import middy from '@middy/core'
import { createAlarm } from '../audit/alarm.ts'
import { createKnownConnections } from '../audit/entered.ts'
import { readWindow } from '../audit/judge-use.ts'
import { createUseKeeper } from '../audit/keep-use.ts'
import { createUseRecorder } from '../audit/record-use.ts'
import { readRoleCall } from '../audit/role-call.ts'
import { eachRecord, type Outcomes } from '../lambda/each-record.ts'
import { outcomeLog } from '../lambda/outcome-log.ts'
import { createLambdaHandler, type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'

export function auditRoleUse(surroundings: Runtime): LambdaHandler<Outcomes> {
  const { client, env, log } = surroundings
  const dynamodb = new DynamoDBClient(client)
  const record = createUseRecorder({
    uses: createUseKeeper(dynamodb, readSetting(surroundings, 'ROLE_USES_TABLE')),
    alarm: createAlarm(new EventBridgeClient(client), readSetting(surroundings, 'EVENT_BUS')),
    connectionOf: createKnownConnections(dynamodb, readSetting(surroundings, 'PROJECTS_TABLE')),
    stack: {
      stage: readSetting(surroundings, 'STAGE'),
      region: readSetting(surroundings, 'AWS_REGION'),
      people: readWindow(env.OPERATOR_WINDOW ?? ''),
    },
  })
  return middy(eachRecord(async (event) => record(readRoleCall(event)))).use(outcomeLog(log))
}

export const handler = createLambdaHandler(auditRoleUse)
