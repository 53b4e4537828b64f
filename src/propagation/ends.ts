/**
 * Suppressions that end by time: SES's list knows no end, so when one comes, somebody must take the address off.
 *
 * An end that was remembered is looked at when it has come: the address may have been suppressed for longer or for good meanwhile.
 */
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { endsKey, secondsOf } from './own-items.ts'

export type End = { readonly project: string; readonly address: string; readonly at: Date }
/** Remembers ends. */
export type Ends = ReturnType<typeof endsIn>

const day = 86_400_000
const keptDays = 30

/** Where an end stands. */
export const endKey = ({ project, address, at }: End) => ({
  id: { S: endsKey(at) },
  facet: { S: `${at.toISOString()} ${project} ${address}` },
})

/** @param table the projects table */
export function endsIn(dynamodb: DynamoDBClient, table: string) {
  return {
    /** Again, it changes nothing. */
    async remember(project: string, address: string, until: Date): Promise<void> {
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: endKey({ project, address, at: until }),
          UpdateExpression: 'SET expiresAt = :expiresAt',
          ExpressionAttributeValues: { ':expiresAt': { N: secondsOf(new Date(until.getTime() + keptDays * day)) } },
        }),
      )
    },
  }
}
