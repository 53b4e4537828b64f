/**
 * Expiries of suppressions. The account list has no expiry of its own, so Sesame stores when a suppression expires and removes the address
 * then.
 *
 * A due expiry only says which address to look at: the suppression may have been extended or made permanent since. The two factories send
 * different commands and stay apart, because a role grants exactly the commands that a bundle can reach.
 */
import { DeleteItemCommand, type DynamoDBClient, paginateQuery, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { dayMs } from '../time.ts'
import { expiriesKeyOf, secondsOf } from './keys.ts'

/** `at` is the time at which the suppression of the address expires. */
export type Expiry = { readonly project: string; readonly address: string; readonly at: Date }

export type Expiries = ReturnType<typeof createExpiries>
export type ExpiredSuppressions = ReturnType<typeof createExpiredSuppressions>

/** An item that was never removed expires this long after the suppression. */
const keptDays = 30

/** Days before today that are searched for due expiries. The weekly reconcile finds older ones. */
const lookBackDays = 3

const expiryKeyOf = ({ project, address, at }: Expiry) => ({
  id: { S: expiriesKeyOf(at) },
  facet: { S: `${at.toISOString()} ${project} ${address}` },
})

/** @param table the projects table */
export function createExpiries(dynamodb: DynamoDBClient, table: string) {
  return {
    /** Idempotent: the key is made of the expiry itself. */
    async store(project: string, address: string, until: Date): Promise<void> {
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: expiryKeyOf({ project, address, at: until }),
          UpdateExpression: 'SET expiresAt = :expiresAt',
          ExpressionAttributeValues: { ':expiresAt': { N: secondsOf(new Date(until.getTime() + keptDays * dayMs)) } },
        }),
      )
    },
  }
}

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
