/** Keys of the marks of days that have to be sealed, in the counts table. Pure. */
import { createHash } from 'node:crypto'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Day } from './bucket.ts'

const shards = 16

const keyOfShard = (shard: number) => `unsealed#${shard}`

export const unsealedShards: readonly string[] = Array.from({ length: shards }, (_, shard) => keyOfShard(shard))

export type Unsealed = {
  readonly project: string
  readonly day: Day
  /** Changes with each mark, so that a mark is removed only if it is the one that was read. */
  readonly mark: string
}

export const unsealedKeyOf = (project: string, day: Day) => ({
  counts: { S: keyOfShard(createHash('sha256').update(project).digest().readUInt32BE() % shards) },
  day: { S: `${day}#${project}` },
})

/** `undefined` if it is no mark. */
export function readUnsealed({ day: key, mark }: Record<string, AttributeValue>): Unsealed | undefined {
  const [day, project] = key?.S?.split('#') ?? []
  return project && day && mark?.S ? { project, day, mark: mark.S } : undefined
}
