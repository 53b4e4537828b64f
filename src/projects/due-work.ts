/**
 * The index of due work: when a project must be looked at next. A scheduled run reads what is due and nothing else, however many projects
 * there are.
 *
 *     id                 facet                          holds
 *     propagation#due#7  2026-04-03T10:15:00.000Z acme  stamp, tries
 *     proofs#due#7       2026-04-03T10:17:00.000Z acme  stamp, tries
 *
 * An entry only says which project to look at: the reason follows from the project's own items. So an entry may be written too often, and an
 * entry without a reason is removed. Entries are spread over 16 keys. Pure; src/projects/list-due-work.ts reads the index.
 */
import { createHash, randomUUID } from 'node:crypto'
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { type Item, keyOf } from './table.ts'

/** The keys of reconciles begin with `propagation#`, because the roles of propagation may write no others. */
const prefixes = { reconcile: 'propagation#due#', proof: 'proofs#due#' } as const
export type DueKind = keyof typeof prefixes

export type DueEntry = {
  readonly project: string
  readonly at: Date
  /** Changes with each write of the entry, so that an entry is removed only if it is the one that was read. */
  readonly stamp: string
  /** How often in succession the work was put off. */
  readonly tries: number
  /** The work is to be done now, although its usual time has not come. */
  readonly isRequested?: boolean
}

export const shards = [...'0123456789abcdef'] as const

const shardOf = (project: string): string => createHash('sha256').update(project).digest('hex').charAt(0)

export const dueShardKey = (kind: DueKind, shard: string): string => `${prefixes[kind]}${shard}`

export const dueKeyOf = (kind: DueKind, { project, at }: Pick<DueEntry, 'project' | 'at'>) =>
  keyOf(dueShardKey(kind, shardOf(project)), `${at.toISOString()} ${project}`)

export const newDueEntry = (project: string, at: Date, tries = 0): DueEntry => ({
  project,
  at,
  stamp: randomUUID(),
  tries,
})

/** The attributes of an entry, without its key. */
export const dueAttributesOf = ({ stamp, tries }: DueEntry): Item => ({
  stamp: { S: stamp },
  tries: { N: String(tries) },
})

export const dueItemOf = (kind: DueKind, entry: DueEntry): Item => ({
  ...dueKeyOf(kind, entry),
  ...dueAttributesOf(entry),
})

/** The part of a transaction that makes a project due. Idempotent in effect: an entry that exists is written again. */
export const duePutOf = (table: string, kind: DueKind, entry: DueEntry): TransactWriteItem => ({
  Put: { TableName: table, Item: dueItemOf(kind, entry) },
})

/** `undefined` if the item is not an entry. */
export function readDueEntry({ facet, stamp, tries, requested }: Item): DueEntry | undefined {
  const [time = '', project] = facet?.S?.split(' ') ?? []
  const at = new Date(time)
  if (!project || Number.isNaN(at.getTime())) return undefined
  return {
    project,
    at,
    stamp: stamp?.S ?? '',
    tries: Number(tries?.N ?? 0) || 0,
    isRequested: requested?.BOOL === true,
  }
}

const quarterMs = 15 * 60_000

/** The quarter of an hour that has begun: however often a project becomes due in it, there is one entry. */
export const quarterOf = (time: Date): Date => new Date(Math.floor(time.getTime() / quarterMs) * quarterMs)

/** The next quarter of an hour that does not begin before the time. */
export const quarterAfter = (time: Date): Date => new Date(Math.ceil(time.getTime() / quarterMs) * quarterMs)
