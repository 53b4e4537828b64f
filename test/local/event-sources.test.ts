import { describe, expect, test } from 'vitest'
import {
  bodies,
  makeFunction,
  makeQueue,
  makeRole,
  maySend,
  OWN,
  queueArn,
  queueUrl,
  REGION,
  type SmallAws,
  smallAws,
} from './small-aws.ts'

const own = { account: OWN }

type Records = { Records: Record<string, unknown>[] }
const recordsOf = (event: unknown) => (event as Records).Records

describe('an SQS event source', () => {
  const mayConsume = (name: string) => ({
    Effect: 'Allow',
    Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
    Resource: queueArn(name),
  })

  async function driven(handle: (bodies: string[], ids: string[]) => unknown, { batchSize = 10, grants = true } = {}) {
    const aws = smallAws()
    const deadLetterTargetArn = await makeQueue(aws, 'dead')
    await makeQueue(aws, 'work', [], { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 3 }) })
    const roleArn = makeRole(aws, 'worker', ...(grants ? [mayConsume('work')] : [maySend('dead')]))
    const seen: string[][] = []
    const make = () => async (event: unknown) => {
      const got = recordsOf(event).map(({ body }) => String(body))
      seen.push(got)
      return handle(
        got,
        recordsOf(event).map(({ messageId }) => String(messageId)),
      )
    }
    makeFunction(aws, 'worker', make, { roleArn })
    const source = aws.lambda.mapQueue('worker', aws.sqs, {
      queueArn: queueArn('work'),
      batchSize,
      reportBatchItemFailures: true,
    })
    return { aws, seen, source }
  }
  async function send(aws: SmallAws, ...messages: string[]) {
    const Entries = messages.map((MessageBody, index) => ({ Id: String(index), MessageBody }))
    await aws.call(own, 'sqs', 'SendMessageBatch', { QueueUrl: queueUrl('work'), Entries })
    await aws.settled()
  }

  test('an SQS source invokes the function with batches and deletes the handled messages', async () => {
    const { aws, seen } = await driven(() => ({ batchItemFailures: [] }), { batchSize: 2 })
    await send(aws, 'a', 'b', 'c')
    expect(seen).toEqual([['a', 'b'], ['c']])
    expect(bodies(aws, 'work')).toEqual([])
    expect(recordsOf(aws.lambda.attempts[0]?.event)[0]).toEqual({
      messageId: expect.any(String),
      receiptHandle: expect.any(String),
      body: 'a',
      attributes: expect.objectContaining({ ApproximateReceiveCount: '1' }),
      messageAttributes: {},
      md5OfBody: '0cc175b9c0f1b6a831c399e269772661',
      eventSource: 'aws:sqs',
      eventSourceARN: queueArn('work'),
      awsRegion: REGION,
    })
  })

  test('an SQS source retries only the messages that the handler reports, until they are dead-lettered', async () => {
    const { aws, seen } = await driven((got, ids) => ({
      batchItemFailures: ids.filter((_, index) => got[index] === 'bad').map((itemIdentifier) => ({ itemIdentifier })),
    }))
    await send(aws, 'good', 'bad')
    expect(seen).toEqual([['good', 'bad'], ['bad'], ['bad']])
    expect(bodies(aws, 'work')).toEqual([])
    expect(bodies(aws, 'dead')).toEqual(['bad'])
  })

  test('an SQS source fails the whole batch on a thrown error and on a report with unknown ids', async () => {
    const thrown = await driven(() => {
      throw new Error('no')
    })
    await send(thrown.aws, 'a', 'b')
    expect(bodies(thrown.aws, 'dead')).toEqual(['a', 'b'])
    const misnamed = await driven(() => ({ batchItemFailures: [{ itemIdentifier: 'none' }] }))
    await send(misnamed.aws, 'a', 'b')
    expect(bodies(misnamed.aws, 'dead')).toEqual(['a', 'b'])
  })

  test('an SQS source does not invoke a function whose role may not read the queue', async () => {
    const { aws, seen, source } = await driven(() => undefined, { grants: false })
    await send(aws, 'a')
    expect(seen).toEqual([])
    expect(bodies(aws, 'work')).toEqual(['a'])
    expect(source.problems).toEqual([expect.stringContaining('sqs:GetQueueAttributes')])
  })
})

