/**
 * The baseline: a function that only puts one item with the SDK. It is bundled and run as our functions are.
 */
import {
  type AttributeValue,
  DynamoDBClient,
  type DynamoDBClientConfig,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'

const timeouts = { requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000 } }

/** @param settings settings of the client, in addition to the timeouts that our functions set */
export function createPut(settings: DynamoDBClientConfig) {
  const dynamodb = new DynamoDBClient({ ...timeouts, ...settings })
  return async (Item: Record<string, AttributeValue>): Promise<void> => {
    await dynamodb.send(new PutItemCommand({ TableName: process.env.SUPPRESSIONS_TABLE, Item }))
  }
}

/** Its event is an item, as the function under test writes it. */
export const handler = createPut({})
