/**
 * Lets the items of weeks expire, which hold soft bounces. The functions that record events have no permission to do so: whoever took one of them
 * over could otherwise let lasting evidence and rulings expire.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { expiryOf } from '../suppression/stored-evidence.ts'
import { updateItem } from '../update-item.ts'
import type { StreamChange } from './stream-record.ts'

export type WeekExpiry = ReturnType<typeof createWeekExpiry>

/** @param table the suppression list: partition key `project`, sort key `address` */
export function createWeekExpiry(dynamodb: DynamoDBClient, table: string) {
  return {
    /** Idempotent: the expiry depends on the key. Items of version 0.2 have it already. */
    async keep({ project, key, before, after }: StreamChange): Promise<void> {
      const expiry = expiryOf(key)
      if (expiry === undefined || before !== undefined || after === undefined) return
      await updateItem(dynamodb, table, {
        Key: { project: { S: project }, address: { S: key } },
        UpdateExpression: 'SET expiresAt = :expiresAt',
        // The item may have been deleted since.
        ConditionExpression: 'attribute_exists(address) AND attribute_not_exists(expiresAt)',
        ExpressionAttributeValues: { ':expiresAt': { N: String(expiry.getTime() / 1000) } },
      })
    },
  }
}

/** Whether a change set nothing but an expiry, which changes no verdict. */
export const isExpiryOnly = ({ before, after }: StreamChange): boolean =>
  before !== undefined &&
  after !== undefined &&
  [...new Set([...Object.keys(before), ...Object.keys(after)])].every((name) => before[name] === after[name])
