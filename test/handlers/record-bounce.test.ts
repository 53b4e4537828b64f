import { DynamoDBClient, GetItemCommand, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import type { AwsCredentials } from '../../local/service.ts'
import { account, type Feedback, invoke, route, sesEvent, snsRecord, table } from '../suppression/feedback.ts'

let aws: Aws
let dynamodb: DynamoDBClient
beforeAll(async () => {
  aws = await startAws({ account, withoutTriggers: ['propagate-suppression'] })
  await route(aws, 'sesame-acme', 'acme')
  const role = aws.functions.get('record-bounce')?.roleArn ?? ''
  const session: AwsCredentials = await aws.assumeAsService('lambda.amazonaws.com', role, 'test')
  dynamodb = new DynamoDBClient(aws.clientConfig(session))
})

const bounce = (address: string, facts: Partial<Feedback> = {}): Feedback => ({
  kind: 'hard',
  addresses: [address],
  at: new Date('2026-03-01T10:00:00Z'),
  feedbackId: '0100019a5f3c7e21-5f6a7b8c-9d0e-4f1a-8b2c-3d4e5f6a7b8c-000000',
  ...facts,
})
const record = (feedback: Feedback, set = 'sesame-acme') => snsRecord(sesEvent(feedback, set))
const logged = () => aws.lambda.logLines('sesame-dev-record-bounce')
const addresses = async () => (await aws.dynamodb.items(table)).map((item) => item.address?.S)

describe('record-bounce', () => {
  test('record-bounce adds a bounced address to the list of the project that owns the event', async () => {
    expect(await invoke(aws, [record(bounce('jane@example.com'))])).toBe(true)
    expect(await aws.dynamodb.items(table)).toMatchObject([
      {
        project: { S: 'acme' },
        address: { S: 'jane@example.com' },
        lastHard: { S: expect.stringContaining('2026-03-01T10:00:00.000Z') },
      },
    ])
  })

  test('record-bounce logs one line per event, of at most 150 bytes and without an address', async () => {
    const before = logged().length
    await invoke(aws, [record(bounce('secret.person@example.com'))])
    const [line = '', ...more] = logged().slice(before)
    expect(more).toEqual([])
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(150)
    expect(line).not.toMatch(/secret|person|@/)
    expect(JSON.parse(line)).toMatchObject({
      outcome: 'recorded',
      project: 'acme',
      addresses: [expect.stringMatching(/^[\da-f]{8}$/)],
    })
  })

  test('the log of record-bounce has the same hash for the same address, and different hashes for different addresses', async () => {
    const before = logged().length
    for (const address of ['one@example.com', 'one@example.com', 'two@example.com'])
      await invoke(aws, [record(bounce(address))])
    const [first, again, other] = logged()
      .slice(before)
      .map((line) => JSON.parse(line).addresses[0])
    expect(again).toBe(first)
    expect(other).not.toBe(first)
  })

  test('record-bounce records a complaint that arrives on its topic', async () => {
    expect(await invoke(aws, [record(bounce('complainer@example.com', { kind: 'complaint' }))])).toBe(true)
    expect(await addresses()).toContain('complainer@example.com')
  })

  test('a malformed record fails the invocation, is logged without an address, and does not affect the other records of the batch', async () => {
    const before = logged().length
    const bad = snsRecord({
      eventType: 'Bounce',
      mail: { messageId: 'm', timestamp: 'yesterday', destination: ['hidden@example.com'] },
    })
    expect(await invoke(aws, [bad, record(bounce('kept@example.com')), bad])).toBe(false)
    expect(await addresses()).toContain('kept@example.com')
    const lines = logged().slice(before)
    expect(lines.map((line) => JSON.parse(line).outcome)).toEqual(['recorded', 'failed', 'failed'])
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({
      error: 'MalformedEventError',
      message: expect.stringContaining('mail.timestamp'),
    })
    expect(lines.join()).not.toContain('hidden@')
  })

  test('record-bounce rejects and does not record an event of a configuration set or account that no project owns', async () => {
    expect(await invoke(aws, [record(bounce('unowned@example.com'), 'somebody-elses')])).toBe(false)
    const foreign = {
      ...sesEvent(bounce('unowned@example.com'), 'sesame-acme'),
      mail: { messageId: 'm', timestamp: '2026-03-01T10:00:00Z', sendingAccountId: '999900001111' },
    }
    expect(await invoke(aws, [snsRecord(foreign)])).toBe(false)
    expect(logged().at(-1)).toContain('No project owns account 999900001111')
    expect(await addresses()).not.toContain('unowned@example.com')
  })

  test('record-bounce records an event with a thousand recipients', async () => {
    const many = Array.from({ length: 1000 }, (_, i) => `many-${i}@example.com`)
    expect(await invoke(aws, [record(bounce('', { addresses: many }))])).toBe(true)
    expect(new Set(await addresses())).toEqual(new Set([...(await addresses()), ...many]))
  })

  test('an event that cannot be applied is tried three times and then kept in the dead-letter queue with its cause', async () => {
    const topic = `arn:aws:sns:${aws.region}:${aws.account}:sesame-dev-bounces`
    const before = aws.lambda.attempts.length
    await aws.callAsService(
      'ses.amazonaws.com',
      { sourceAccount: account, sourceArn: `arn:aws:ses:us-east-1:${account}:configuration-set/x` },
      'sns',
      'Publish',
      {
        TopicArn: topic,
        Message: JSON.stringify(sesEvent(bounce('later@example.com'), 'not-yet-added')),
      },
    )
    await aws.settled()
    expect(aws.lambda.attempts.length - before).toBe(3)
    const message = readDeadLetter()
    expect(message).toMatchObject({
      requestContext: { condition: 'RetriesExhausted' },
      responsePayload: { errorType: 'RecordsFailedError' },
    })
    expect(message.responsePayload.errorMessage).toContain(
      'No project owns account 111122223333 with configuration set not-yet-added',
    )
  })
})

describe('the role of record-bounce', () => {
  const Key = { project: { S: 'acme' }, address: { S: 'jane@example.com' } }
  const refused = { name: 'AccessDeniedException' }
  const update = (expression: string, more: object = {}) =>
    dynamodb.send(new UpdateItemCommand({ TableName: table, Key, UpdateExpression: expression, ...more }))

  test.each([
    'lastHard',
    'lastGlobalList',
    'lastBlocked',
    'lastMessage',
    'lastOptOut',
    'lastReply',
    'lastEcho',
    'lastGuess',
    'lastReport',
    'lastOther',
  ])('the role of record-bounce may write evidence: %s', async (attribute) => {
    await expect(
      update(`SET ${attribute} = :x`, { ExpressionAttributeValues: { ':x': { S: 'x' } } }),
    ).resolves.toBeDefined()
  })

  test('the role of record-bounce may not write an attribute that is no evidence', async () => {
    await expect(
      update('SET lastUnknown = :x', { ExpressionAttributeValues: { ':x': { S: 'x' } } }),
    ).rejects.toMatchObject(refused)
  })

  test.each([
    ['read an item', () => dynamodb.send(new GetItemCommand({ TableName: table, Key }))],
    ['read the list', () => dynamodb.send(new ScanCommand({ TableName: table }))],
    [
      'read an item by updating it',
      () => update('SET lastHard = :x', { ExpressionAttributeValues: { ':x': { S: 'x' } }, ReturnValues: 'ALL_OLD' }),
    ],
    ['reinstate an address', () => update('SET reinstated = :x', { ExpressionAttributeValues: { ':x': { S: 'x' } } })],
    [
      'read the settings of a project',
      () =>
        dynamodb.send(
          new GetItemCommand({
            TableName: 'sesame-dev-projects',
            Key: { id: { S: 'acme' }, facet: { S: 'settings' } },
          }),
        ),
    ],
  ])('the role of record-bounce may not %s', async (_, call) => {
    await expect(call()).rejects.toMatchObject(refused)
  })
})

/** The oldest dead letter, as SQS keeps it. */
function readDeadLetter(): { requestContext: object; responsePayload: { errorMessage: string } } {
  const [, queue] = [...aws.sqs.queues].find(([arn]) => arn.endsWith('sesame-dev-record-bounce-dead-letters')) ?? []
  return JSON.parse(queue?.messages[0]?.body ?? '')
}
