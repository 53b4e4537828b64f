/** Writes the feedback sources: the topics of customers that our queue accepts messages from. src/configuration/attestation.ts reads them. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { routeKey } from '../projects/routes.ts'
import { keyOf } from '../projects/table.ts'
import { claimOf, releaseOf, retryOnConflict, transact } from '../projects/transaction.ts'
import { createSourceFinder, type FeedbackSource, feedbackFacet } from './attestation.ts'

/** The name of a project's topic in the customer's account. */
export const feedbackTopicName = (project: string): string => `sesame-${project}-feedback`

/** A dead letter is kept for 14 days. A subscription is made anew only if somebody deletes it. */
const maxFormer = 10

/** @param table the projects table */
export function createFeedbackSources(dynamodb: DynamoDBClient, table: string) {
  const find = createSourceFinder(dynamodb, table)

  /** The ARNs that the project's subscription to the topic had before. */
  async function formerOf(topicArn: string, { project, subscription }: FeedbackSource): Promise<string[]> {
    const before = await find(topicArn)
    if (before?.project !== project) return []
    const all = [...(before.former ?? []), before.subscription]
    return [...new Set(all)].filter((one) => one !== subscription).slice(-maxFormer)
  }

  return {
    find,

    /** Idempotent: a repeated call finds the same former ARNs. */
    async put(topicArn: string, source: FeedbackSource): Promise<void> {
      const { project, subscription } = source
      const former = await formerOf(topicArn, source)
      const item = {
        ...(former.length > 0 && { former: { SS: former } }),
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
