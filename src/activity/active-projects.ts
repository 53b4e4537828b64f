/**
 * The projects that have had mail in the last weeks, in the counts table. Whoever looks at rates every quarter of an hour reads these projects only: a
 * project without mail has no rates, and costs nothing.
 *
 *     counts     day      holds
 *     active#3   acme     expiresAt
 *
 * A project is listed by the seal of a day (src/activity/seal-days.ts), and before that by the mark of a day that is not sealed.
 */
import { type AttributeValue, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import { dayMs } from '../time.ts'
import { readUnsealed, shardOf, shards, unsealedShards } from './unsealed.ts'

/** Longer than the longest window of rates, so a hold is lifted before its project is forgotten. */
const listedDays = 35

/** The entry of a project whose mail was counted at this time. Idempotent: a later one lasts longer. */
export const activeItemOf = (project: string, now: Date): Record<string, AttributeValue> => ({
  counts: { S: `active#${shardOf(project)}` },
  day: { S: project },
  expiresAt: { N: String(Math.floor((now.getTime() + listedDays * dayMs) / 1000)) },
})

const activeShards = Array.from({ length: shards }, (_, shard) => `active#${shard}`)

/** Each project once. @param table the counts table */
export async function* listActive(dynamodb: DynamoDBClient, table: string): AsyncGenerator<string> {
  const listed = new Set<string>()
  for (const shard of [...unsealedShards, ...activeShards]) {
    const pages = paginateQuery(
      { client: dynamodb },
      {
        TableName: table,
        KeyConditionExpression: 'counts = :shard',
        ExpressionAttributeValues: { ':shard': { S: shard } },
      },
    )
    for await (const { Items = [] } of pages)
      for (const item of Items) {
        const project = readUnsealed(item)?.project ?? item.day?.S
        if (project === undefined || listed.has(project)) continue
        listed.add(project)
        yield project
      }
  }
}
