/**
 * Lists all projects and all connections by the directory: one small item per project under one key. So the cost depends on the number of
 * projects, not on the number of items in the table, which keeps history.
 */
import {
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
  type KeysAndAttributes,
} from '@aws-sdk/client-dynamodb'
import { answered } from '../answered.ts'
import type { Connection } from './connection.ts'
import { connectionFacet, readConnection } from './connection-item.ts'
import type { Project } from './project.ts'
import { directoryKey, readStoredProject, settingsFacet } from './projects.ts'
import { type Item, queryPages } from './table.ts'

/** The most items that one BatchGetItem may ask for. */
const batchSize = 100

/** Is told of each item that cannot be read. The others are listed all the same. */
export type OnUnreadable = (project: string, error: unknown) => void

/** All projects, sorted by id. */
export async function allProjects(
  dynamodb: DynamoDBClient,
  table: string,
  onUnreadable: OnUnreadable,
): Promise<Project[]> {
  const read = (item: Item) => (item.settings?.S ? readStoredProject(item.settings.S) : undefined)
  const projects = await Array.fromAsync(readEach(facetOfAll(dynamodb, table, settingsFacet), read, onUnreadable))
  return projects.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** The connections of all projects, in no particular order. */
export const allConnections = (
  dynamodb: DynamoDBClient,
  table: string,
  onUnreadable: OnUnreadable,
): AsyncGenerator<Connection> => readEach(facetOfAll(dynamodb, table, connectionFacet), readConnection, onUnreadable)

async function* readEach<T>(
  items: AsyncIterable<Item>,
  read: (item: Item) => T | undefined,
  onUnreadable: OnUnreadable,
): AsyncGenerator<T> {
  for await (const item of items) {
    let value: T | undefined
    try {
      value = read(item)
    } catch (error) {
      onUnreadable(item.id?.S ?? 'unknown', error)
    }
    if (value !== undefined) yield value
  }
}

/** The items of one facet of all projects, in no particular order. */
async function* facetOfAll(dynamodb: DynamoDBClient, table: string, facet: string): AsyncGenerator<Item> {
  for await (const items of queryPages(dynamodb, table, directoryKey, { pageSize: batchSize })) {
    const Keys = items.flatMap(({ facet: project }) => (project ? [{ id: project, facet: { S: facet } }] : []))
    let wanted: Record<string, KeysAndAttributes> | undefined = { [table]: { Keys, ConsistentRead: true } }
    // DynamoDB may return some of the items only, so the rest is requested again. Each answer has at least one, or the client throws.
    while (wanted?.[table]?.Keys?.length) {
      const answer: BatchGetItemCommandOutput = await dynamodb.send(new BatchGetItemCommand({ RequestItems: wanted }))
      yield* answered(answer.Responses?.[table], 'BatchGetItem: Responses')
      wanted = answer.UnprocessedKeys
    }
  }
}
