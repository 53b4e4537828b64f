/**
 * A deployed stack as the `sesame` command sees it: clients with the user's own credentials, and the names that serverless.yml gives.
 * Runs as iam/operator.yml or stronger.
 */
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { SQSClient } from '@aws-sdk/client-sqs'
import { createUses } from '../audit/uses.ts'
import { createChangeHistory } from '../projects/changes.ts'
import type { Connection } from '../projects/connection.ts'
import { createConnections } from '../projects/connections.ts'
import { allConnections, createDirectory } from '../projects/directory.ts'
import { createProjects } from '../projects/projects.ts'
import { createListReader } from '../suppression/read-list.ts'
import { createRulings } from '../suppression/rule-by-hand.ts'

/** The functions that record feedback; each has a queue of dead letters. */
export const feedbackFunctions = ['record-bounce', 'record-complaint', 'record-feedback'] as const
export type FeedbackFunction = (typeof feedbackFunctions)[number]

export type StackAccess = ReturnType<typeof createStack>

/**
 * @param stage as given to `serverless deploy`
 * @param client what the clients are made with; by default what the AWS CLI would use too
 */
export function createStack(
  stage: string,
  client: Pick<DynamoDBClientConfig, 'region' | 'credentials' | 'endpoint' | 'requestHandler'> = {},
) {
  const dynamodb = new DynamoDBClient(client)
  const name = (resource: string) => `sesame-${stage}-${resource}`
  return {
    projects: { ...createProjects(dynamodb, name('projects')), all: () => createDirectory(dynamodb, name('projects')) },
    connections: {
      ...createConnections(dynamodb, name('projects')),
      all: () => Array.fromAsync<Connection>(allConnections(dynamodb, name('projects'))),
    },
    uses: createUses(dynamodb, name('role-uses')),
    changes: createChangeHistory(dynamodb, name('projects')),
    list: createListReader(dynamodb, name('suppressions')),
    rulings: createRulings(dynamodb, name('suppressions')),
    lambda: new LambdaClient(client),
    sqs: new SQSClient(client),
    functionName: (key: FeedbackFunction | 'manage-connection' | 'reconcile-suppressions') => name(key),
    deadLetters: (recorder: FeedbackFunction) => name(`${recorder}-dead-letters`),
    /** What SNS could not hand to a function from the topics of connected projects. */
    undelivered: name('connected-dead-letters'),
  }
}
