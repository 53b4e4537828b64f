/** How projects are set up by a function: what manage-connection and prove-connections have in common. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { STSClient } from '@aws-sdk/client-sts'
import { createSessions } from '../access/session/sessions.ts'
import { type Configuration, createConfiguration } from '../configuration/configuration.ts'
import { type Runtime, readSetting } from '../lambda/runtime.ts'

export function createConfiguring(surroundings: Runtime, dynamodb: DynamoDBClient): Configuration {
  const { client, now } = surroundings
  const listed = (name: string) => readSetting(surroundings, name).split(',')
  return createConfiguration({
    dynamodb,
    table: readSetting(surroundings, 'PROJECTS_TABLE'),
    sessions: createSessions(new STSClient(client), now),
    client,
    bounces: listed('CONNECTED_BOUNCES'),
    complaints: listed('CONNECTED_COMPLAINTS'),
    queue: { arn: readSetting(surroundings, 'FEEDBACK_QUEUE'), url: readSetting(surroundings, 'FEEDBACK_QUEUE_URL') },
  })
}
