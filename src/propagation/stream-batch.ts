/**
 * Reads the records of a batch again that Lambda has given up. What Lambda then sends to the dead-letter queue names the records and does not
 * hold them.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
import {
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams'
import * as v from 'valibot'

const Batch = v.object({
  DDBStreamBatchInfo: v.object({
    streamArn: v.string(),
    shardId: v.string(),
    startSequenceNumber: v.pipe(v.string(), v.digits()),
    endSequenceNumber: v.pipe(v.string(), v.digits()),
  }),
})
export type StreamBatch = v.InferOutput<typeof Batch>['DDBStreamBatchInfo']

/** The batch that a message of the dead-letter queue names; `undefined` if it is another message. */
export function readStreamBatch(message: unknown): StreamBatch | undefined {
  const read = v.safeParse(Batch, message)
  return read.success ? read.output.DDBStreamBatchInfo : undefined
}

/** The stream keeps a record for 24 hours, and the records of the batch are older. */
class StreamTrimmedError extends Error {
  override readonly name = 'StreamTrimmedError'
  readonly retryable = false

  constructor(cause: unknown) {
    super(
      'The stream keeps a change for 24 hours, and these changes are older. The reconcile applies them to the account lists; their events are not published. Delete the dead letter with sesame dead-letters drop',
      { cause },
    )
  }
}

/**
 * @returns batch → its records
 * @throws StreamTrimmedError; the error of the SDK if the stream cannot be read
 */
export const createStreamBatches =
  (streams: DynamoDBStreamsClient) =>
  async ({ streamArn, shardId, startSequenceNumber, endSequenceNumber }: StreamBatch): Promise<unknown[]> => {
    const end = BigInt(endSequenceNumber)
    const records: unknown[] = []
    let iterator = await firstIterator(streams, { streamArn, shardId, startSequenceNumber })
    while (iterator !== undefined) {
      const { Records = [], NextShardIterator } = await streams
        .send(new GetRecordsCommand({ ShardIterator: iterator }))
        .catch(orTrimmed)
      for (const record of Records) {
        const number = BigInt(record.dynamodb?.SequenceNumber ?? 0)
        if (number <= end) records.push(record)
        if (number >= end) return records
      }
      iterator = NextShardIterator
    }
    return records
  }

async function firstIterator(
  streams: DynamoDBStreamsClient,
  { streamArn, shardId, startSequenceNumber }: Omit<StreamBatch, 'endSequenceNumber'>,
): Promise<string | undefined> {
  const { ShardIterator } = await streams
    .send(
      new GetShardIteratorCommand({
        StreamArn: streamArn,
        ShardId: shardId,
        ShardIteratorType: 'AT_SEQUENCE_NUMBER',
        SequenceNumber: startSequenceNumber,
      }),
    )
    .catch(orTrimmed)
  return ShardIterator
}

/** A shard whose records are all trimmed is deleted some time later. */
function orTrimmed(error: unknown): never {
  const isTrimmed =
    error instanceof Error && ['TrimmedDataAccessException', 'ResourceNotFoundException'].includes(error.name)
  throw isTrimmed ? new StreamTrimmedError(error) : error
}
