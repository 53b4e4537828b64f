/** Lists and removes the expiries that are due: src/propagation/expiry.ts stores them. */
import { DeleteItemCommand, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import { answered } from '../answered.ts'
import { concurrently } from '../concurrently.ts'
import { type Item, keyOf } from '../projects/table.ts'
import { dayMs } from '../time.ts'
import { createExpiries, type Expiry, expiryKeyOf } from './expiry.ts'
import { expiriesKeyOf, expiriesOfDayKeyOf } from './keys.ts'

export type ExpiredSuppressions = ReturnType<typeof createExpiredSuppressions>

/** Days before today that are searched for due expiries of before version 0.3. The weekly reconcile finds older ones. */
const lookBackDays = 3
/** Expiries of before version 0.3 that one run moves, at most. */
const maxMoved = 5_000
const atOnce = 10

/** @param table the projects table */
export function createExpiredSuppressions(dynamodb: DynamoDBClient, table: string) {
  const expiries = createExpiries(dynamodb, table)

  const remove = async (key: Item): Promise<void> => {
    await dynamodb.send(new DeleteItemCommand({ TableName: table, Key: key }))
  }

  async function* keysBefore(id: string, now: Date, pageSize: number): AsyncGenerator<string[]> {
    const pages = paginateQuery(
      { client: dynamodb, pageSize },
      {
        TableName: table,
        KeyConditionExpression: 'id = :id AND facet < :now',
        ExpressionAttributeValues: { ':id': { S: id }, ':now': { S: `${now.toISOString()} ~` } },
        ConsistentRead: true,
      },
    )
    for await (const { Items } of pages) yield answered(Items, 'Query: Items').flatMap(({ facet }) => facet?.S ?? [])
  }

  return {
    /** Expiries of a project before `now`, oldest first: as many as `limit`. */
    async listDue(project: string, now: Date, limit: number): Promise<Expiry[]> {
      const due: Expiry[] = []
      for await (const facets of keysBefore(expiriesKeyOf(project), now, limit)) {
        for (const facet of facets) {
          const [at = '', ...address] = facet.split(' ')
          const time = new Date(at)
          if (address.length > 0 && !Number.isNaN(time.getTime()))
            due.push({ project, address: address.join(' '), at: time })
        }
        if (due.length >= limit) break
      }
      return due.slice(0, limit)
    },

    /** Idempotent. */
    async remove(expired: readonly Expiry[]): Promise<void> {
      await concurrently(expired, atOnce, (expiry) => remove(expiryKeyOf(expiry)))
    },

    /**
     * Moves due expiries that a version before 0.3 stored to the key of their project. Idempotent: an expiry is stored under the new key
     * before it is removed from the old one.
     */
    async moveOld(now: Date): Promise<void> {
      let moved = 0
      for (let daysBack = lookBackDays; daysBack >= 0 && moved < maxMoved; daysBack--) {
        const id = expiriesOfDayKeyOf(new Date(now.getTime() - daysBack * dayMs))
        for await (const facets of keysBefore(id, now, 1_000)) {
          await concurrently(facets, atOnce, async (facet) => {
            const [at = '', project, ...address] = facet.split(' ')
            const time = new Date(at)
            // What is no expiry stays until it expires itself.
            if (!project || address.length === 0 || Number.isNaN(time.getTime())) return
            await expiries.store(project, address.join(' '), time)
            await remove(keyOf(id, facet))
          })
          moved += facets.length
          if (moved >= maxMoved) break
        }
      }
    },
  }
}
