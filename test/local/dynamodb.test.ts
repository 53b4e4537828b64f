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
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { standingClock } from '../../local/clock.ts'
import { failure } from './sign-in.ts'
import { smallTemplate, table } from './small-template.ts'
import { evidenceIn, recordsOf } from './streams-reader.ts'

let aws: Aws
let client: DynamoDBClient

beforeEach(async () => {
  aws = await startAws({ template: smallTemplate, clock: standingClock(new Date('2026-03-04T05:06:07Z')) })
  client = new DynamoDBClient(aws.clientConfig(aws.credentials.root(aws.account)))
})

afterEach(() => {
  expect(aws.defects).toEqual([])
})

const key = (address: string) => ({ project: { S: 'p' }, address: { S: address } })
const add = (address: string, evidence: string, more: Partial<UpdateItemCommandInput> = {}) =>
  client.send(
    new UpdateItemCommand({
      TableName: table,
      Key: key(address),
      UpdateExpression: 'ADD evidence :e',
      ExpressionAttributeValues: { ':e': { SS: [evidence] } },
      ...more,
    }),
  )
const put = (address: string, more: Record<string, AttributeValue> = {}) =>
  client.send(new PutItemCommand({ TableName: table, Item: { ...key(address), ...more } }))

describe('a write', () => {
  it('is seen by reads, queries and scans, bytes and odd names included', async () => {
    const odd = { __proto: { S: 'x' }, 'naïve name': { M: { n: { N: '1.50' }, b: { B: new Uint8Array([0, 255]) } } } }
    await put('a@example.com', odd)
    const { Item: item } = await client.send(new GetItemCommand({ TableName: table, Key: key('a@example.com') }))
    expect(item).toMatchObject({ 'naïve name': { M: { b: { B: new Uint8Array([0, 255]) } } } })
    const query = new QueryCommand({
      TableName: table,
      KeyConditionExpression: '#project = :p',
      ExpressionAttributeNames: { '#project': 'project' },
      ExpressionAttributeValues: { ':p': { S: 'p' } },
    })
    expect((await client.send(query)).Count).toBe(1)
    expect((await client.send(new ScanCommand({ TableName: table }))).Count).toBe(1)
  })

  it('costs a unit for each started kilobyte of the larger of old and new, in bytes of UTF-8', async () => {
    const units = async (more: Record<string, AttributeValue>) => {
      const command = new PutItemCommand({
        TableName: table,
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
    expect(aws.dynamodb.meter(table)).toEqual({ reads: 0, writes: 5, readUnits: 0, writeUnits: 10 })
  })

  it('whose condition fails tells the old item to who asks for it', async () => {
    await put('a@example.com', { reason: { S: 'bounce' } })
    const command = new PutItemCommand({
      TableName: table,
      Item: key('a@example.com'),
      ConditionExpression: 'attribute_not_exists(address)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    })
    await expect(client.send(command)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: { reason: { S: 'bounce' } },
    })
  })

  it('is atomic: two hundred at once lose nothing, and the stream has one record for each', async () => {
    const numbers = Array.from({ length: 200 }, (_, index) => `feedback-${index}`)
    await Promise.all(numbers.map((evidence) => add('a@example.com', evidence)))
    const [item] = await aws.dynamodb.items(table)
    expect(item?.evidence?.SS).toEqual([...numbers].sort())
    const records = await recordsOf(aws)
    expect(records.map((record) => evidenceIn(record).length)).toEqual(numbers.map((_, index) => index + 1))
  })

  it('can be made to crash before or after it is applied, and is not retried by the SDK', async () => {
    aws.dynamodb.failWrites(1, 'before')
    expect((await failure(add('a@example.com', 'one'))).name).toBe('SimulatedCrash')
    expect(await aws.dynamodb.items(table)).toEqual([])
    aws.dynamodb.failWrites(1, 'after')
    expect((await failure(add('a@example.com', 'one'))).name).toBe('SimulatedCrash')
    expect(await aws.dynamodb.items(table)).toHaveLength(1)
    await add('a@example.com', 'two')
    expect(aws.dynamodb.meter(table).writes).toBe(2)
  })

  it('that AWS would refuse is refused', async () => {
    const tooLarge = put('a@example.com', { text: { S: 'x'.repeat(410_000) } })
    expect(await failure(tooLarge)).toMatchObject({ name: 'ValidationException', status: 400 })
    expect((await failure(add('', 'x'))).name).toBe('ValidationException')
    const nowhere = client.send(new PutItemCommand({ TableName: 'no-such-table', Item: key('a') }))
    expect((await failure(nowhere)).name).toBe('ResourceNotFoundException')
  })
})

describe('the stream', () => {
  it('shows what was and what is, in order, and nothing of a write that changes nothing', async () => {
    await add('a@example.com', 'one')
    await add('a@example.com', 'one')
    await add('a@example.com', 'two')
    await client.send(new DeleteItemCommand({ TableName: table, Key: key('a@example.com') }))
    await client.send(new DeleteItemCommand({ TableName: table, Key: key('a@example.com') }))
    const records = await recordsOf(aws)
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

  it('is not moved by two orders of the same set', async () => {
    await put('a@example.com', { evidence: { SS: ['one', 'two'] } })
    await put('a@example.com', { evidence: { SS: ['two', 'one'] } })
    expect(await recordsOf(aws)).toHaveLength(1)
  })

  it('is read from the beginning, the end, at or after a record, for a day', async () => {
    await put('a')
    await put('b')
    await put('c')
    const [, second] = await recordsOf(aws)
    const SequenceNumber = second?.dynamodb?.SequenceNumber ?? ''
    expect(await recordsOf(aws, { ShardIteratorType: 'LATEST' })).toEqual([])
    expect(await recordsOf(aws, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber })).toHaveLength(2)
    expect(await recordsOf(aws, { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber })).toHaveLength(1)
    aws.clock.advance(24 * 60 * 60 * 1000)
    await put('d')
    expect(await recordsOf(aws)).toHaveLength(1)
    const trimmed = recordsOf(aws, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber })
    expect((await failure(trimmed)).name).toBe('TrimmedDataAccessException')
    const nonsense = recordsOf(aws, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: '1'.repeat(21) })
    expect((await failure(nonsense)).name).toBe('ValidationException')
  })

  it('shows each write of a batch', async () => {
    const puts = ['a', 'b', 'c'].map((address) => ({ PutRequest: { Item: key(address) } }))
    await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: puts } }))
    expect(await recordsOf(aws)).toHaveLength(3)
  })
})

