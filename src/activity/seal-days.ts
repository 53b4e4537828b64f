/**
 * Seals days: counts the stored events of a day, and replaces the sealed counts by the result. So they are exact, whatever was delivered twice, in
 * another order, or was interrupted.
 *
 * A day is marked when events arrive (src/activity/live-counts.ts). The mark is removed only if it was made ten minutes before the events were
 * counted, or earlier: whoever adds later relies on a younger mark. Reads are consistent.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html
 */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
} from '@aws-sdk/client-dynamodb'
import { answered } from '../answered.ts'
import { activeItemOf } from './active-projects.ts'
import type { Day } from './bucket.ts'
import { type CountedDay, emptyDay, limitedSets, recountedOf } from './day-counts.ts'
import { limitedDomains } from './domains.ts'
import { isSealDue } from './seal-due.ts'
import {
  countsExpiryOf,
  countsKeyOf,
  domainsTextOf,
  type Part,
  readDomains,
  readLive,
  readSealed,
  sealedAttributesOf,
} from './stored-day.ts'
import { readUnsealed, type Unsealed, unsealedKeyOf, unsealedShards } from './unsealed.ts'

/** Domains and configuration sets of a day that are counted one by one. The item of either has at most 400 KB. */
const mostDomains = 1_000
const mostSets = 40

/** Age of a mark at which nobody relies on it. */
const removableMarkMs = 10 * 60_000

export type Sealed = {
  /**
   * `unchanged`: the seal has all events. `put off`: the day has many events, few of which are new. `overtaken`: another run sealed it meanwhile.
   */
  readonly outcome: 'sealed' | 'unchanged' | 'put off' | 'overtaken'
  readonly events?: number
  /** Stored events that could not be read, and are in no count. */
  readonly unreadable?: number
}

export type CountDay = (project: string, day: Day) => Promise<{ counted: CountedDay; unreadable: number }>

/** @param table the counts table */
export function createSealing(dynamodb: DynamoDBClient, table: string, countDay: CountDay, now: () => Date) {
  const read = (project: string, part: Part, day: Day) => findCounts(dynamodb, table, countsKeyOf(project, part, day))

  /** @param isForced whether to count the day even if it is not due */
  async function seal(project: string, day: Day, isForced: boolean): Promise<Sealed> {
    const [liveItem, sealedItem] = await Promise.all([read(project, 'live', day), read(project, 'sealed', day)])
    const live = liveItem && readLive(liveItem)
    const before = sealedItem && readSealed(sealedItem)
    if (!isForced && before && before.liveMark === (live?.mark ?? '')) return { outcome: 'unchanged' }
    if (!isForced && before && !isSealDue(day, before, live?.total ?? 0, now())) return { outcome: 'put off' }
    const domainsItem = await read(project, 'domains', day)
    const { counted, unreadable } = await countDay(project, day)
    const domains = domainsItem ? readDomains(domainsItem) : new Map()
    const next = recountedOf(before ? { ...before, domains } : emptyDay(), counted)
    const revision = (before?.revision ?? 0) + 1
    const seal = { sealedAt: now(), revision, liveMark: live?.mark ?? '', liveTotal: live?.total ?? 0 }
    // Idempotent: another seal of the same revision is refused, and one of a later revision stays.
    const isStored = await put(
      {
        ...countsKeyOf(project, 'sealed', day),
        ...sealedAttributesOf({ ...next, ...seal, sets: limitedSets(next.sets, mostSets) }),
        expiresAt: countsExpiryOf(day),
      },
      revision,
    )
    if (!isStored) return { outcome: 'overtaken' }
    // After the seal, and before the mark is removed: if it fails, the day is sealed again. Idempotent as the seal is.
    await put(
      {
        ...countsKeyOf(project, 'domains', day),
        domains: { S: domainsTextOf(limitedDomains(next.domains, mostDomains)) },
        revision: { N: String(revision) },
        expiresAt: countsExpiryOf(day),
      },
      revision,
    )
    // Idempotent. If it fails, the mark of the day stays, and the project is listed by that.
    await dynamodb.send(new PutItemCommand({ TableName: table, Item: activeItemOf(project, now()) }))
    const events = [...next.counts.values()].reduce((sum, { count }) => sum + count, 0)
    return { outcome: 'sealed', events, ...(unreadable > 0 && { unreadable }) }
  }

  /** @returns `false` if the item has this revision already, or a later one */
  const put = (Item: Record<string, AttributeValue>, revision: number): Promise<boolean> =>
    dynamodb
      .send(
        new PutItemCommand({
          TableName: table,
          Item,
          ConditionExpression: 'attribute_not_exists(revision) OR revision < :revision',
          ExpressionAttributeValues: { ':revision': { N: String(revision) } },
        }),
      )
      .then(() => true, unlessRefused)

  return {
    seal,

    /** Seals a marked day if it is due, and removes the mark. */
    async sealMarked({ project, day, markedAt }: Unsealed): Promise<Sealed> {
      const isRemovable = now().getTime() - markedAt.getTime() >= removableMarkMs
      const sealed = await seal(project, day, false)
      if (!isRemovable || (sealed.outcome !== 'sealed' && sealed.outcome !== 'unchanged')) return sealed
      // Idempotent, and a mark that was made since stays.
      await dynamodb
        .send(
          new DeleteItemCommand({
            TableName: table,
            Key: unsealedKeyOf(project, day),
            ConditionExpression: 'markedAt = :markedAt',
            ExpressionAttributeValues: { ':markedAt': { S: markedAt.toISOString() } },
          }),
        )
        .catch(unlessRefused)
      return sealed
    },
  }
}

/** The marked days of all projects. */
export async function* listUnsealed(dynamodb: DynamoDBClient, table: string): AsyncGenerator<Unsealed> {
  for (const shard of unsealedShards)
    for await (const item of queryCounts(dynamodb, table, { counts: { S: shard } })) {
      const unsealed = readUnsealed(item)
      if (unsealed) yield unsealed
    }
}

async function findCounts(dynamodb: DynamoDBClient, table: string, key: ReturnType<typeof countsKeyOf>) {
  for await (const item of queryCounts(dynamodb, table, key)) return item
  return undefined
}

/** By consistent reads: what was written before is seen. */
async function* queryCounts(
  dynamodb: DynamoDBClient,
  table: string,
  { counts, day }: { readonly counts: { S: string }; readonly day?: { S: string } },
) {
  const pages = paginateQuery(
    { client: dynamodb },
    {
      TableName: table,
      KeyConditionExpression: `counts = :counts${day === undefined ? '' : ' AND #day = :day'}`,
      ...(day !== undefined && { ExpressionAttributeNames: { '#day': 'day' } }),
      ExpressionAttributeValues: { ':counts': counts, ...(day !== undefined && { ':day': day }) },
      ConsistentRead: true,
    },
  )
  for await (const { Items } of pages) yield* answered(Items, 'Query: Items')
}

function unlessRefused(error: unknown): false {
  if (error instanceof ConditionalCheckFailedException) return false
  throw error
}
