/** Reads the stream of a table with the SDK's DynamoDB Streams client. */
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  type _Record,
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
} from '@aws-sdk/client-dynamodb-streams'
import type { Aws } from '../../local/aws.ts'
import { smallTable } from './small-template.ts'

/** @param from where to start; default: the start of the stream */
export async function readStreamRecords(
  aws: Aws,
  from: Partial<GetShardIteratorCommandInput> = { ShardIteratorType: 'TRIM_HORIZON' },
): Promise<_Record[]> {
  const config = aws.clientConfig(aws.credentials.root(aws.account))
  const streams = new DynamoDBStreamsClient(config)
  const described = await new DynamoDBClient(config).send(new DescribeTableCommand({ TableName: smallTable }))
  const StreamArn = described.Table?.LatestStreamArn
  const { StreamDescription: stream } = await streams.send(new DescribeStreamCommand({ StreamArn }))
  const ShardId = stream?.Shards?.[0]?.ShardId
  const position = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' as const, ...from }
  let { ShardIterator } = await streams.send(new GetShardIteratorCommand(position))
  const records: _Record[] = []
  while (ShardIterator) {
    const page = await streams.send(new GetRecordsCommand({ ShardIterator, Limit: 50 }))
    if (!page.Records?.length) break
    records.push(...page.Records)
    ShardIterator = page.NextShardIterator
  }
  return records
}

/** The evidence set in the new image of a record. */
export function evidenceIn(record: _Record): string[] {
  return record.dynamodb?.NewImage?.evidence?.SS ?? []
}
