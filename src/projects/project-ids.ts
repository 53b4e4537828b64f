/** The ids of all projects, by the directory: one small item per project under one key. Reads nothing else of them. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { directoryKey } from './projects.ts'
import { queryPages } from './table.ts'

export async function* projectIds(dynamodb: DynamoDBClient, table: string): AsyncGenerator<string> {
  for await (const items of queryPages(dynamodb, table, directoryKey, { attributes: ['facet'] }))
    for (const { facet } of items) if (facet?.S) yield facet.S
}
