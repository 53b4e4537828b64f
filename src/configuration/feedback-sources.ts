/** The topics of customers whose messages our queue takes, written. src/configuration/attestation.ts says what stands in the table. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { routeKey } from '../projects/routes.ts'
import { claimOf, releaseOf, retryOnConflict, transact } from '../projects/transaction.ts'
import { createSourceFinder, type FeedbackSource, feedbackFacet as facet } from './attestation.ts'

/** In a customer's account: one for each project. */
export const feedbackTopicName = (project: string): string => `sesame-${project}-feedback`

/** @param table the projects table */
export function createFeedbackSources(dynamodb: DynamoDBClient, table: string) {
  return {
    find: createSourceFinder(dynamodb, table),

    /** Repeating it changes nothing. */
    async put(topicArn: string, { project, subscription }: FeedbackSource): Promise<void> {
      const item = {
        id: { S: routeKey(topicArn) },
        facet: { S: facet },
        project: { S: project },
        subscription: { S: subscription },
      }
      await retryOnConflict(project, () => transact(dynamodb, { source: claimOf(table, item) }))
    },

    /** Repeating it changes nothing. */
    async remove(topicArn: string, project: string): Promise<void> {
      await retryOnConflict(project, () =>
        transact(dynamodb, { source: releaseOf(table, routeKey(topicArn), facet, project) }),
      )
    },
  }
}
