import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { failure } from './sign-in.ts'
import { smallTable, smallTemplate } from './small-template.ts'
import { evidenceIn, readStreamRecords } from './streams-reader.ts'

let aws: Aws
let client: DynamoDBClient

beforeEach(async () => {
  aws = await startAws({ template: smallTemplate, clock: createManualClock(new Date('2026-03-04T05:06:07Z')) })
  client = new DynamoDBClient(aws.clientConfig(aws.credentials.root(aws.account)))
})

afterEach(() => {
  expect(aws.defects).toEqual([])
})

const key = (address: string) => ({ project: { S: 'p' }, address: { S: address } })
const add = (address: string, evidence: string, more: Partial<UpdateItemCommandInput> = {}) =>
  client.send(
    new UpdateItemCommand({
      TableName: smallTable,
      Key: key(address),
      UpdateExpression: 'ADD evidence :e',
      ExpressionAttributeValues: { ':e': { SS: [evidence] } },
      ...more,
    }),
  )
const put = (address: string, more: Record<string, AttributeValue> = {}) =>
  client.send(new PutItemCommand({ TableName: smallTable, Item: { ...key(address), ...more } }))

describe('a write', () => {
  test('a written item is returned by reads, queries and scans, with bytes and unusual names', async () => {
    const unusual = {
      __proto: { S: 'x' },
      'naïve name': { M: { n: { N: '1.50' }, b: { B: new Uint8Array([0, 255]) } } },
    }
    await put('a@example.com', unusual)
    const { Item: item } = await client.send(new GetItemCommand({ TableName: smallTable, Key: key('a@example.com') }))
    expect(item).toMatchObject({ 'naïve name': { M: { b: { B: new Uint8Array([0, 255]) } } } })
    const query = new QueryCommand({
      TableName: smallTable,
      KeyConditionExpression: '#project = :p',
      ExpressionAttributeNames: { '#project': 'project' },
      ExpressionAttributeValues: { ':p': { S: 'p' } },
    })
    expect((await client.send(query)).Count).toBe(1)
    expect((await client.send(new ScanCommand({ TableName: smallTable }))).Count).toBe(1)
  })

  test('a write costs one unit per started kilobyte of the larger of the old and the new item, in bytes of UTF-8', async () => {
    const units = async (more: Record<string, AttributeValue>) => {
      const command = new PutItemCommand({
        TableName: smallTable,
        Item: { ...key('a@example.com'), ...more },
        ReturnConsumedCapacity: 'TOTAL',
      })
      return (await client.send(command)).ConsumedCapacity?.CapacityUnits
    }
    expect(await units({})).toBe(1)
    expect(await units({ text: { S: 'x'.repeat(1000) } })).toBe(2)
    expect(await units({ text: { S: 'é'.repeat(1020) } })).toBe(3)
    expect(await units({})).toBe(3)
    expect(await units({})).toBe(1)
    expect(aws.dynamodb.meter(smallTable)).toEqual({ reads: 0, writes: 5, readUnits: 0, writeUnits: 10 })
  })

  test('a write whose condition fails returns the old item on request', async () => {
    await put('a@example.com', { reason: { S: 'bounce' } })
    const command = new PutItemCommand({
      TableName: smallTable,
      Item: key('a@example.com'),
      ConditionExpression: 'attribute_not_exists(address)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    })
    await expect(client.send(command)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: { reason: { S: 'bounce' } },
    })
  })

  test('200 concurrent writes of one item are all applied, and the stream has one record for each', async () => {
    const numbers = Array.from({ length: 200 }, (_, index) => `feedback-${index}`)
    await Promise.all(numbers.map((evidence) => add('a@example.com', evidence)))
    const [item] = await aws.dynamodb.items(smallTable)
    expect(item?.evidence?.SS).toEqual([...numbers].sort())
    const records = await readStreamRecords(aws)
    expect(records.map((record) => evidenceIn(record).length)).toEqual(numbers.map((_, index) => index + 1))
  })

  test('failWrites makes a write fail before or after it is applied, and the SDK does not retry it', async () => {
    aws.dynamodb.failWrites(1, 'before')
    expect((await failure(add('a@example.com', 'one'))).name).toBe('SimulatedCrash')
    expect(await aws.dynamodb.items(smallTable)).toEqual([])
    aws.dynamodb.failWrites(1, 'after')
    expect((await failure(add('a@example.com', 'one'))).name).toBe('SimulatedCrash')
    expect(await aws.dynamodb.items(smallTable)).toHaveLength(1)
    await add('a@example.com', 'two')
    expect(aws.dynamodb.meter(smallTable).writes).toBe(2)
  })

  test('a write that AWS refuses is refused', async () => {
    const tooLarge = put('a@example.com', { text: { S: 'x'.repeat(410_000) } })
    expect(await failure(tooLarge)).toMatchObject({ name: 'ValidationException', status: 400 })
    expect((await failure(add('', 'x'))).name).toBe('ValidationException')
    const nowhere = client.send(new PutItemCommand({ TableName: 'no-such-table', Item: key('a') }))
    expect((await failure(nowhere)).name).toBe('ResourceNotFoundException')
  })
})

describe('the stream', () => {
  test('the stream has the old and the new image of each change in order, and no record of a write that changes nothing', async () => {
    await add('a@example.com', 'one')
    await add('a@example.com', 'one')
    await add('a@example.com', 'two')
    await client.send(new DeleteItemCommand({ TableName: smallTable, Key: key('a@example.com') }))
    await client.send(new DeleteItemCommand({ TableName: smallTable, Key: key('a@example.com') }))
    const records = await readStreamRecords(aws)
    expect(records).toMatchObject([
      { eventName: 'INSERT', dynamodb: { Keys: key('a@example.com'), NewImage: { evidence: { SS: ['one'] } } } },
      { eventName: 'MODIFY', dynamodb: { OldImage: { evidence: { SS: ['one'] } } } },
      { eventName: 'REMOVE', dynamodb: { OldImage: { evidence: { SS: ['one', 'two'] } } } },
    ])
    expect(records[0]?.dynamodb).not.toHaveProperty('OldImage')
    expect(records[2]).not.toHaveProperty('userIdentity')
    const numbers = records.map((record) => BigInt(record.dynamodb?.SequenceNumber ?? 0))
    expect(numbers).toEqual([...numbers].sort((one, other) => (one < other ? -1 : 1)))
  })

  test('the stream has no record of a write that only reorders a set', async () => {
    await put('a@example.com', { evidence: { SS: ['one', 'two'] } })
    await put('a@example.com', { evidence: { SS: ['two', 'one'] } })
    expect(await readStreamRecords(aws)).toHaveLength(1)
  })

  test('the stream is read from its start, its end, at or after a record, for 24 hours', async () => {
    await put('a')
    await put('b')
    await put('c')
    const [, second] = await readStreamRecords(aws)
    const SequenceNumber = second?.dynamodb?.SequenceNumber ?? ''
    expect(await readStreamRecords(aws, { ShardIteratorType: 'LATEST' })).toEqual([])
    expect(await readStreamRecords(aws, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber })).toHaveLength(2)
    expect(await readStreamRecords(aws, { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber })).toHaveLength(1)
    aws.clock.advance(24 * 60 * 60 * 1000)
    await put('d')
    expect(await readStreamRecords(aws)).toHaveLength(1)
    const trimmed = readStreamRecords(aws, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber })
    expect((await failure(trimmed)).name).toBe('TrimmedDataAccessException')
    const nonsense = readStreamRecords(aws, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: '1'.repeat(21) })
    expect((await failure(nonsense)).name).toBe('ValidationException')
  })

  test('the stream has a record for each write of a batch', async () => {
    const puts = ['a', 'b', 'c'].map((address) => ({ PutRequest: { Item: key(address) } }))
    await client.send(new BatchWriteItemCommand({ RequestItems: { [smallTable]: puts } }))
    expect(await readStreamRecords(aws)).toHaveLength(3)
  })
})

