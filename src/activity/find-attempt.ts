/**
 * Finds the mail of an attempt to send whose outcome is unknown, by its Send event.
 *
 * An index of attempts would cost a write for every mail. So the events of the time of the attempt are read: the id of a message begins with a number
 * of SES, which is the same for all messages of an account and region, and the time at which SES accepted it.
 */
import { type AttributeValue, type DynamoDBClient, paginateQuery, QueryCommand } from '@aws-sdk/client-dynamodb'
import { bucketsOf, dayOf, daysBetween, sentAtOf } from './bucket.ts'

export type FoundAttempt =
  | { readonly found: 'sent'; readonly messageId: string; readonly recipients: ReadonlySet<string> }
  /** `feedWorks`: whether Send events of later mail have arrived. */
  | { readonly found: 'nothing'; readonly feedWorks: boolean }

/** When SES would have accepted the mail. */
export type AttemptWindow = { readonly from: Date; readonly to: Date }

/** Items of later mail that are looked at in a partition. */
const maxLater = 100

/** @param table the activity: partition key `bucket`, sort key `event` */
export async function findAttempt(
  dynamodb: DynamoDBClient,
  table: string,
  project: string,
  attempt: string,
  { from, to }: AttemptWindow,
  now: Date,
): Promise<FoundAttempt> {
  const buckets = daysBetween(dayOf(from), dayOf(now)).flatMap((day) => bucketsOf(project, day))
  const found = await Promise.all(
    buckets.map((bucket) => searchBucket(dynamodb, table, bucket, attempt, from, to, now)),
  )
  const own = found.flatMap(({ sends }) => sends)
  const [first] = own
  if (!first) return { found: 'nothing', feedWorks: found.some(({ hasLater }) => hasLater) }
  return { found: 'sent', messageId: first.messageId, recipients: new Set(own.flatMap(({ address }) => address ?? [])) }
}

type Send = { readonly messageId: string; readonly address: string | undefined; readonly attempt: string }

async function searchBucket(
  dynamodb: DynamoDBClient,
  table: string,
  bucket: string,
  attempt: string,
  from: Date,
  to: Date,
  now: Date,
): Promise<{ readonly sends: readonly Send[]; readonly hasLater: boolean }> {
  const query = {
    TableName: table,
    ProjectionExpression: '#event, #type, #address, #attempt',
    ExpressionAttributeNames: {
      '#bucket': 'bucket',
      '#event': 'event',
      '#type': 'type',
      '#address': 'address',
      '#attempt': 'attempt',
    },
  }
  const any = await dynamodb.send(
    new QueryCommand({
      ...query,
      KeyConditionExpression: '#bucket = :bucket',
      ExpressionAttributeValues: { ':bucket': { S: bucket } },
      Limit: 1,
    }),
  )
  const [key = ''] = any.Items?.map(({ event }) => event?.S ?? '') ?? []
  if (sentAtOf(key) === undefined) return { sends: [], hasLater: false }
  const keyAt = (time: Date) => `${key.slice(0, 4)}${time.getTime().toString(16).padStart(12, '0')}`
  const between = (first: string, last: string) => ({
    ...query,
    KeyConditionExpression: '#bucket = :bucket AND #event BETWEEN :first AND :last',
    ExpressionAttributeValues: { ':bucket': { S: bucket }, ':first': { S: first }, ':last': { S: last } },
    ConsistentRead: true,
  })
  const sends: Send[] = []
  // The tilde sorts after every character of an id.
  for await (const { Items = [] } of paginateQuery({ client: dynamodb }, between(keyAt(from), `${keyAt(to)}~`)))
    sends.push(...Items.flatMap(sendIn).filter((one) => one.attempt === attempt))
  if (sends.length > 0) return { sends, hasLater: true }
  if (now <= to) return { sends, hasLater: false }
  const later = await dynamodb.send(
    new QueryCommand({ ...between(`${keyAt(to)}~`, `${keyAt(now)}~`), Limit: maxLater }),
  )
  return { sends, hasLater: (later.Items ?? []).flatMap(sendIn).length > 0 }
}

/** An item of the Send event of a mail with an attempt. */
function sendIn({ event, type, address, attempt }: Record<string, AttributeValue>): Send[] {
  const [messageId = ''] = event?.S?.split('#') ?? []
  return type?.S === 'Send' && attempt?.S !== undefined ? [{ messageId, address: address?.S, attempt: attempt.S }] : []
}
