/** Writes the feedback sources: the topics of customers that our queue accepts messages from. src/configuration/attestation.ts reads them. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { routeKey } from '../projects/routes.ts'
import { keyOf } from '../projects/table.ts'
import { claimOf, releaseOf, retryOnConflict, transact } from '../projects/transaction.ts'
import { createSourceFinder, type FeedbackSource, feedbackFacet } from './attestation.ts'

/** The name of a project's topic in the customer's account. */
export const feedbackTopicName = (project: string): string => `sesame-${project}-feedback`

/** @param table the projects table */
export function createFeedbackSources(dynamodb: DynamoDBClient, table: string) {
  return {
    find: createSourceFinder(dynamodb, table),

    /** Idempotent. */
    async put(topicArn: string, { project, subscription }: FeedbackSource): Promise<void> {
      const item = {
        ...keyOf(routeKey(topicArn), feedbackFacet),
        project: { S: project },
        subscription: { S: subscription },
      }
      await retryOnConflict(project, () => transact(dynamodb, { source: claimOf(table, item) }))
    },

    /** Idempotent. */
    async remove(topicArn: string, project: string): Promise<void> {
      await retryOnConflict(project, () =>
        transact(dynamodb, { source: releaseOf(table, routeKey(topicArn), feedbackFacet, project) }),
      )
    },
  }
}
