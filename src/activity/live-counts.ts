/**
 * Adds to the live counts of days (src/activity/stored-counts.ts), and marks the days as not sealed.
 *
 * The role that uses it, iam/analytics-processing.yml, may neither read a count nor set one that is sealed.
 */
import { randomUUID } from 'node:crypto'
import { type DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { Day } from './bucket.ts'
import type { DayCounts } from './day-counts.ts'
import { countsExpiryOf, countsKeyOf, liveAdditionsOf } from './stored-day.ts'
import { unsealedKeyOf } from './unsealed.ts'

/** Additions in one update. An expression of DynamoDB has at most 4 KB. */
const additionsPerUpdate = 150

/** @param table the counts table */
export function createLiveCounts(dynamodb: DynamoDBClient, table: string) {
  return {
    /**
     * Adds to a day. Not idempotent: events that are delivered again are added again, until the day is sealed. The mark follows the additions, so
     * no addition is left out of every later seal.
     */
    async add(project: string, day: Day, added: DayCounts): Promise<void> {
      const all = [...liveAdditionsOf(added)]
      const total = [...added.counts.values()].reduce((sum, { count }) => sum + count, 0)
      for (let from = 0; from < all.length; from += additionsPerUpdate) {
        const part = all.slice(from, from + additionsPerUpdate)
        const names = part.map(([name], index): [string, string] => [`#n${index}`, name])
        const values = part.map(([, count], index): [string, { N: string }] => [`:n${index}`, { N: String(count) }])
        await dynamodb.send(
          new UpdateItemCommand({
            TableName: table,
            Key: countsKeyOf(project, 'live', day),
            UpdateExpression: `ADD #total :total, ${part.map((_, index) => `#n${index} :n${index}`).join(', ')} SET mark = :mark, expiresAt = :expiresAt`,
            ExpressionAttributeNames: { '#total': 'total', ...Object.fromEntries(names) },
            ExpressionAttributeValues: {
              ':total': { N: String(from === 0 ? total : 0) },
              ':mark': { S: randomUUID() },
              ':expiresAt': countsExpiryOf(day),
              ...Object.fromEntries(values),
            },
          }),
        )
      }
      // Idempotent in effect: any mark says that the day has to be sealed.
      await dynamodb.send(
        new PutItemCommand({ TableName: table, Item: { ...unsealedKeyOf(project, day), mark: { S: randomUUID() } } }),
      )
    },
  }
}
