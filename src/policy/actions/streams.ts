/**
 * DynamoDB Streams. Its commands are signed as `dynamodb`, and IAM authorises them on the stream.
 *
 * A shard iterator starts with the ARN of its stream, up to the first `|`. IAM authorises GetRecords on this stream.
 */
import * as v from 'valibot'
import { arnOf, type Entry, entry, MalformedInputError, noInput, type Requirement, textSchema } from './entry.ts'

function onStream(action: string, text: string, field: string): Requirement[] {
  const { account, resource } = arnOf(text, 'dynamodb', field)
  if (!/^table\/[\w.-]+\/stream\/[\w.:-]+$/.test(resource))
    throw new MalformedInputError(field, 'is not the ARN of a stream')
  return [{ action: `dynamodb:${action}`, resource: text, resourceAccount: account, context: {} }]
}

const ofStream = (action: string): Entry =>
  entry([`dynamodb:${action}`], v.object({ StreamArn: textSchema }), ({ StreamArn }) =>
    onStream(action, StreamArn, 'StreamArn'),
  )

export const streams: Readonly<Record<string, Entry>> = {
  ListStreams: entry(['dynamodb:ListStreams'], noInput, (_, { account }) => [
    { action: 'dynamodb:ListStreams', resource: '*', resourceAccount: account, context: {} },
  ]),
  DescribeStream: ofStream('DescribeStream'),
  GetShardIterator: ofStream('GetShardIterator'),
  GetRecords: entry(['dynamodb:GetRecords'], v.object({ ShardIterator: textSchema }), ({ ShardIterator }) =>
    onStream('GetRecords', ShardIterator.split('|', 1)[0] ?? '', 'ShardIterator'),
  ),
}
