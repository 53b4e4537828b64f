/**
 * Writes the table of role uses. Each write puts an item only if its key is free, and the key follows from CloudTrail's record: any order and
 * any repetition of records gives the same table.
 */
import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { dayMs } from '../time.ts'
import { createUses, readUse, type Use, type UseItem } from './uses.ts'

/** Long enough for a 30-day count and a yearly review. */
const retentionMs = 400 * dayMs

export type UseKeeper = ReturnType<typeof createUseKeeper>

/** @param table partition key `role`, sort key `use`, TTL `expiresAt` */
export function createUseKeeper(dynamodb: DynamoDBClient, table: string) {
  const { between, ofRole } = createUses(dynamodb, table)

  /** Idempotent: an item that exists stays as it is. Returns that item. */
  async function putOnce(item: UseItem): Promise<{ known?: UseItem }> {
    try {
      await dynamodb.send(
        new PutItemCommand({
          TableName: table,
          Item: item,
          ConditionExpression: 'attribute_not_exists(#role)',
          ExpressionAttributeNames: { '#role': 'role' },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      )
      return {}
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return { known: error.Item ?? item }
      throw error
    }
  }

  return {
    ofRole,

    /** Records a use. Returns the use that was recorded before under the same key, if there is one. */
    async putOnce(use: Use, key: string): Promise<Use | undefined> {
      const { known } = await putOnce(itemOf(use, key))
      return known && readUse(known)
    },

    /** Records that the alarm about a use was raised. */
    async noteRaised(use: Use, key: string): Promise<void> {
      await putOnce({ role: { S: use.role }, use: { S: raisedKeyOf(key) }, expiresAt: expiryOf(use.at) })
    },

    async isRaised(use: Use, key: string): Promise<boolean> {
      for await (const _ of between(use.role, raisedKeyOf(key), raisedKeyOf(key))) return true
      return false
    },
  }
}

const raisedKeyOf = (key: string) => `${key}#raised`
const expiryOf = (at: Date) => ({ N: String(Math.floor((at.getTime() + retentionMs) / 1000)) })

function itemOf({ role, at, ...facts }: Use, key: string): UseItem {
  const texts = Object.entries(facts).flatMap(([field, value]) => (value === undefined ? [] : [[field, { S: value }]]))
  return {
    role: { S: role },
    use: { S: key },
    at: { S: at.toISOString() },
    expiresAt: expiryOf(at),
    ...Object.fromEntries(texts),
  }
}
