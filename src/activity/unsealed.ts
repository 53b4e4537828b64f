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
  readonly markedAt: Date
}

export const unsealedKeyOf = (project: string, day: Day) => ({
  counts: { S: keyOfShard(createHash('sha256').update(project).digest().readUInt32BE() % shards) },
  day: { S: `${day}#${project}` },
})

/** `undefined` if it is no mark. */
export function readUnsealed({ day: key, markedAt }: Record<string, AttributeValue>): Unsealed | undefined {
  const [day, project] = key?.S?.split('#') ?? []
  const at = new Date(markedAt?.S ?? '')
  return project && day && !Number.isNaN(at.getTime()) ? { project, day, markedAt: at } : undefined
}
