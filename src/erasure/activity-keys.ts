/**
 * Finds the events of mail to one address.
 *
 * The key of an event begins with the project and the day of the mail, so every day that is kept is read. The index of recipients has only the
 * events of mail that failed, unless the project wants all.
 */
import { type AttributeValue, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import { bucketsOf, dayOf, daysBetween } from '../activity/bucket.ts'
import { concurrently } from '../concurrently.ts'
import { dayMs } from '../time.ts'
import { addressIn } from './redact.ts'

type Key = Record<string, AttributeValue>

const bucketsAtOnce = 50

/**
 * @param table the activity: partition key `bucket`, sort key `event`
 * @param keptDays for how many days after the mail an event is kept
 */
export async function activityKeysOf(
  dynamodb: DynamoDBClient,
  table: string,
  project: string,
  address: string,
  now: Date,
  keptDays: number,
): Promise<Key[]> {
  const keys: Key[] = []
  const first = dayOf(new Date(now.getTime() - (keptDays + 1) * dayMs))
  // The clock of SES may be ahead by some minutes.
  const buckets = daysBetween(first, dayOf(new Date(now.getTime() + dayMs))).flatMap((day) => bucketsOf(project, day))
  await concurrently(buckets, bucketsAtOnce, async (bucket) => {
    const pages = paginateQuery(
      { client: dynamodb },
      {
        TableName: table,
        KeyConditionExpression: '#bucket = :bucket',
        ProjectionExpression: '#bucket, #event, #address',
        ExpressionAttributeNames: { '#bucket': 'bucket', '#event': 'event', '#address': 'address' },
        ExpressionAttributeValues: { ':bucket': { S: bucket } },
      },
    )
    for await (const { Items = [] } of pages)
      for (const { event, address: stored } of Items)
        if (event && stored?.S !== undefined && addressIn(stored.S) === address)
          keys.push({ bucket: { S: bucket }, event })
  })
  return keys
}
