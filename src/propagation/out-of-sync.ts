/**
 * Projects whose account list is behind ours, because somebody has to mend something first: the reconcile brings them up to date as soon
 * as it can. One item for each project, however much is waiting.
 */
import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { stateKey } from './keys.ts'

export type OutOfSync = ReturnType<typeof createOutOfSync>

/** @param table the projects table */
export function createOutOfSync(dynamodb: DynamoDBClient, table: string) {
  return {
    /**
     * Whatever was to be carried before `at` may be missing there. Keeping the latest is idempotent: an older mark changes nothing, and a
     * reconcile that began earlier cannot take a later one away.
     */
    async mark(project: string, at: Date): Promise<void> {
      await dynamodb
        .send(
          new UpdateItemCommand({
            TableName: table,
            Key: { id: { S: stateKey }, facet: { S: project } },
            UpdateExpression: 'SET behind = :at',
            ConditionExpression: 'attribute_not_exists(behind) OR behind < :at',
            ExpressionAttributeValues: { ':at': { S: at.toISOString() } },
          }),
        )
        .catch((error: unknown) => {
          if (!(error instanceof ConditionalCheckFailedException)) throw error
        })
    },
  }
}
