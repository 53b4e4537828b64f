/**
 * Suppressions that end by time: SES's list knows no end, so when one comes, somebody must take the address off.
 *
 * An end that was remembered is looked at when it has come: the address may have been suppressed for longer or for good meanwhile.
 */
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { expiriesKeyOf, secondsOf } from './keys.ts'

export type Expiry = { readonly project: string; readonly address: string; readonly at: Date }
/** Remembers ends. */
export type Expiries = ReturnType<typeof createExpiries>

const day = 86_400_000
const keptDays = 30

/** Where an end stands. */
export const expiryKeyOf = ({ project, address, at }: Expiry) => ({
  id: { S: expiriesKeyOf(at) },
  facet: { S: `${at.toISOString()} ${project} ${address}` },
})

/** @param table the projects table */
export function createExpiries(dynamodb: DynamoDBClient, table: string) {
  return {
    /** Again, it changes nothing. */
    async remember(project: string, address: string, until: Date): Promise<void> {
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: expiryKeyOf({ project, address, at: until }),
          UpdateExpression: 'SET expiresAt = :expiresAt',
          ExpressionAttributeValues: { ':expiresAt': { N: secondsOf(new Date(until.getTime() + keptDays * day)) } },
        }),
      )
    },
  }
}
