/** Conditional updates of one item of any table. src/projects/table.ts says why reading files must not import it. */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'

/** @returns `false` if the condition of the update did not hold: then nothing was written */
export async function updateItem(
  dynamodb: DynamoDBClient,
  table: string,
  input: Omit<UpdateItemCommandInput, 'TableName'>,
): Promise<boolean> {
  try {
    await dynamodb.send(new UpdateItemCommand({ TableName: table, ...input }))
    return true
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false
    throw error
  }
}