describe('a DynamoDB stream event source', () => {
  type Settings = { bisectBatchOnFunctionError?: boolean; reportBatchItemFailures?: boolean }

  async function driven(
    handle: (numbers: string[], sequence: string[]) => unknown,
    settings: Settings = {},
    grants = true,
  ) {
    const aws = smallAws()
    const made = await aws.call(own, 'dynamodb', 'CreateTable', {
      TableName: 'numbers',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    })
    const { LatestStreamArn: streamArn } = made.TableDescription as { LatestStreamArn: string }
    await makeQueue(aws, 'dead')
    const roleArn = makeRole(
      aws,
      'counter',
      maySend('dead'),
      { Effect: 'Allow', Action: 'dynamodb:ListStreams', Resource: '*' },
      {
        Effect: 'Allow',
        Action: ['dynamodb:DescribeStream', 'dynamodb:GetShardIterator', ...(grants ? ['dynamodb:GetRecords'] : [])],
        Resource: streamArn,
      },
    )
    const seen: string[][] = []
    const make = () => async (event: unknown) => {
      const changes = recordsOf(event).map(
        ({ dynamodb }) => dynamodb as { Keys: { id: { S: string } }; SequenceNumber: string },
      )
      seen.push(changes.map(({ Keys }) => Keys.id.S))
      return handle(
        changes.map(({ Keys }) => Keys.id.S),
        changes.map(({ SequenceNumber }) => SequenceNumber),
      )
    }
    makeFunction(aws, 'counter', make, { roleArn })
    const source = aws.lambda.mapStream('counter', aws.dynamodb, {
      streamArn,
      batchSize: 4,
      maximumRetryAttempts: 1,
      onFailureArn: queueArn('dead'),
      ...settings,
    })
    return { aws, seen, source, streamArn }
  }
  async function put(aws: SmallAws, ...ids: string[]) {
    for (const id of ids) {
      const Item = { id: { S: id }, bytes: { B: Buffer.from('abc') } }
      await aws.call(own, 'dynamodb', 'PutItem', { TableName: 'numbers', Item })
    }
    await aws.settled()
  }

  test('a stream source invokes the function with every change once, in order, in the format of Lambda', async () => {
    const { aws, seen, streamArn } = await driven(() => undefined)
    await put(aws, '1', '2', '3', '4', '5')
    await put(aws, '6')
    expect(seen.flat()).toEqual(['1', '2', '3', '4', '5', '6'])
    expect(recordsOf(aws.lambda.attempts[0]?.event)[0]).toMatchObject({
      eventName: 'INSERT',
      eventSource: 'aws:dynamodb',
      eventSourceARN: streamArn,
      dynamodb: {
        ApproximateCreationDateTime: 1772600767,
        NewImage: { id: { S: '1' }, bytes: { B: 'YWJj' } },
      },
    })
  })

  test('a stream source blocks the shard while a batch fails, then describes the batch to the destination and continues', async () => {
    const { aws, seen, streamArn } = await driven((ids) => {
      if (ids.includes('2')) throw new Error('not this one')
    })
    await put(aws, '1', '2')
    await put(aws, '3')
    const failed = seen.filter((batch) => batch.includes('2'))
    expect(failed).toHaveLength(2)
    expect(seen.at(-1)).toEqual(['3'])
    expect(bodies(aws, 'dead')).toMatchObject([
      {
        requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 2 },
        DDBStreamBatchInfo: { streamArn, batchSize: failed[0]?.length, shardId: expect.any(String) },
      },
    ])
  })

  test('a stream source bisects a failing batch down to the failing record', async () => {
    const bad = (ids: string[]) => {
      if (ids.includes('3')) throw new Error('not this one')
    }
    const { aws, seen, source } = await driven(bad, { bisectBatchOnFunctionError: true })
    await put(aws, '1', '2', '3', '4')
    expect(source.problems).toEqual([])
    const handled = seen.filter((ids) => !ids.includes('3')).flat()
    expect(handled.toSorted()).toEqual(['1', '2', '4'])
    expect(bodies(aws, 'dead')).toMatchObject([{ DDBStreamBatchInfo: { batchSize: 1 } }])
  })

  test('a stream source retries from the first change that the handler reports', async () => {
    let failures = 1
    const { aws, seen } = await driven(
      (ids, sequence) => {
        const at = ids.indexOf('2')
        return { batchItemFailures: at >= 0 && failures-- > 0 ? [{ itemIdentifier: sequence[at] }] : [] }
      },
      { reportBatchItemFailures: true },
    )
    await put(aws, '1', '2', '3')
    expect(seen.flat().filter((id) => id === '1')).toHaveLength(1)
    expect(seen.flat().filter((id) => id === '2')).toHaveLength(2)
    expect(seen.flat().at(-1)).toBe('3')
    expect(bodies(aws, 'dead')).toEqual([])
  })

  test('a stream source does not invoke a function whose role may not read the stream', async () => {
    const { aws, seen, source } = await driven(() => undefined, {}, false)
    await put(aws, '1')
    expect(seen).toEqual([])
    expect(source.problems[0]).toContain('dynamodb:GetRecords')
  })
})
