/**
 * The baseline: a function that only puts one item with the SDK. It is bundled and run as our functions are.
 */
import { type AttributeValue, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'

const dynamodb = new DynamoDBClient({ requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000 } })

/** Its event is an item, as the function under test writes it. */
export const handler = async (Item: Record<string, AttributeValue>): Promise<void> => {
  await dynamodb.send(new PutItemCommand({ TableName: process.env.SUPPRESSIONS_TABLE, Item }))
}
