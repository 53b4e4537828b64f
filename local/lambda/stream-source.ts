/**
 * DynamoDB stream → Lambda: batches in the order of each shard; a batch that fails holds its shard until it is done, cut down, or given up.
 *
 * Retries come at once, for nothing else of the shard may overtake them. Bisecting does not count as a retry, as on AWS. What is given up
 * is described (not contained) in a record for the on-failure destination, with the function's role.
 */
import * as v from 'valibot'
import type { Ids } from '../ids.ts'
import { AwsError, type Platform } from '../service.ts'
import { type CallAsFunction, createEventSource, type EventSource } from './event-source.ts'
import type { LambdaFunction } from './function.ts'
import type { Runner } from './invocation.ts'
import { reportedFailures } from './queue-source.ts'

export type StreamMapping = {
  streamArn: string
  batchSize?: number
  /** On AWS the default is to go on until the record is a day old; here it must be said. */
  maximumRetryAttempts: number
  bisectBatchOnFunctionError?: boolean
  reportBatchItemFailures?: boolean
  onFailureArn?: string
}

/** Who tells that a stream has something new. */
export type ChangeFeed = { onRecord(listener: (streamArn: string) => void): void }

const streamRecord = v.looseObject({
  dynamodb: v.looseObject({ SequenceNumber: v.string(), ApproximateCreationDateTime: v.date() }),
})
type StreamRecord = v.InferOutput<typeof streamRecord>
const described = v.object({ StreamDescription: v.object({ Shards: v.array(v.object({ ShardId: v.string() })) }) })
const iterated = v.object({ ShardIterator: v.string() })
const gotten = v.object({ Records: v.array(streamRecord), NextShardIterator: v.optional(v.string()) })

export function createStreamSource(
  platform: Platform,
  runner: Runner,
  dynamodb: ChangeFeed,
  ids: Ids,
  fn: LambdaFunction,
  mapping: StreamMapping,
): EventSource {
  const { streamArn: StreamArn, batchSize = 100 } = mapping
  /** The last sequence number that is done, by shard. */
  const done = new Map<string, string>()

  const positionIn = (ShardId: string): object => {
    const SequenceNumber = done.get(ShardId)
    return SequenceNumber === undefined
      ? { ShardIteratorType: 'TRIM_HORIZON' }
      : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber }
  }

  const drainShard = async (call: CallAsFunction, ShardId: string): Promise<void> => {
    const iterator = (position: object) => call('dynamodb', 'GetShardIterator', { StreamArn, ShardId, ...position })
    const start = await iterator(positionIn(ShardId)).catch((cause: unknown) => {
      // The clock was put forward by more than a day: what was done is no longer kept, and so is nothing that was not.
      if (cause instanceof AwsError && cause.code === 'TrimmedDataAccessException')
        return iterator({ ShardIteratorType: 'TRIM_HORIZON' })
      throw cause
    })
    let ShardIterator: string | undefined = v.parse(iterated, start).ShardIterator
    while (ShardIterator !== undefined) {
      const answer = await call('dynamodb', 'GetRecords', { ShardIterator, Limit: batchSize })
      const { Records, NextShardIterator } = v.parse(gotten, answer)
      const last = Records.at(-1)
      if (!last) return
      await work(Records, ShardId)
      done.set(ShardId, last.dynamodb.SequenceNumber)
      ShardIterator = NextShardIterator
    }
  }

  /** Works a batch off, whatever it takes: afterwards every record of it is handled or given up. */
  const work = async (batch: readonly StreamRecord[], shardId: string, tried = 0): Promise<void> => {
    const requestId = ids.uuid()
    const event = { Records: batch.map((one) => ({ ...plain(one), eventSourceARN: StreamArn })) }
    const finished = await runner.run(fn, event, requestId, tried + 1)
    const rest = finished.failure ? batch : unhandled(batch, finished.payload)
    if (rest.length === 0) return
    if (mapping.bisectBatchOnFunctionError && rest.length > 1) {
      const half = Math.ceil(rest.length / 2)
      await work(rest.slice(0, half), shardId, tried)
      await work(rest.slice(half), shardId, tried)
    } else if (tried < mapping.maximumRetryAttempts) await work(rest, shardId, tried + 1)
    else await giveUp(rest, shardId, requestId, tried + 1)
  }

  const unhandled = (batch: readonly StreamRecord[], payload: unknown): readonly StreamRecord[] => {
    if (!mapping.reportBatchItemFailures) return []
    const named = reportedFailures(payload)
    if (named?.length === 0) return []
    // From the first that failed on, everything comes again.
    const first = batch.findIndex((one) => named?.includes(one.dynamodb.SequenceNumber))
    return batch.slice(Math.max(0, first))
  }

  const giveUp = async (
    batch: readonly StreamRecord[],
    shardId: string,
    requestId: string,
    approximateInvokeCount: number,
  ): Promise<void> => {
    const first = batch[0]?.dynamodb
    const last = batch.at(-1)?.dynamodb
    if (mapping.onFailureArn === undefined || !first || !last) return
    const record = {
      requestContext: {
        requestId,
        functionArn: fn.definition.arn,
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: platform.clock.now().toISOString(),
      DDBStreamBatchInfo: {
        shardId,
        startSequenceNumber: first.SequenceNumber,
        endSequenceNumber: last.SequenceNumber,
        approximateArrivalOfFirstRecord: first.ApproximateCreationDateTime.toISOString(),
        approximateArrivalOfLastRecord: last.ApproximateCreationDateTime.toISOString(),
        batchSize: batch.length,
        streamArn: StreamArn,
      },
    }
    await runner.sendFailure(fn, requestId, mapping.onFailureArn, { MessageBody: JSON.stringify(record) })
  }

  const source = createEventSource(platform, fn, StreamArn, async (call) => {
    // AWS asks for all four permissions of a stream when a mapping is made.
    await call('dynamodb', 'ListStreams', {})
    const { Shards } = v.parse(described, await call('dynamodb', 'DescribeStream', { StreamArn })).StreamDescription
    for (const { ShardId } of Shards) await drainShard(call, ShardId)
  })
  dynamodb.onRecord((streamArn) => {
    if (streamArn === StreamArn) source.poll()
  })
  return source
}

/** As it stands in a Lambda event: times in epoch seconds, binary values in base64. */
function plain(value: unknown): object {
  const convert = (one: unknown): unknown => {
    if (one instanceof Date) return one.getTime() / 1000
    if (one instanceof Uint8Array) return Buffer.from(one).toString('base64')
    if (Array.isArray(one)) return one.map(convert)
    return typeof one === 'object' && one !== null ? plain(one) : one
  }
  return Object.fromEntries(Object.entries(value ?? {}).map(([name, one]) => [name, convert(one)]))
}
