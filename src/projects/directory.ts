/**
 * All projects, and all connections, by the directory: one small item for each project under one key, so that going through them costs
 * what they are, not what the table has remembered of them over the years.
 */
import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
  type KeysAndAttributes,
  paginateQuery,
} from '@aws-sdk/client-dynamodb'
import type { Connection } from './connection.ts'
import { connectionFacet, readConnection } from './connection-item.ts'
import type { Project } from './project.ts'
import { directoryKey, readStoredProject, settingsFacet } from './projects.ts'

/** What one BatchGetItem takes. */
const atOnce = 100

/** All projects, by id. */
export async function createDirectory(dynamodb: DynamoDBClient, table: string): Promise<Project[]> {
  const projects: Project[] = []
  for await (const item of facetOfAll(dynamodb, table, settingsFacet))
    if (item.settings?.S) projects.push(readStoredProject(item.settings.S))
  return projects.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** The connections of all projects, in no order. */
export async function* allConnections(dynamodb: DynamoDBClient, table: string): AsyncGenerator<Connection> {
  for await (const found of facetOfAll(dynamodb, table, connectionFacet)) yield readConnection(found)
}

/** The same facet of every project that has it, in no order. */
async function* facetOfAll(
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
