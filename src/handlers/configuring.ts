/** Configuration of projects in SES and SNS: shared by manage-connection and prove-connections. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { STSClient } from '@aws-sdk/client-sts'
import { createSessions } from '../access/session/sessions.ts'
import { type Configuration, createConfiguration } from '../configuration/configuration.ts'
import { type Runtime, readSetting } from '../lambda/runtime.ts'

export function createConfiguring(runtime: Runtime, dynamodb: DynamoDBClient): Configuration {
  const { client, now, sleep } = runtime
  const readList = (name: string) => readSetting(runtime, name).split(',')
  return createConfiguration({
    dynamodb,
    table: readSetting(runtime, 'PROJECTS_TABLE'),
    sessions: createSessions(new STSClient(client), now),
    client,
    pause: sleep,
    topics: {
      bounces: readList('CONNECTED_BOUNCES'),
      complaints: readList('CONNECTED_COMPLAINTS'),
      activity: readList('CONNECTED_ACTIVITY'),
    },
    queue: { arn: readSetting(runtime, 'FEEDBACK_QUEUE'), url: readSetting(runtime, 'FEEDBACK_QUEUE_URL') },
  })
}
