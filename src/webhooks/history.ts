/** Reads who changed which webhook of a project, and when. No entry has a secret or a URL. */
import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import { answered } from '../answered.ts'
import { changePrefix, readChange, type SettingsChange } from '../projects/changes.ts'

/** Oldest first. The attributes are named, because the role that reads them may read no others. @param table the table of webhooks */
export async function listWebhookChanges(
  dynamodb: DynamoDBClient,
  table: string,
  project: string,
): Promise<SettingsChange[]> {
  const pages = paginateQuery(
    { client: dynamodb },
    {
      TableName: table,
      KeyConditionExpression: 'id = :id AND begins_with(facet, :prefix)',
      ExpressionAttributeValues: { ':id': { S: project }, ':prefix': { S: changePrefix } },
      ProjectionExpression: 'facet, #by, #request, #what, #fields',
      ExpressionAttributeNames: { '#by': 'by', '#request': 'request', '#what': 'what', '#fields': 'fields' },
      ConsistentRead: true,
    },
  )
  const changes: SettingsChange[] = []
  for await (const { Items } of pages) changes.push(...answered(Items, 'Query: Items').map(readChange))
  return changes
}
