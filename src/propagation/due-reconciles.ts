/**
 * Makes projects due for the scheduled run. src/projects/due-work.ts describes the index. Entries are removed in
 * src/propagation/done-reconciles.ts, because not every role that adds them may remove them.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dueAttributesOf, dueKeyOf, newDueEntry } from '../projects/due-work.ts'
import { updateItem } from '../update-item.ts'

export type DueReconciles = ReturnType<typeof createDueReconciles>

/** @param table the projects table */
export function createDueReconciles(dynamodb: DynamoDBClient, table: string) {
  return {
    /**
     * Makes a project due at a time. Idempotent in effect: an entry that exists gets a new stamp, so that a run that has read it before does
     * not remove it.
     */
    async add(project: string, at: Date, tries = 0): Promise<void> {
      const entry = newDueEntry(project, at, tries)
      const { stamp, tries: count } = dueAttributesOf(entry)
      await updateItem(dynamodb, table, {
        Key: dueKeyOf('reconcile', entry),
        UpdateExpression: 'SET stamp = :stamp, tries = :tries',
        ExpressionAttributeValues: { ...(stamp && { ':stamp': stamp }), ...(count && { ':tries': count }) },
      })
    },
  }
}
