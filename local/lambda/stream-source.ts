/**
 * DynamoDB stream → Lambda: batches in the order of each shard. A failed batch blocks its shard until it succeeds, is bisected, or its
 * retries are exhausted.
 *
 * Retries run at once, because no other record of the shard may overtake them. Bisecting does not count as a retry, as on AWS. For an
 * exhausted batch, a record that describes it (without its content) goes to the on-failure destination, with the function's role.
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
  /** Required here. AWS retries by default until the record is a day old. */
  maximumRetryAttempts: number
  bisectBatchOnFunctionError?: boolean
  reportBatchItemFailures?: boolean
  onFailureArn?: string
}

/** Notifies of new stream records. */
export type StreamNotifier = { onRecord(listener: (streamArn: string) => void): void }

const streamRecord = v.looseObject({
  dynamodb: v.looseObject({ SequenceNumber: v.string(), ApproximateCreationDateTime: v.date() }),
})
type StreamRecord = v.InferOutput<typeof streamRecord>
const streamDescription = v.object({
  StreamDescription: v.object({ Shards: v.array(v.object({ ShardId: v.string() })) }),
})
const shardIterator = v.object({ ShardIterator: v.string() })
const recordPage = v.object({ Records: v.array(streamRecord), NextShardIterator: v.optional(v.string()) })

export function createStreamSource(
  platform: Platform,
  runner: Runner,
  dynamodb: StreamNotifier,
  ids: Ids,
  fn: LambdaFunction,
  mapping: StreamMapping,
): EventSource {
  const { streamArn: StreamArn, batchSize = 100 } = mapping
  /** The last processed sequence number by shard. */
  const processed = new Map<string, string>()

  const positionIn = (ShardId: string): object => {
    const SequenceNumber = processed.get(ShardId)
    return SequenceNumber === undefined
      ? { ShardIteratorType: 'TRIM_HORIZON' }
      : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber }
  }

  const drainShard = async (call: CallAsFunction, ShardId: string): Promise<void> => {
    const iterator = (position: object) => call('dynamodb', 'GetShardIterator', { StreamArn, ShardId, ...position })
    const start = await iterator(positionIn(ShardId)).catch((cause: unknown) => {
      // The clock advanced by more than a day: the stream has dropped all processed records, and any unprocessed ones.
      if (cause instanceof AwsError && cause.code === 'TrimmedDataAccessException')
        return iterator({ ShardIteratorType: 'TRIM_HORIZON' })
      throw cause
    })
    let ShardIterator: string | undefined = v.parse(shardIterator, start).ShardIterator
    while (ShardIterator !== undefined) {
      const answer = await call('dynamodb', 'GetRecords', { ShardIterator, Limit: batchSize })
      const { Records, NextShardIterator } = v.parse(recordPage, answer)
      const last = Records.at(-1)
      if (!last) return
      await processBatch(Records, ShardId)
      processed.set(ShardId, last.dynamodb.SequenceNumber)
      ShardIterator = NextShardIterator
    }
  }

  /** Processes a batch. Afterwards every record is handled, or described to the on-failure destination. */
  const processBatch = async (batch: readonly StreamRecord[], shardId: string, retries = 0): Promise<void> => {
    const requestId = ids.uuid()
    const event = { Records: batch.map((record) => ({ ...toEventValue(record), eventSourceARN: StreamArn })) }
    const finished = await runner.run(fn, event, requestId, retries + 1)
    const rest = finished.failure ? batch : unhandled(batch, finished.payload)
    if (rest.length === 0) return
    if (mapping.bisectBatchOnFunctionError && rest.length > 1) {
      const half = Math.ceil(rest.length / 2)
      await processBatch(rest.slice(0, half), shardId, retries)
      await processBatch(rest.slice(half), shardId, retries)
    } else if (retries < mapping.maximumRetryAttempts) await processBatch(rest, shardId, retries + 1)
    else await giveUp(rest, shardId, requestId, retries + 1)
  }

  const unhandled = (batch: readonly StreamRecord[], payload: unknown): readonly StreamRecord[] => {
    if (!mapping.reportBatchItemFailures) return []
    const named = reportedFailures(payload)
    if (named?.length === 0) return []
    // Everything from the first failed record on is retried.
    const first = batch.findIndex((record) => named?.includes(record.dynamodb.SequenceNumber))
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
    // AWS requires all four stream permissions to create a mapping.
    await call('dynamodb', 'ListStreams', {})
    const { Shards } = v.parse(
      streamDescription,
      await call('dynamodb', 'DescribeStream', { StreamArn }),
    ).StreamDescription
    for (const { ShardId } of Shards) await drainShard(call, ShardId)
  })
  dynamodb.onRecord((streamArn) => {
    if (streamArn === StreamArn) source.poll()
  })
  return source
}

/** A stream record as a Lambda event has it: times in epoch seconds, binary values in base64. */
function toEventValue(value: unknown): object {
  const convert = (member: unknown): unknown => {
    if (member instanceof Date) return member.getTime() / 1000
    if (member instanceof Uint8Array) return Buffer.from(member).toString('base64')
    if (Array.isArray(member)) return member.map(convert)
    return typeof member === 'object' && member !== null ? toEventValue(member) : member
  }
  return Object.fromEntries(Object.entries(value ?? {}).map(([name, member]) => [name, convert(member)]))
}
