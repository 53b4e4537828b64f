/** Lists and removes the expiries that are due: src/propagation/expiry.ts stores them. */
import { DeleteItemCommand, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import { dayMs } from '../time.ts'
import { type Expiry, expiryKeyOf } from './expiry.ts'
import { expiriesKeyOf } from './keys.ts'

export type ExpiredSuppressions = ReturnType<typeof createExpiredSuppressions>

/** Days before today that are searched for due expiries. The weekly reconcile finds older ones. */
const lookBackDays = 3

/** @param table the projects table */
export function createExpiredSuppressions(dynamodb: DynamoDBClient, table: string) {
  return {
    /** Expiries before `now`, oldest first. */
    async *listDue(now: Date): AsyncGenerator<Expiry> {
      for (let daysBack = lookBackDays; daysBack >= 0; daysBack--) {
        const pages = paginateQuery(
          { client: dynamodb },
          {
            TableName: table,
            KeyConditionExpression: 'id = :day AND facet < :now',
            ExpressionAttributeValues: {
              ':day': { S: expiriesKeyOf(new Date(now.getTime() - daysBack * dayMs)) },
              ':now': { S: `${now.toISOString()} ~` },
            },
            ConsistentRead: true,
          },
        )
        for await (const { Items = [] } of pages)
          for (const { facet } of Items) {
            const [at = '', project, ...address] = facet?.S?.split(' ') ?? []
            if (project && address.length > 0) yield { project, address: address.join(' '), at: new Date(at) }
          }
      }
    },

    /** Idempotent. */
    async remove(expiry: Expiry): Promise<void> {
      await dynamodb.send(new DeleteItemCommand({ TableName: table, Key: expiryKeyOf(expiry) }))
    },
  }
}
