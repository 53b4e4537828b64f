/**
 * The floor: a function that puts one item with the SDK and does nothing else. Bundled and run like ours.
 */
import {
  type AttributeValue,
  DynamoDBClient,
  type DynamoDBClientConfig,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'

const timeouts = { requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000 } }

/** @param settings of the client, beside the timeouts that our functions set */
export function putWith(settings: DynamoDBClientConfig) {
  const dynamodb = new DynamoDBClient({ ...timeouts, ...settings })
  return async (Item: Record<string, AttributeValue>): Promise<void> => {
    await dynamodb.send(new PutItemCommand({ TableName: process.env.SUPPRESSIONS_TABLE, Item }))
  }
}

/** Takes an item as the function under test leaves it in the table. */
export const handler = putWith({})
