/**
 * Reads the counts of days from the counts table: partition key `counts`, sort key `day`. It has no address.
 *
 *     counts        day               holds
 *     live#acme     2026-03-01        a number for each kind of event, to which record-activity adds; mark and total of the additions
 *     sealed#acme   2026-03-01        rows, hours, sets, sealedAt, revision, and mark and total of the live numbers that it includes
 *     domains#acme  2026-03-01        domains, revision
 *     unsealed#7    2026-03-01#acme   markedAt: the day has events that are in no seal (src/activity/seal-days.ts)
 *     active#3      acme              the project has had mail in the last weeks (src/activity/active-projects.ts)
 *
 * A sealed day is exact: it was counted from the stored events. Once further events arrive, the greater of each live and sealed number is read,
 * until the day is sealed again. The live numbers count an event again that was delivered again.
 */
import { type AttributeValue, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import type { Day } from './bucket.ts'
import { type CountsBySet, type DayCounts, emptyDay, greaterCounts, greaterHours } from './day-counts.ts'
import { type Domains, sumOfDomains } from './domains.ts'
import {
  countsKeyOf,
  type LiveDay,
  type Part,
  readDomains,
  readLive,
  readSealed,
  type SealedDay,
} from './stored-day.ts'

export type StoredDay = DayCounts & {
  readonly day: Day
  /** By configuration set, as of the last seal. */
  readonly sets: CountsBySet
  /** When the events of the day were last counted. Absent: never. */
  readonly sealedAt?: Date | undefined
  /** Whether every event that arrived is in the seal. */
  readonly isExact: boolean
}

export type StoredCounts = ReturnType<typeof createStoredCounts>

/** @param table the counts table */
export function createStoredCounts(dynamodb: DynamoDBClient, table: string) {
  /** The items of consecutive days, by day. */
  async function itemsOf(project: string, part: Part, days: readonly Day[]) {
    const items = new Map<Day, Record<string, AttributeValue>>()
    const [first, last] = [days[0], days.at(-1)]
    if (first === undefined || last === undefined) return items
    const pages = paginateQuery(
      { client: dynamodb },
      {
        TableName: table,
        KeyConditionExpression: 'counts = :counts AND #day BETWEEN :first AND :last',
        // `day` is a reserved word of DynamoDB.
        ExpressionAttributeNames: { '#day': 'day' },
        ExpressionAttributeValues: {
          ':counts': countsKeyOf(project, part, first).counts,
          ':first': { S: first },
          ':last': { S: last },
        },
      },
    )
    for await (const { Items = [] } of pages) for (const item of Items) items.set(item.day?.S ?? '', item)
    return items
  }

  return {
    /** The counts of consecutive days, each of them, in their order. */
    async daysOf(project: string, days: readonly Day[]): Promise<StoredDay[]> {
      const [live, sealed] = await Promise.all([itemsOf(project, 'live', days), itemsOf(project, 'sealed', days)])
      return days.map((day) => {
        const [liveItem, sealedItem] = [live.get(day), sealed.get(day)]
        return storedDayOf(day, liveItem && readLive(liveItem), sealedItem && readSealed(sealedItem))
      })
    },

    /** The domains of consecutive days together, as of the last seal of each. */
    async domainsOf(project: string, days: readonly Day[]): Promise<Domains> {
      const items = await itemsOf(project, 'domains', days)
      return sumOfDomains([...items.values()].map(readDomains))
    },
  }
}

function storedDayOf(day: Day, live: LiveDay | undefined, sealed: SealedDay | undefined): StoredDay {
  const isExact = (live?.mark ?? '') === (sealed?.liveMark ?? '')
  const { counts, hours, sets } = sealed ?? emptyDay()
  const sum =
    live && !isExact
      ? { counts: greaterCounts(counts, live.counts), hours: greaterHours(hours, live.hours) }
      : { counts, hours }
  return { day, ...sum, sets, ...(sealed && { sealedAt: sealed.sealedAt }), isExact }
}
