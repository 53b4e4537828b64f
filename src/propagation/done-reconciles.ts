/** Removes what a scheduled run has done from the index of due work, and stores how far its pass over all projects is. */
import { ConditionalCheckFailedException, DeleteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type DueEntry, dueKeyOf } from '../projects/due-work.ts'
import { type DirectorySlice, passFacet, passKeys } from '../projects/list-due-work.ts'
import { keyOf } from '../projects/table.ts'
import { updateItem } from '../update-item.ts'

export type DoneReconciles = ReturnType<typeof createDoneReconciles>

/** @param table the projects table */
export function createDoneReconciles(dynamodb: DynamoDBClient, table: string) {
  return {
    /** Removes entries, except those that were written again since they were read. Idempotent. */
    async remove(entries: readonly DueEntry[]): Promise<void> {
      for (const entry of entries)
        await dynamodb
          .send(
            new DeleteItemCommand({
              TableName: table,
              Key: dueKeyOf('reconcile', entry),
              ConditionExpression: 'attribute_not_exists(stamp) OR stamp = :stamp',
              ExpressionAttributeValues: { ':stamp': { S: entry.stamp } },
            }),
          )
          .catch((error: unknown) => {
            if (!(error instanceof ConditionalCheckFailedException)) throw error
          })
    },

    /** Stores that a slice of the pass is done. Idempotent: the same slice stores the same values. */
    async savePass({ next }: DirectorySlice): Promise<void> {
      if (!next?.startedAt) return
      await updateItem(dynamodb, table, {
        Key: keyOf(passKeys.reconcile, passFacet),
        UpdateExpression: next.after
          ? 'SET startedAt = :startedAt, #after = :after'
          : 'SET startedAt = :startedAt REMOVE #after',
        ExpressionAttributeNames: { '#after': 'after' },
        ExpressionAttributeValues: { ':startedAt': next.startedAt, ...(next.after && { ':after': next.after }) },
      })
    },
  }
}