describe('expiry', () => {
  test('expiry deletes items whose time in epoch seconds has passed, and the stream names DynamoDB as the deleter', async () => {
    const now = Math.floor(aws.clock.now().getTime() / 1000)
    await put('past@example.com', { expiresAt: { N: String(now + 60) } })
    await put('later@example.com', { expiresAt: { N: String(now + 6000) } })
    await put('milliseconds@example.com', { expiresAt: { N: String(now * 1000) } })
    await put('never@example.com')
    expect(await aws.dynamodb.expire()).toBe(0)
    aws.clock.advance(61_000)
    expect(await aws.dynamodb.expire()).toBe(1)
    expect(await aws.dynamodb.items(smallTable)).toHaveLength(3)
    expect((await readStreamRecords(aws)).at(-1)).toMatchObject({
      eventName: 'REMOVE',
      userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' },
      dynamodb: { Keys: key('past@example.com') },
    })
    const { TimeToLiveDescription: described } = await client.send(
      new DescribeTimeToLiveCommand({ TableName: smallTable }),
    )
    expect(described).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' })
  })
})

describe('a transaction', () => {
  const both = (condition: string) =>
    client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName: smallTable, Item: key('a') } },
          { ConditionCheck: { TableName: smallTable, Key: key('b'), ConditionExpression: condition } },
          {
            Update: {
              TableName: smallTable,
              Key: key('c'),
              UpdateExpression: 'ADD hits :one',
              ExpressionAttributeValues: { ':one': { N: '1' } },
            },
          },
        ],
      }),
    )

  test('a transaction applies all writes or none, and reports which step failed', async () => {
    await expect(both('attribute_exists(address)')).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }, { Code: 'None' }],
    })
    expect(await aws.dynamodb.items(smallTable)).toEqual([])
    await both('attribute_not_exists(address)')
    expect(await aws.dynamodb.items(smallTable)).toHaveLength(2)
    expect(await readStreamRecords(aws)).toHaveLength(2)
  })

  test('30 concurrent transactions are all applied', async () => {
    await Promise.all(Array.from({ length: 30 }, () => both('attribute_not_exists(address)')))
    const { Item: item } = await client.send(new GetItemCommand({ TableName: smallTable, Key: key('c') }))
    expect(item?.hits).toEqual({ N: '30' })
  })
})

