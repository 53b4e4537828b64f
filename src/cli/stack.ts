/**
 * A deployed stack as the `sesame` command sees it: clients with the user's own credentials, and the names that serverless.yml gives.
 * Runs as iam/operator.yml or stronger.
 */
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { SQSClient } from '@aws-sdk/client-sqs'
import { usesIn } from '../audit/uses.ts'
import { changesIn } from '../connection/changes.ts'
import type { Connection } from '../connection/connection.ts'
import { connectionsIn } from '../connection/connections.ts'
import { allConnections, allProjects } from '../connection/directory.ts'
import { projectsIn } from '../connection/projects.ts'
import { listReader } from '../suppression/read-list.ts'
import { rulings } from '../suppression/rule-by-hand.ts'

/** The functions that record feedback; each has a queue of dead letters. */
export const recorders = ['record-bounce', 'record-complaint', 'record-feedback'] as const
export type Recorder = (typeof recorders)[number]

export type Stack = ReturnType<typeof stackOf>

/**
 * @param stage as given to `serverless deploy`
 * @param client what the clients are made with; by default what the AWS CLI would use too
 */
export function stackOf(
  stage: string,
  client: Pick<DynamoDBClientConfig, 'region' | 'credentials' | 'endpoint' | 'requestHandler'> = {},
) {
  const dynamodb = new DynamoDBClient(client)
  const name = (resource: string) => `sesame-${stage}-${resource}`
  return {
    projects: { ...projectsIn(dynamodb, name('projects')), all: () => allProjects(dynamodb, name('projects')) },
    connections: {
      ...connectionsIn(dynamodb, name('projects')),
      all: () => Array.fromAsync<Connection>(allConnections(dynamodb, name('projects'))),
    },
    uses: usesIn(dynamodb, name('role-uses')),
    changes: changesIn(dynamodb, name('projects')),
    list: listReader(dynamodb, name('suppressions')),
    rulings: rulings(dynamodb, name('suppressions')),
    lambda: new LambdaClient(client),
    sqs: new SQSClient(client),
    functionName: (key: Recorder | 'manage-connection' | 'reconcile-suppressions') => name(key),
    deadLetters: (recorder: Recorder) => name(`${recorder}-dead-letters`),
    /** What SNS could not hand to a function from the topics of connected projects. */
    undelivered: name('connected-dead-letters'),
  }
}
