/**
 * Writes the table of role uses. Every write is a put by a key that follows from CloudTrail's record, only where nothing stands: so any
 * order and any repetition of records give the same table.
 */
import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { createUses, type Item, readUse, type Use } from './uses.ts'

/** Longer than any 30-day count or yearly look needs. */
const keptMs = 400 * 24 * 3_600_000

export type UseKeeper = ReturnType<typeof createUseKeeper>

/** @param table partition key `role`, sort key `use`, TTL `expiresAt` */
export function createUseKeeper(dynamodb: DynamoDBClient, table: string) {
  const { between, ofRole } = createUses(dynamodb, table)

  /** Once and again it leaves the same item: the key is the record's own. */
  async function putOnce(item: Item): Promise<{ known?: Item }> {
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

    /** Answers the use as it was recorded first, if it was recorded before. */
    async putOnce(use: Use, key: string): Promise<Use | undefined> {
      const { known } = await putOnce(itemOf(use, key))
      return known && readUse(known)
    },

    /** Notes that the alarm about a use was raised. */
    async noteRaised(use: Use, key: string): Promise<void> {
      await putOnce({ role: { S: use.role }, use: { S: raisedKey(key) }, expiresAt: expiryOf(use.at) })
    },

    async isRaised(use: Use, key: string): Promise<boolean> {
      for await (const _ of between(use.role, raisedKey(key), raisedKey(key))) return true
      return false
    },
  }
}

const raisedKey = (key: string) => `${key}#raised`
const expiryOf = (at: Date) => ({ N: String(Math.floor((at.getTime() + keptMs) / 1000)) })

function itemOf({ role: name, at, ...facts }: Use, key: string): Item {
  const texts = Object.entries(facts).flatMap(([field, value]) => (value === undefined ? [] : [[field, { S: value }]]))
  return {
    role: { S: name },
    use: { S: key },
    at: { S: at.toISOString() },
    expiresAt: expiryOf(at),
    ...Object.fromEntries(texts),
  }
}
