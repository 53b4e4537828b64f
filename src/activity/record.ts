/**
 * Writes activity: one item for each event and recipient. The timeline of a message and the counts of a day both follow from the items.
 *
 * The role that uses it, iam/analytics-processing.yml, may put items and not read them.
 */
import { type AttributeValue, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { concurrently } from '../concurrently.ts'
import type { SesEvent } from '../intake/event.ts'
import { dayMs } from '../time.ts'
import { type Activity, activityOf } from './activity.ts'
import { bucketOfMessage, dayOfMessage } from './bucket.ts'

/** Concurrent writes for one event: a message has at most 50 recipients. */
const concurrentWrites = 16

/** Longer than any other: a stored address of a destination that SES repeats as the sender wrote it. */
const maxStoredCharacters = 320

/**
 * @param table partition key `bucket`, sort key `event`, TTL `expiresAt`
 * @param keptDays the days that activity is kept, from the time at which the message was sent
 */
export function createActivityWriter(dynamodb: DynamoDBClient, table: string, keptDays: number) {
  return {
    /**
     * Idempotent: a key follows from the event, and a copy of the event puts the same item again. Every recipient is written, even after a write
     * failed.
     * @returns the number of items
     * @throws the first error, after all recipients were tried: the event is then delivered again
     */
    async add(project: string, event: SesEvent): Promise<number> {
      const { messageId, at, configurationSet } = event.mail
      const bucket = bucketOfMessage(project, dayOfMessage(messageId, at), messageId)
      const expiresAt = Math.floor((at.getTime() + keptDays * dayMs) / 1000)
      const failures: unknown[] = []
      const activities = activityOf(event)
      await concurrently(activities, Math.min(concurrentWrites, activities.length), async (activity) => {
        const Item = itemOf(bucket, expiresAt, configurationSet, activity)
        await dynamodb
          .send(new PutItemCommand({ TableName: table, Item }))
          .catch((error: unknown) => failures.push(error))
      })
      if (failures.length > 0) throw failures[0]
      return activities.length
    },
  }
}

function itemOf(
  bucket: string,
  expiresAt: number,
  configurationSet: string | undefined,
  { key, type, at, recipient, detail, bot, nth }: Activity,
): Record<string, AttributeValue> {
  const optional = { address: recipient?.slice(0, maxStoredCharacters), detail, bot, configurationSet }
  return {
    bucket: { S: bucket },
    event: { S: key },
    type: { S: type },
    at: { S: at.toISOString() },
    nth: { N: String(nth) },
    expiresAt: { N: String(expiresAt) },
    ...Object.fromEntries(Object.entries(optional).flatMap(([name, text]) => (text ? [[name, { S: text }]] : []))),
  }
}
