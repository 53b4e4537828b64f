/** How projects are set up by a function: what manage-connection and prove-connections have in common. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { STSClient } from '@aws-sdk/client-sts'
import { type Configuration, configurationWith } from '../configuration/configuration.ts'
import { sessionsInto } from '../connection/sessions.ts'
import { type Surroundings, setting } from './surroundings.ts'

export function configuringIn(surroundings: Surroundings, dynamodb: DynamoDBClient): Configuration {
  const { client, now } = surroundings
  const listed = (name: string) => setting(surroundings, name).split(',')
  return configurationWith({
    dynamodb,
    table: setting(surroundings, 'PROJECTS_TABLE'),
    sessions: sessionsInto(new STSClient(client), now),
    client,
    bounces: listed('CONNECTED_BOUNCES'),
    complaints: listed('CONNECTED_COMPLAINTS'),
    queue: { arn: setting(surroundings, 'FEEDBACK_QUEUE'), url: setting(surroundings, 'FEEDBACK_QUEUE_URL') },
  })
}