describe('expiry', () => {
  it('deletes what is past its seconds, and the stream says that DynamoDB did it', async () => {
    const now = Math.floor(aws.clock.now().getTime() / 1000)
    await put('past@example.com', { expiresAt: { N: String(now + 60) } })
    await put('later@example.com', { expiresAt: { N: String(now + 6000) } })
    await put('milliseconds@example.com', { expiresAt: { N: String(now * 1000) } })
    await put('never@example.com')
    expect(await aws.dynamodb.expire()).toBe(0)
    aws.clock.advance(61_000)
    expect(await aws.dynamodb.expire()).toBe(1)
    expect(await aws.dynamodb.items(table)).toHaveLength(3)
    expect((await recordsOf(aws)).at(-1)).toMatchObject({
      eventName: 'REMOVE',
      userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' },
      dynamodb: { Keys: key('past@example.com') },
    })
    const { TimeToLiveDescription: described } = await client.send(new DescribeTimeToLiveCommand({ TableName: table }))
    expect(described).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' })
  })
})

describe('a transaction', () => {
  const both = (condition: string) =>
    client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName: table, Item: key('a') } },
          { ConditionCheck: { TableName: table, Key: key('b'), ConditionExpression: condition } },
          {
            Update: {
              TableName: table,
              Key: key('c'),
              UpdateExpression: 'ADD hits :one',
              ExpressionAttributeValues: { ':one': { N: '1' } },
            },
          },
        ],
      }),
    )

  it('does all or nothing, and says which part failed', async () => {
    await expect(both('attribute_exists(address)')).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }, { Code: 'None' }],
    })
    expect(await aws.dynamodb.items(table)).toEqual([])
    await both('attribute_not_exists(address)')
    expect(await aws.dynamodb.items(table)).toHaveLength(2)
    expect(await recordsOf(aws)).toHaveLength(2)
  })

  it('loses nothing when thirty run at once', async () => {
    await Promise.all(Array.from({ length: 30 }, () => both('attribute_not_exists(address)')))
    const { Item: item } = await client.send(new GetItemCommand({ TableName: table, Key: key('c') }))
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

  it('belongs to one account and is usable at once', async () => {
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

  it('that is protected is not deleted until its protection is lifted', async () => {
    await create({ DeletionProtectionEnabled: true, SSESpecification: { Enabled: true } })
    const remove = () => client.send(new DeleteTableCommand({ TableName: 'other' }))
    expect((await failure(remove())).message).toContain('protected against deletion')
    await client.send(new UpdateTableCommand({ TableName: 'other', DeletionProtectionEnabled: false }))
    await remove()
    await create()
  })

  it('refuses what the embedded one could not keep', async () => {
    expect((await failure(create({ OnDemandThroughput: { MaxReadRequestUnits: 1 } }))).name).toBe('ValidationException')
  })

  it('tells whether it can be recovered', async () => {
    const command = new DescribeContinuousBackupsCommand({ TableName: table })
    const { ContinuousBackupsDescription: described } = await client.send(command)
    expect(described?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe('DISABLED')
  })
})
