/**
 * Reads activity: the timeline of a message, what happened to a recipient, and the exact counts of the mail of a day. It counts items, so a duplicate
 * event counts once.
 */
import { type AttributeValue, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { answered } from '../answered.ts'
import { type EventType, eventSchemas } from '../intake/event.ts'
import { bucketOfMessage, bucketsOf, type Day } from './bucket.ts'
import { type CountedDay, type CountedItem, countFullyInto, emptyDay } from './day-counts.ts'
import { personOf } from './person.ts'

export type TimelineEntry = {
  readonly at: Date
  readonly type: EventType
  readonly recipient?: string | undefined
  readonly detail?: string | undefined
  readonly bot?: 'Likely' | 'Unlikely' | undefined
}

/** What happened to a recipient, and to which message. */
export type RecipientEntry = TimelineEntry & {
  readonly messageId: string
  /** Key of the item. */
  readonly key: { readonly bucket: string; readonly event: string }
}

/** Events of a recipient that are read, the latest. */
const mostOfRecipient = 1_000

/** @param table partition key `bucket`, sort key `event`; `recipient-index` has the partition key `person` and the sort key `at` */
export function createActivityReader(dynamodb: DynamoDBClient, table: string) {
  /** The items of a partition, or of one message in it, as they are stored. */
  async function* itemsOf(
    bucket: string,
    options: { prefix?: string; isConsistent?: boolean } = {},
  ): AsyncGenerator<Item> {
    const { prefix, isConsistent = false } = options
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
        ...(isConsistent && { ConsistentRead: true }),
      },
    )
    for await (const { Items } of pages) yield* answered(Items, 'Query: Items')
  }

  async function* itemsOfPerson(person: string): AsyncGenerator<Item> {
    const pages = paginateQuery(
      { client: dynamodb },
      {
        TableName: table,
        IndexName: 'recipient-index',
        KeyConditionExpression: 'person = :person',
        ExpressionAttributeValues: { ':person': { S: person } },
        ScanIndexForward: false,
      },
    )
    for await (const { Items } of pages) yield* answered(Items, 'Query: Items')
  }

  return {
    /** What happened to a message that was sent on a day, oldest first. Empty if nothing is stored. */
    async timelineOf(project: string, day: Day, messageId: string): Promise<TimelineEntry[]> {
      const entries: TimelineEntry[] = []
      for await (const item of itemsOf(bucketOfMessage(project, day, messageId), { prefix: `${messageId}#` }))
        entries.push(entryOf(readItem(item)))
      return entries.sort((one, other) => one.at.getTime() - other.at.getTime())
    },

    /**
     * What happened to mail for a recipient, the latest first: what did not arrive or was not wanted, and everything if the project keeps the index
     * of all recipients.
     */
    async recipientOf(project: string, address: string): Promise<RecipientEntry[]> {
      const entries: RecipientEntry[] = []
      for await (const item of itemsOfPerson(personOf(project, address))) {
        const [bucket = '', event = ''] = [item.bucket?.S, item.event?.S]
        entries.push({ ...entryOf(readItem(item)), messageId: event.split('#')[0] ?? '', key: { bucket, event } })
        if (entries.length >= mostOfRecipient) break
      }
      return entries
    },

    /**
     * Counts the events of all mail that was sent on a day. An item that cannot be read hides no other.
     * @returns the counts, and how many items could not be read
     */
    async countDay(project: string, day: Day): Promise<{ counted: CountedDay; unreadable: number }> {
      const counted = emptyDay()
      let unreadable = 0
      const countBucket = async (bucket: string) => {
        for await (const item of itemsOf(bucket, { isConsistent: true })) {
          const { success, output } = v.safeParse(storedActivity, item)
          if (success) countFullyInto(counted, countedOf(output))
          else unreadable++
        }
      }
      await Promise.all(bucketsOf(project, day).map(countBucket))
      return { counted, unreadable }
    },
  }
}

type Item = Record<string, AttributeValue>

const Text = v.object({ S: v.string() })
/** What the index has, too. */
export const storedEntry = v.object({
  type: v.object({ S: v.pipe(v.string(), v.picklist(Object.keys(eventSchemas).filter(isType))) }),
  at: v.object({ S: v.pipe(v.string(), v.isoTimestamp()) }),
  address: v.optional(Text),
  detail: v.optional(Text),
  bot: v.optional(v.object({ S: v.picklist(['Likely', 'Unlikely']) })),
})
const storedActivity = v.object({
  ...storedEntry.entries,
  nth: v.object({ N: v.string() }),
  configurationSet: v.optional(Text),
  hour: v.object({ N: v.string() }),
})

function isType(name: string): name is EventType {
  return Object.hasOwn(eventSchemas, name)
}

/** @throws ValiError if the item is no activity */
const readItem = (item: Item) => v.parse(storedEntry, item)

export const entryOf = ({ type, at, address, detail, bot }: v.InferOutput<typeof storedEntry>): TimelineEntry => ({
  at: new Date(at.S),
  type: type.S,
  recipient: address?.S,
  detail: detail?.S,
  bot: bot?.S,
})

const countedOf = (item: v.InferOutput<typeof storedActivity>): CountedItem => ({
  ...entryOf(item),
  nth: Number(item.nth.N),
  hour: Number(item.hour.N),
  configurationSet: item.configurationSet?.S,
})