describe('a table', () => {
  const create = (more: object = {}) =>
    client.send(
      new CreateTableCommand({
        TableName: 'other',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        ...more,
      }),
    )

  test('a table belongs to one account and is active at once', async () => {
    await create()
    const stranger = new DynamoDBClient(aws.clientConfig(aws.credentials.root('111122223333')))
    expect((await failure(stranger.send(new DescribeTableCommand({ TableName: 'other' })))).name).toBe(
      'ResourceNotFoundException',
    )
    const { Table: described } = await client.send(new DescribeTableCommand({ TableName: 'other' }))
    expect(described).toMatchObject({
      TableArn: 'arn:aws:dynamodb:us-east-1:123456789012:table/other',
      TableStatus: 'ACTIVE',
      DeletionProtectionEnabled: false,
    })
  })

  test('a protected table cannot be deleted until its protection is disabled', async () => {
    await create({ DeletionProtectionEnabled: true, SSESpecification: { Enabled: true } })
    const remove = () => client.send(new DeleteTableCommand({ TableName: 'other' }))
    expect((await failure(remove())).message).toContain('protected against deletion')
    await client.send(new UpdateTableCommand({ TableName: 'other', DeletionProtectionEnabled: false }))
    await remove()
    await create()
  })

  test('a table with an unsupported parameter is refused', async () => {
    expect((await failure(create({ OnDemandThroughput: { MaxReadRequestUnits: 1 } }))).name).toBe('ValidationException')
  })

  test('a table reports whether it has point-in-time recovery', async () => {
    const command = new DescribeContinuousBackupsCommand({ TableName: smallTable })
    const { ContinuousBackupsDescription: described } = await client.send(command)
    expect(described?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe('DISABLED')
  })
})
