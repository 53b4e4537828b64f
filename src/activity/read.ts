/**
 * Reads activity: the timeline of a message, and the exact counts of the mail of a day. It counts items, so a duplicate event counts once.
 */
import { type AttributeValue, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { type EventType, eventSchemas } from '../intake/event.ts'
import { bucketOfMessage, bucketsOf, type Day } from './bucket.ts'
import { type Counts, countInto } from './counts.ts'
import { countDomainInto, type Domains } from './domains.ts'

export type TimelineEntry = {
  readonly at: Date
  readonly type: EventType
  readonly recipient?: string | undefined
  readonly detail?: string | undefined
  readonly bot?: 'Likely' | 'Unlikely' | undefined
}

/** @param table partition key `bucket`, sort key `event` */
export function createActivityReader(dynamodb: DynamoDBClient, table: string) {
  async function* itemsOf(bucket: string, prefix?: string): AsyncGenerator<StoredActivity> {
    const pages = paginateQuery(
      { client: dynamodb },
      {
        TableName: table,
        KeyConditionExpression: `#bucket = :bucket${prefix === undefined ? '' : ' AND begins_with(#event, :event)'}`,
        ExpressionAttributeNames: { '#bucket': 'bucket', ...(prefix !== undefined && { '#event': 'event' }) },
        ExpressionAttributeValues: {
          ':bucket': { S: bucket },
          ...(prefix !== undefined && { ':event': { S: prefix } }),
        },
      },
    )
    for await (const { Items = [] } of pages) for (const item of Items) yield readItem(item)
  }

  return {
    /** What happened to a message that was sent on a day, oldest first. Empty if nothing is stored. */
    async timelineOf(project: string, day: Day, messageId: string): Promise<TimelineEntry[]> {
      const entries: TimelineEntry[] = []
      for await (const item of itemsOf(bucketOfMessage(project, day, messageId), `${messageId}#`))
        entries.push(entryOf(item))
      return entries.sort((one, other) => one.at.getTime() - other.at.getTime())
    },

    /** Counts the events of all mail that was sent on each of the days, in their order, and by domain on all of them. */
    async countsOf(project: string, days: readonly Day[]): Promise<{ byDay: Map<Day, Counts>; domains: Domains }> {
      const domains: Domains = new Map()
      const byDay = new Map(days.map((day): [Day, Counts] => [day, new Map()]))
      for (const [day, counts] of byDay)
        for (const bucket of bucketsOf(project, day))
          for await (const item of itemsOf(bucket)) {
            const counted = { ...entryOf(item), nth: Number(item.nth.N) }
            countInto(counts, counted)
            countDomainInto(domains, counted)
          }
      return { byDay, domains }
    },
  }
}

const Text = v.object({ S: v.string() })
const storedActivity = v.object({
  type: v.object({ S: v.pipe(v.string(), v.picklist(Object.keys(eventSchemas).filter(isType))) }),
  at: v.object({ S: v.pipe(v.string(), v.isoTimestamp()) }),
  nth: v.object({ N: v.string() }),
  address: v.optional(Text),
  detail: v.optional(Text),
  bot: v.optional(v.object({ S: v.picklist(['Likely', 'Unlikely']) })),
})
type StoredActivity = v.InferOutput<typeof storedActivity>

function isType(name: string): name is EventType {
  return Object.hasOwn(eventSchemas, name)
}

/** @throws ValiError if the item is no activity */
const readItem = (item: Record<string, AttributeValue>): StoredActivity => v.parse(storedActivity, item)

const entryOf = ({ type, at, address, detail, bot }: StoredActivity): TimelineEntry => ({
  at: new Date(at.S),
  type: type.S,
  recipient: address?.S,
  detail: detail?.S,
  bot: bot?.S,
})
