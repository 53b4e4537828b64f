/**
 * The directory of all projects: one small item for each under one key, so that going through them costs what they are, not what the
 * table has remembered of them over the years.
 */
import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
  type KeysAndAttributes,
  paginateQuery,
} from '@aws-sdk/client-dynamodb'

/** No project id has a `#`. */
export const directoryKey = 'projects#all'

/** What one BatchGetItem takes. */
const atOnce = 100

/** The same facet of every project that has it, in no order. */
export async function* facetOfAll(
  dynamodb: DynamoDBClient,
  table: string,
  facet: string,
): AsyncGenerator<Record<string, AttributeValue>> {
  const pages = paginateQuery(
    { client: dynamodb, pageSize: atOnce },
    {
      TableName: table,
      KeyConditionExpression: 'id = :directory',
      ExpressionAttributeValues: { ':directory': { S: directoryKey } },
      ConsistentRead: true,
    },
  )
  for await (const { Items = [] } of pages) {
    const Keys = Items.flatMap(({ facet: project }) => (project ? [{ id: project, facet: { S: facet } }] : []))
    let wanted: Record<string, KeysAndAttributes> | undefined = { [table]: { Keys, ConsistentRead: true } }
    // What DynamoDB leaves out is asked for again; every answer brings some, or the client throws.
    while (wanted?.[table]?.Keys?.length) {
      const answer: BatchGetItemCommandOutput = await dynamodb.send(new BatchGetItemCommand({ RequestItems: wanted }))
      yield* answer.Responses?.[table] ?? []
      wanted = answer.UnprocessedKeys
    }
  }
}
