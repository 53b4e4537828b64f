/**
 * Reads the events of mail that was sent lately, for one who follows them live.
 *
 * The sort key begins with the message id, which SES begins with the time of sending. So the latest mail is at the end of each partition, and
 * reading backwards ends at the first message that is too old. Where ids have another form, the whole day is read.
 */
import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { answered } from '../answered.ts'
import { bucketsOf, dayOf, daysBetween, sentAtOf } from './bucket.ts'
import { entryOf, storedEntry, type TimelineEntry } from './read.ts'

export type RecentEvent = TimelineEntry & {
  /** Sort key of the item: the same for every copy of the event. */
  readonly key: string
  readonly messageId: string
}

const pageSize = 100

/** @param table partition key `bucket`, sort key `event` */
export function createRecentReader(dynamodb: DynamoDBClient, table: string) {
  async function readBucket(bucket: string, since: Date): Promise<RecentEvent[]> {
    const events: RecentEvent[] = []
    const pages = paginateQuery(
      { client: dynamodb, pageSize },
      {
        TableName: table,
        KeyConditionExpression: '#bucket = :bucket',
        ExpressionAttributeNames: { '#bucket': 'bucket' },
        ExpressionAttributeValues: { ':bucket': { S: bucket } },
        ScanIndexForward: false,
      },
    )
    for await (const { Items } of pages)
      for (const item of answered(Items, 'Query: Items')) {
        const key = item.event?.S ?? ''
        const messageId = key.split('#')[0] ?? ''
        const sentAt = sentAtOf(messageId)
        if (sentAt && sentAt < since) return events
        // An item that cannot be read hides no other.
        const { success, output } = v.safeParse(storedEntry, item)
        if (success) events.push({ ...entryOf(output), key, messageId })
      }
    return events
  }

  /** The events of a project's mail that was sent since then, oldest first. */
  return async (project: string, since: Date, now: Date): Promise<RecentEvent[]> => {
    const buckets = daysBetween(dayOf(since), dayOf(now)).flatMap((day) => bucketsOf(project, day))
    const events = await Promise.all(buckets.map((bucket) => readBucket(bucket, since)))
    return events.flat().sort((one, other) => one.at.getTime() - other.at.getTime())
  }
}
