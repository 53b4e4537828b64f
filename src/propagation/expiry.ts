/**
 * Expiries of suppressions. The account list has no expiry of its own, so Sesame stores when a suppression expires and removes the address
 * then.
 *
 * A due expiry only says which address to look at: the suppression may have been extended or made permanent since. Expiries are listed
 * and removed in src/propagation/expired-suppressions.ts, because not every role that stores expiries may remove them.
 */
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { quarterAfter } from '../projects/due-work.ts'
import { keyOf } from '../projects/table.ts'
import { dayMs } from '../time.ts'
import { createDueReconciles } from './due-reconciles.ts'
import { expiriesKeyOf, secondsOf } from './keys.ts'

/** `at` is the time at which the suppression of the address expires. */
export type Expiry = { readonly project: string; readonly address: string; readonly at: Date }

export type Expiries = ReturnType<typeof createExpiries>

/** An item that was never removed expires this long after the suppression. */
const keptDays = 30

export const expiryKeyOf = ({ project, address, at }: Expiry) =>
  keyOf(expiriesKeyOf(project), `${at.toISOString()} ${address}`)

/** @param table the projects table */
export function createExpiries(dynamodb: DynamoDBClient, table: string) {
  const due = createDueReconciles(dynamodb, table)
  return {
    /** Idempotent: the key is made of the expiry itself. The project is due at the first run after the expiry. */
    async store(project: string, address: string, until: Date): Promise<void> {
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: expiryKeyOf({ project, address, at: until }),
          UpdateExpression: 'SET expiresAt = :expiresAt',
          ExpressionAttributeValues: { ':expiresAt': { N: secondsOf(new Date(until.getTime() + keptDays * dayMs)) } },
        }),
      )
      await due.add(project, quarterAfter(until))
    },
  }
}
