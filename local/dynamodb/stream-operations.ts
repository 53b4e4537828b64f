/** The four operations of DynamoDB Streams. A shard iterator starts with the ARN of its stream, as in AWS, and expires after 15 minutes. */
import { AwsError, type ServiceCall, type ServiceOperation } from '../service.ts'
import { type Database, notFound } from './database.ts'
import { horizonOf, positionOf, type Stream, sequenceNumberAt } from './stream.ts'

const iteratorLifeMs = 15 * 60 * 1000

export function streamOperations(
  databaseOf: (call: ServiceCall, arn?: unknown) => Database,
): Readonly<Record<string, ServiceOperation>> {
  const find = (call: ServiceCall): Stream => {
    const stream = databaseOf(call, call.input.StreamArn).streams.get(String(call.input.StreamArn))
    if (!stream) throw notFound('Requested resource not found: Stream not found')
    return stream
  }
  return {
    ListStreams(call) {
      const streams = [...databaseOf(call).streams.values()]
      const { TableName: table } = call.input
      return {
        Streams: streams
          .filter((stream) => table === undefined || stream.tableName === table)
          .map((stream) => ({ StreamArn: stream.arn, TableName: stream.tableName, StreamLabel: stream.label })),
      }
    },
    DescribeStream(call) {
      const stream = find(call)
      return {
        StreamDescription: {
          StreamArn: stream.arn,
          StreamLabel: stream.label,
          StreamStatus: stream.closed ? 'DISABLED' : 'ENABLED',
          StreamViewType: stream.viewType,
          CreationRequestDateTime: stream.createdAt,
          TableName: stream.tableName,
          KeySchema: stream.keySchema,
          Shards: [{ ShardId: stream.shardId, SequenceNumberRange: rangeOf(stream) }],
        },
      }
    },
    GetShardIterator(call) {
      const stream = find(call)
      if (call.input.ShardId !== stream.shardId) throw notFound('Requested resource not found: Shard does not exist')
      return { ShardIterator: iterator(stream, startOf(stream, call), call.at) }
    },
    GetRecords(call) {
      const [arn = '', position = '', madeAt = ''] = String(call.input.ShardIterator ?? '').split('|')
      const stream = databaseOf(call, arn).streams.get(arn)
      if (!stream || !/^\d+$/.test(position) || !/^\d+$/.test(madeAt)) {
        throw new AwsError('ValidationException', 'Invalid ShardIterator')
      }
      if (call.at.getTime() - Number(madeAt) > iteratorLifeMs) {
        throw new AwsError('ExpiredIteratorException', 'The shard iterator has expired.')
      }
      const limit = Number(call.input.Limit ?? 1000)
      if (!(limit >= 1 && limit <= 1000)) throw new AwsError('ValidationException', 'Limit must be from 1 to 1000')
      const start = Math.max(Number(position), horizonOf(stream, call.at))
      const records = stream.records.slice(start, start + limit)
      const next = start + records.length
      const ended = stream.closed && next >= stream.records.length
      return {
        Records: records.map((record) => structuredClone(record)),
        ...(!ended && { NextShardIterator: iterator(stream, next, call.at) }),
      }
    },
  }
}

function rangeOf(stream: Stream): object {
  const last = stream.closed ? { EndingSequenceNumber: sequenceNumberAt(Math.max(0, stream.records.length - 1)) } : {}
  return { StartingSequenceNumber: sequenceNumberAt(0), ...last }
}

function iterator(stream: Stream, position: number, at: Date): string {
  return `${stream.arn}|${position}|${at.getTime()}`
}

function startOf(stream: Stream, { input, at }: ServiceCall): number {
  const horizon = horizonOf(stream, at)
  if (input.ShardIteratorType === 'TRIM_HORIZON') return horizon
  if (input.ShardIteratorType === 'LATEST') return stream.records.length
  const position = positionOf(stream, String(input.SequenceNumber ?? ''))
  const after = input.ShardIteratorType === 'AFTER_SEQUENCE_NUMBER'
  if (position === undefined || (!after && input.ShardIteratorType !== 'AT_SEQUENCE_NUMBER')) {
    throw new AwsError('ValidationException', 'Invalid SequenceNumber or ShardIteratorType')
  }
  if (position < horizon) throw new AwsError('TrimmedDataAccessException', 'The records are older than 24 hours.')
  return after ? position + 1 : position
}
