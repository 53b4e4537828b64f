/** The topics of customers whose messages our queue takes, written. src/configuration/attestation.ts says what stands in the table. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { routeKey } from '../connection/routes.ts'
import { claim, release, transact, undisturbed } from '../connection/transaction.ts'
import { type FeedbackSource, feedbackFacet as facet, sourceFinder } from './attestation.ts'

/** In a customer's account: one for each project. */
export const feedbackTopicName = (project: string): string => `sesame-${project}-feedback`

/** @param table the projects table */
export function feedbackSources(dynamodb: DynamoDBClient, table: string) {
  return {
    find: sourceFinder(dynamodb, table),

    /** Repeating it changes nothing. */
    async put(topicArn: string, { project, subscription }: FeedbackSource): Promise<void> {
      const item = {
        id: { S: routeKey(topicArn) },
        facet: { S: facet },
        project: { S: project },
        subscription: { S: subscription },
      }
      await undisturbed(project, () => transact(dynamodb, { source: claim(table, item) }))
    },

    /** Repeating it changes nothing. */
    async remove(topicArn: string, project: string): Promise<void> {
      await undisturbed(project, () =>
        transact(dynamodb, { source: release(table, routeKey(topicArn), facet, project) }),
      )
    },
  }
}
