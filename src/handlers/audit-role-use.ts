/**
 * CloudTrail's records of AssumeRole, through EventBridge → the table of role uses, and an alarm about the unexpected.
 *
 * Runs as iam/role-audit.yml: it may write what happened, and tell of it; it enters nothing.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import middy from '@middy/core'
import { alarmOn } from '../audit/alarm.ts'
import { enteredIn } from '../audit/entered.ts'
import { readWindow } from '../audit/judge-use.ts'
import { useKeeper } from '../audit/keep-use.ts'
import { recordingWith } from '../audit/record-use.ts'
import { readRoleCall } from '../audit/role-call.ts'
import { eachRecord, type Outcomes } from './each-record.ts'
import { outcomeLog } from './outcome-log.ts'
import { type LambdaHandler, onLambda, type Surroundings, setting } from './surroundings.ts'

export function auditRoleUse(surroundings: Surroundings): LambdaHandler<Outcomes> {
  const { client, env, log } = surroundings
  const dynamodb = new DynamoDBClient(client)
  const record = recordingWith({
    uses: useKeeper(dynamodb, setting(surroundings, 'ROLE_USES_TABLE')),
    alarm: alarmOn(new EventBridgeClient(client), setting(surroundings, 'EVENT_BUS')),
    connectionOf: enteredIn(dynamodb, setting(surroundings, 'PROJECTS_TABLE')),
    stack: {
      stage: setting(surroundings, 'STAGE'),
      region: setting(surroundings, 'AWS_REGION'),
      people: readWindow(env.OPERATOR_WINDOW ?? ''),
    },
  })
  return middy(eachRecord(async (event) => record(readRoleCall(event)))).use(outcomeLog(log))
}

export const handler = onLambda(auditRoleUse)
