/** Reads and writes the items of the reconcile state in the projects table. */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  paginateQuery,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'

export type StateItems = ReturnType<typeof createStateItems>

/** @param table the projects table */
export function createStateItems(dynamodb: DynamoDBClient, table: string) {
  return {
    /** `false` if the condition of the update does not hold. */
    async update(input: Omit<UpdateItemCommandInput, 'TableName'>): Promise<boolean> {
      try {
        await dynamodb.send(new UpdateItemCommand({ TableName: table, ...input }))
        return true
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false
        throw error
      }
    },

    /** All items under a key condition, by consistent reads. */
    async *query(condition: string, values: Record<string, AttributeValue>) {
      const pages = paginateQuery(
        { client: dynamodb },
        {
          TableName: table,
          KeyConditionExpression: condition,
          ExpressionAttributeValues: values,
          ConsistentRead: true,
        },
      )
      for await (const { Items = [] } of pages) yield* Items
    },
  }
}
