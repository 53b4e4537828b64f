/** Reads the index of due work (src/projects/due-work.ts), and lists the projects that have no entry in it. */
import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import { answered } from '../answered.ts'
import { dayMs } from '../time.ts'
import { type DueEntry, type DueKind, dueShardKey, readDueEntry, shards } from './due-work.ts'
import { directoryKey } from './projects.ts'
import { findItem, type Item, keyOf, queryPages } from './table.ts'

/** Projects that a run looks at, at most. What is beyond that stays due, and the oldest of each key come first. */
const maxPerShard = 2_000

/** What is due of each project at `now`: project → its entries. A run looks at a project once, however many entries it has. */
export async function listDueWork(
  dynamodb: DynamoDBClient,
  table: string,
  kind: DueKind,
  now: Date,
): Promise<Map<string, DueEntry[]>> {
  const byProject = new Map<string, DueEntry[]>()
  await Promise.all(
    shards.map(async (shard) => {
      let read = 0
      for await (const items of dueItems(dynamodb, table, dueShardKey(kind, shard), now)) {
        for (const entry of items.flatMap((item) => readDueEntry(item) ?? []))
          byProject.set(entry.project, [...(byProject.get(entry.project) ?? []), entry])
        read += items.length
        if (read >= maxPerShard) return
      }
    }),
  )
  return byProject
}

async function* dueItems(dynamodb: DynamoDBClient, table: string, id: string, now: Date): AsyncGenerator<Item[]> {
  const pages = paginateQuery(
    { client: dynamodb, pageSize: 1_000 },
    {
      TableName: table,
      KeyConditionExpression: 'id = :id AND facet < :now',
      ExpressionAttributeValues: { ':id': { S: id }, ':now': { S: `${now.toISOString()} ~` } },
      ConsistentRead: true,
    },
  )
  for await (const { Items } of pages) yield answered(Items, 'Query: Items')
}

/** Projects of one slice of the pass: 96 slices a day pass 115,000 projects. */
const sliceSize = 1_200

/** `next` is the item to store when the slice is done; `undefined` if the pass of the day is complete. */
export type DirectorySlice = { readonly projects: readonly string[]; readonly next: Item | undefined }

export const passKeys = { reconcile: 'propagation#pass', proof: 'proofs#pass' } as const
export const passFacet = 'directory'

/**
 * The next slice of a pass over all projects, which begins once a day. It finds what has no entry in the index: projects of before version
 * 0.3, and entries that were lost. A slice that is not stored as done is repeated.
 */
export async function nextDirectorySlice(
  dynamodb: DynamoDBClient,
  table: string,
  kind: DueKind,
  now: Date,
): Promise<DirectorySlice> {
  const stored = await findItem(dynamodb, table, passKeys[kind], passFacet)
  const startedAt = stored?.startedAt?.S
  const isUnderWay = stored?.after?.S !== undefined
  if (!isUnderWay && startedAt && now.getTime() < Date.parse(startedAt) + dayMs)
    return { projects: [], next: undefined }
  const selection = { pageSize: sliceSize, ...(isUnderWay && { after: stored?.after?.S ?? '' }) }
  const begun = isUnderWay && startedAt ? startedAt : now.toISOString()
  for await (const items of queryPages(dynamodb, table, directoryKey, selection)) {
    const projects = items.flatMap(({ facet }) => facet?.S ?? [])
    const last = projects.at(-1)
    const isLast = projects.length < sliceSize || last === undefined
    return { projects, next: passItemOf(kind, begun, isLast ? undefined : last) }
  }
  return { projects: [], next: passItemOf(kind, begun, undefined) }
}

const passItemOf = (kind: DueKind, startedAt: string, after: string | undefined): Item => ({
  ...keyOf(passKeys[kind], passFacet),
  startedAt: { S: startedAt },
  ...(after !== undefined && { after: { S: after } }),
})
