/**
 * Adds to the live counts of days (src/activity/stored-counts.ts), and marks the days as not sealed.
 *
 * A mark says when it was made. While it is younger than five minutes, no other is needed: a seal removes only marks that are older than ten.
 *
 * The role that uses it, iam/analytics-processing.yml, may neither read a count nor set one that is sealed.
 */
import { randomUUID } from 'node:crypto'
import { type DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { createRecentlyUsed } from '../recently-used.ts'
import type { Day } from './bucket.ts'
import type { DayCounts } from './day-counts.ts'
import { countsExpiryOf, countsKeyOf, liveAdditionsOf } from './stored-day.ts'
import { unsealedKeyOf } from './unsealed.ts'

/** Additions in one update. An expression of DynamoDB has at most 4 KB. */
const additionsPerUpdate = 150

/** A day is marked again after so long. Less than `removableMarkMs` of src/activity/seal-days.ts, by more than clocks differ. */
const markedForMs = 5 * 60_000
const maxMarks = 10_000

/** @param table the counts table */
export function createLiveCounts(dynamodb: DynamoDBClient, table: string, now: () => Date) {
  const marked = createRecentlyUsed<number>(maxMarks)

  /** Idempotent in effect: any mark says that the day has to be sealed. */
  async function mark(project: string, day: Day): Promise<void> {
    const at = now()
    const key = `${project}#${day}`
    if (at.getTime() - (marked.get(key) ?? Number.NEGATIVE_INFINITY) < markedForMs) return
    const Item = { ...unsealedKeyOf(project, day), markedAt: { S: at.toISOString() } }
    await dynamodb.send(new PutItemCommand({ TableName: table, Item }))
    marked.set(key, at.getTime())
  }

  return {
    /**
     * Adds to a day. Not idempotent: events that are delivered again are added again, until the day is sealed. The day is marked after the additions,
     * so that each of them is in a later seal.
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
      await mark(project, day)
    },
  }
}
