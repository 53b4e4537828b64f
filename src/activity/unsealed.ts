/** Keys of the marks of days that have to be sealed, in the counts table. Pure. */
import { createHash } from 'node:crypto'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Day } from './bucket.ts'

/** Partitions over which projects are spread, so that none of them is hot. */
export const shards = 16

export const shardOf = (project: string): number =>
  createHash('sha256').update(project).digest().readUInt32BE() % shards

const keyOfShard = (shard: number) => `unsealed#${shard}`

export const unsealedShards: readonly string[] = Array.from({ length: shards }, (_, shard) => keyOfShard(shard))

export type Unsealed = {
  readonly project: string
  readonly day: Day
  readonly markedAt: Date
}

export const unsealedKeyOf = (project: string, day: Day) => ({
  counts: { S: keyOfShard(shardOf(project)) },
  day: { S: `${day}#${project}` },
})

/** `undefined` if it is no mark. */
export function readUnsealed({ day: key, markedAt }: Record<string, AttributeValue>): Unsealed | undefined {
  const [day, project] = key?.S?.split('#') ?? []
  const at = new Date(markedAt?.S ?? '')
  return project && day && !Number.isNaN(at.getTime()) ? { project, day, markedAt: at } : undefined
}
