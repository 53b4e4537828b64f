/**
 * Marks the projects whose account list is out of sync because someone must repair the connection first. The next reconcile that reaches
 * the account updates its list. There is one item per project, however many addresses wait.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { quarterOf } from '../projects/due-work.ts'
import { keyOf } from '../projects/table.ts'
import { updateItem } from '../update-item.ts'
import { createDueReconciles } from './due-reconciles.ts'
import { stateKey } from './keys.ts'

export type OutOfSync = ReturnType<typeof createOutOfSync>

/** @param table the projects table */
export function createOutOfSync(dynamodb: DynamoDBClient, table: string) {
  const due = createDueReconciles(dynamodb, table)
  return {
    /**
     * Marks that changes from before `at` may be missing on the account list. Idempotent: the latest mark is kept, so an older one changes
     * nothing, and a reconcile that began earlier cannot remove a later one.
     */
    async mark(project: string, at: Date): Promise<void> {
      await updateItem(dynamodb, table, {
        Key: keyOf(stateKey, project),
        UpdateExpression: 'SET behind = :at',
        ConditionExpression: 'attribute_not_exists(behind) OR behind < :at',
        ExpressionAttributeValues: { ':at': { S: at.toISOString() } },
      })
      // After the mark: a run that removes the entry has then seen the mark. If this write fails, the caller repeats both.
      await due.add(project, quarterOf(at))
    },
  }
}
