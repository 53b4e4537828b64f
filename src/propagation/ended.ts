/** Suppressions whose end has come (src/propagation/ends.ts). */
import { DeleteItemCommand, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import { type Expiry, expiryKeyOf } from './ends.ts'
import { expiriesKeyOf } from './keys.ts'

export type ExpiredSuppressions = ReturnType<typeof createExpiredSuppressions>

const day = 86_400_000
/** How far back is looked; what is older, the weekly reconcile finds. */
const lookBackDays = 3

/** @param table the projects table */
export function createExpiredSuppressions(dynamodb: DynamoDBClient, table: string) {
  return {
    /** Those that have come, oldest first. */
    async *come(now: Date): AsyncGenerator<Expiry> {
      for (let back = lookBackDays; back >= 0; back--) {
        const pages = paginateQuery(
          { client: dynamodb },
          {
            TableName: table,
            KeyConditionExpression: 'id = :day AND facet < :now',
            ExpressionAttributeValues: {
              ':day': { S: expiriesKeyOf(new Date(now.getTime() - back * day)) },
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

    /** Again, there is nothing left to forget. */
    async forget(end: Expiry): Promise<void> {
      await dynamodb.send(new DeleteItemCommand({ TableName: table, Key: expiryKeyOf(end) }))
    },
  }
}
