/**
 * The stream of a table: one shard with every change in order, for 24 hours.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
 */
import { createHash } from 'node:crypto'
import type { EngineItem, TableShape } from './engine.ts'
import { itemSizeOf } from './item.ts'

export type StreamViewType = 'NEW_AND_OLD_IMAGES' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'KEYS_ONLY'

/** A record as GetRecords returns it. `userIdentity` is present only when DynamoDB itself deleted the item. */
export type StreamRecord = {
  eventID: string
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE'
  eventVersion: '1.1'
  eventSource: 'aws:dynamodb'
  awsRegion: string
  dynamodb: {
    ApproximateCreationDateTime: Date
    Keys: EngineItem
    NewImage?: EngineItem
    OldImage?: EngineItem
    SequenceNumber: string
    SizeBytes: number
    StreamViewType: StreamViewType
  }
  userIdentity?: { Type: 'Service'; PrincipalId: 'dynamodb.amazonaws.com' }
}

export type Stream = {
  arn: string
  label: string
  tableName: string
  keySchema: TableShape['KeySchema']
  viewType: StreamViewType
  createdAt: Date
  /** Disabled. Its records stay readable for a day. */
  closed: boolean
  shardId: string
  records: StreamRecord[]
}

export type ItemChange = { before: EngineItem | undefined; after: EngineItem | undefined; at: Date; byService: boolean }

const dayMs = 24 * 60 * 60 * 1000
const firstSequence = 100_000_000_000_000_000_000n

export function createStream(table: TableShape, viewType: StreamViewType, createdAt: Date): Stream {
  const label = createdAt.toISOString().slice(0, 23)
  return {
    arn: `${table.TableArn}/stream/${label}`,
    label,
    tableName: table.TableName,
    keySchema: table.KeySchema,
    viewType,
    createdAt,
    closed: false,
    shardId: `shardId-${String(createdAt.getTime()).padStart(20, '0')}-00000001`,
    records: [],
  }
}

/** Adds the record of a change. The caller leaves out writes that change nothing. */
export function appendRecord(stream: Stream, region: string, { before, after, at, byService }: ItemChange): void {
  const sequence = sequenceNumberAt(stream.records.length)
  const image = after ?? before ?? {}
  const keys = Object.fromEntries(
    stream.keySchema.flatMap(({ AttributeName: name }) => (image[name] ? [[name, image[name]]] : [])),
  )
  const includes = (part: 'NEW' | 'OLD') =>
    stream.viewType === 'NEW_AND_OLD_IMAGES' || stream.viewType === `${part}_IMAGE`
  const newImage = after && includes('NEW') ? structuredClone(after) : undefined
  const oldImage = before && includes('OLD') ? structuredClone(before) : undefined
  stream.records.push({
    eventID: createHash('md5').update(`${stream.arn}/${sequence}`).digest('hex'),
    eventName: before ? (after ? 'MODIFY' : 'REMOVE') : 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: {
      // Streams have a resolution of one second.
      ApproximateCreationDateTime: new Date(Math.floor(at.getTime() / 1000) * 1000),
      Keys: structuredClone(keys),
      ...(newImage && { NewImage: newImage }),
      ...(oldImage && { OldImage: oldImage }),
      SequenceNumber: sequence,
      SizeBytes: itemSizeOf(keys) + (newImage ? itemSizeOf(newImage) : 0) + (oldImage ? itemSizeOf(oldImage) : 0),
      StreamViewType: stream.viewType,
    },
    ...(byService && { userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' } }),
  })
}

export function sequenceNumberAt(position: number): string {
  return String(firstSequence + BigInt(position))
}

/** The position of a sequence number. Undefined when the number does not belong to this stream. */
export function positionOf(stream: Stream, sequence: string): number | undefined {
  if (!/^\d{21,40}$/.test(sequence)) return undefined
  const position = Number(BigInt(sequence) - firstSequence)
  return position >= 0 && position <= stream.records.length ? position : undefined
}

/** The position of the oldest record within the retention of 24 hours. */
export function horizonOf(stream: Stream, now: Date): number {
  const oldest = stream.records.findIndex(
    (record) => record.dynamodb.ApproximateCreationDateTime.getTime() > now.getTime() - dayMs,
  )
  return oldest < 0 ? stream.records.length : oldest
}
