/** Stores that a feed is silent, and that it flows again; and asks for a proof of its connection, which finds the cause. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dueAttributesOf, dueKeyOf, newDueEntry } from '../projects/due-work.ts'
import { keyOf } from '../projects/table.ts'
import { updateItem } from '../update-item.ts'
import type { Silence } from './judge-feed.ts'
import { feedKeyOf, silenceFacet } from './silence.ts'

export type SilenceRecorder = ReturnType<typeof createSilenceRecorder>

/** @param table the projects table */
export function createSilenceRecorder(dynamodb: DynamoDBClient, table: string) {
  return {
    /** Idempotent: sets values that follow from what was read. Two runs at once store the same silence. */
    async keep(project: string, { since, accepted, countedUntil, cause, reportedAt }: Silence): Promise<void> {
      await updateItem(dynamodb, table, {
        Key: keyOf(feedKeyOf(project), silenceFacet),
        UpdateExpression:
          'SET silentSince = :since, accepted = :accepted, countedUntil = :counted, cause = :cause, reportedAt = :reported',
        ExpressionAttributeValues: {
          ':since': { S: since.toISOString() },
          ':accepted': { N: String(accepted) },
          ':counted': { S: countedUntil.toISOString() },
          ':cause': { S: cause },
          ':reported': { S: reportedAt.toISOString() },
        },
      })
    },

    /** Idempotent: an item without these attributes stays so. */
    async end(project: string): Promise<void> {
      await updateItem(dynamodb, table, {
        Key: keyOf(feedKeyOf(project), silenceFacet),
        UpdateExpression: 'REMOVE silentSince, accepted, countedUntil, cause, reportedAt',
      })
    },

    /** Makes the project due for a proof. Idempotent in effect: a further entry only lets the proof run once more. */
    async requestProof(project: string, at: Date): Promise<void> {
      const entry = newDueEntry(project, at)
      const { stamp, tries } = dueAttributesOf(entry)
      await updateItem(dynamodb, table, {
        Key: dueKeyOf('proof', entry),
        UpdateExpression: 'SET stamp = :stamp, tries = :tries, requested = :requested',
        ExpressionAttributeValues: {
          ...(stamp && { ':stamp': stamp }),
          ...(tries && { ':tries': tries }),
          ':requested': { BOOL: true },
        },
      })
    },
  }
}
