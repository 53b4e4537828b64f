/**
 * The functions' bundles contain infra/bundle/dynamodb in place of the SDK's DynamoDB client. These tests compare the two: the same requests, and
 * the same end for every command and every fault.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import * as sdk from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as standIn from '../../infra/bundle/dynamodb/dynamodb.ts'
import { createRetries } from '../../infra/bundle/dynamodb/retries.ts'
import { createTransport } from '../../infra/bundle/dynamodb/transport.ts'
import { startAws } from '../../local/aws.ts'
import { smallTable, smallTemplate } from '../local/small-template.ts'
import { runsOf } from '../runs.ts'

const credentials = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session' }

type Answering = (response: ServerResponse, request: IncomingMessage, attempt: number) => void
type Seen = { readonly target: string; readonly body: unknown }

/** Listens, and answers each request as the test says. */
async function createFake(answering: Answering) {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    seen.push({ target: String(request.headers['x-amz-target']), body: JSON.parse(Buffer.concat(chunks).toString()) })
    answering(response, request, seen.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { endpoint, seen, close }
}

const json = (response: ServerResponse, status: number, body: object, headers: object = {}) =>
  void response
    .writeHead(status, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': 'request', ...headers })
    .end(JSON.stringify(body))

const key = { project: { S: 'acme' }, address: { S: 'jane@example.com' } }

/** Every command that the stand-in has, with an input and an answer. */
const commands = {
  BatchGetItemCommand: {
    of: [sdk.BatchGetItemCommand, standIn.BatchGetItemCommand],
    input: { RequestItems: { list: { Keys: [key], ConsistentRead: true } } },
    answer: { Responses: { list: [key] }, UnprocessedKeys: {} },
  },
  DeleteItemCommand: {
    of: [sdk.DeleteItemCommand, standIn.DeleteItemCommand],
    input: { TableName: 'list', Key: key },
    answer: {},
  },
  GetItemCommand: {
    of: [sdk.GetItemCommand, standIn.GetItemCommand],
    input: { TableName: 'list', Key: key },
    answer: { Item: { ...key, n: { N: '12' } } },
  },
  PutItemCommand: {
    of: [sdk.PutItemCommand, standIn.PutItemCommand],
    input: { TableName: 'list', Item: { ...key, gone: { NULL: true } } },
    answer: {},
  },
  QueryCommand: {
    of: [sdk.QueryCommand, standIn.QueryCommand],
    input: { TableName: 'list', KeyConditionExpression: 'id = :id', ExpressionAttributeValues: { ':id': { S: 'x' } } },
    answer: { Items: [key], Count: 1, ScannedCount: 1 },
  },
  TransactWriteItemsCommand: {
    of: [sdk.TransactWriteItemsCommand, standIn.TransactWriteItemsCommand],
    input: { TransactItems: [{ Put: { TableName: 'list', Item: key } }], ClientRequestToken: 'token' },
    answer: {},
  },
  UpdateItemCommand: {
    of: [sdk.UpdateItemCommand, standIn.UpdateItemCommand],
    input: {
      TableName: 'list',
      Key: key,
      UpdateExpression: 'SET a = :a',
      ExpressionAttributeValues: { ':a': { N: '1' } },
    },
    answer: { Attributes: key },
  },
} as const

type Name = keyof typeof commands
const names = Object.keys(commands) as Name[]

/** What a caller can see of the end of a request. Clock and machine are left out. */
function endOf(thrown: unknown) {
  if (!(thrown instanceof Error)) return thrown
  const { name, message, $metadata, Item, CancellationReasons } = Object(thrown)
  const { httpStatusCode, requestId, attempts } = $metadata ?? {}
  return { name, message, httpStatusCode, requestId, attempts, Item, CancellationReasons }
}

type Send = (endpoint: string, name: Name, input: object) => Promise<unknown>

const withSdk: Send = async (endpoint, name, input) => {
  const client = new sdk.DynamoDBClient({ region: 'eu-west-1', endpoint, credentials })
  // The input fits its own command, which the types of a union cannot express.
  const Command = commands[name].of[0] as unknown as new (of: object) => sdk.GetItemCommand
  const { $metadata, ...output } = await client.send(new Command(input))
  return output
}
const withStandIn: Send = (endpoint, name, input) => {
  const client = new standIn.DynamoDBClient({ region: 'eu-west-1', endpoint, credentials })
  const Command = commands[name].of[1] as unknown as new (of: object) => standIn.GetItemCommand
  return client.send(new Command(input))
}

/** Sends the same to two servers that answer alike. @returns what each server saw, and how each request ended */
async function both(answering: Answering, name: Name, input: object = commands[name].input) {
  const ends = [withSdk, withStandIn].map(async (send) => {
    const fake = await createFake(answering)
    const end = await send(fake.endpoint, name, input).catch(endOf)
    fake.close()
    return { end, seen: fake.seen }
  })
  const [bySdk, byStandIn] = await Promise.all(ends)
  return { bySdk, byStandIn }
}

// Both wait for a random share of the delay before a retry. Without it, the throttled ones would take seconds.
beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0))
afterEach(() => vi.restoreAllMocks())

describe.each(names)('%s', (name) => {
  test(`the SDK and the stand-in send the same ${name} and return the same answer`, async () => {
    const { bySdk, byStandIn } = await both((response) => json(response, 200, commands[name].answer), name)
    expect(byStandIn).toEqual(bySdk)
    expect(byStandIn?.seen).toHaveLength(1)
  })

  test.each([
    ['a refusal', 400, 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException', 1],
    ['a missing permission', 400, 'com.amazon.coral.service#AccessDeniedException', 1],
    ['a throttled request', 400, 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException', 4],
    ['a transaction in progress', 400, 'com.amazonaws.dynamodb.v20120810#TransactionInProgressException', 4],
    ['a service in trouble', 500, 'com.amazonaws.dynamodb.v20120810#InternalServerError', 4],
    ['a service that is not available', 503, 'com.amazonaws.dynamodb.v20120810#ServiceUnavailable', 4],
  ])(`${name}: %s ends alike with both, after as many attempts`, async (_, status, type, attempts) => {
    const { bySdk, byStandIn } = await both(
      (response) => json(response, status, { __type: type, message: 'Not today' }),
      name,
    )
    expect(byStandIn).toEqual(bySdk)
    expect(byStandIn?.seen).toHaveLength(attempts)
    expect(byStandIn?.end).toMatchObject({ name: type.split('#')[1], message: 'Not today', attempts })
  })
})

test('a condition that is not met is an error with the item as it was, of the class that our code catches', async () => {
  const type = 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException'
  const body = { __type: type, message: 'The conditional request failed', Item: key }
  const { bySdk, byStandIn } = await both((response) => json(response, 400, body), 'PutItemCommand')
  expect(byStandIn).toEqual(bySdk)
  expect(byStandIn?.end).toMatchObject({ name: 'ConditionalCheckFailedException', Item: key, attempts: 1 })
  const fake = await createFake((response) => json(response, 400, body))
  const client = new standIn.DynamoDBClient({ region: 'eu-west-1', endpoint: fake.endpoint, credentials })
  await expect(client.send(new standIn.PutItemCommand({ TableName: 'list', Item: key }))).rejects.toBeInstanceOf(
    standIn.ConditionalCheckFailedException,
  )
  fake.close()
})

test('a transaction that is cancelled is an error with the reason of each write', async () => {
  const body = {
    __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
    Message: 'Transaction cancelled',
    CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed', Message: 'no' }],
  }
  const { bySdk, byStandIn } = await both((response) => json(response, 400, body), 'TransactWriteItemsCommand')
  expect(byStandIn).toEqual(bySdk)
  expect(byStandIn?.end).toMatchObject({ CancellationReasons: body.CancellationReasons })
})

test.each<[string, Answering]>([
  ['an answer that is not JSON', (response) => void response.writeHead(200).end('{"Item":')],
  ['a body that ends too early', (response) => void half(response)],
  ['a connection that closes without an answer', (response) => void response.destroy()],
  ['an error page of a proxy', (response) => void response.writeHead(502).end('<html>Bad gateway</html>')],
  ['an error without a name', (response) => void response.writeHead(400).end('{}')],
])('%s is an error with both, after as many attempts', async (_, answering) => {
  const { bySdk, byStandIn } = await both(answering, 'GetItemCommand')
  expect(byStandIn?.seen).toEqual(bySdk?.seen)
  expect(byStandIn?.end).toMatchObject({ message: expect.any(String), attempts: byStandIn?.seen.length })
})

/** Promises 100 bytes and sends 5. */
function half(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': '100' }).write('{"a":', () => response.destroy())
}

test.each<[string, Answering]>([
  ['throttled', (response) => json(response, 400, { __type: '#ThrottlingException' })],
  ['reset', (response) => void response.destroy()],
  ['cut short', half],
  ['refused with status 500', (response) => json(response, 500, {})],
])('a request that is %s once succeeds at the second attempt', async (_, failing) => {
  const once: Answering = (response, request, attempt) =>
    attempt === 1 ? failing(response, request, attempt) : json(response, 200, { Item: key })
  const { bySdk, byStandIn } = await both(once, 'GetItemCommand')
  expect(byStandIn).toEqual(bySdk)
  expect(byStandIn).toMatchObject({ end: { Item: key }, seen: [expect.anything(), expect.anything()] })
})

test('a clock that is an hour off is corrected by the date of the refusal, and the second attempt is signed with the right time', async () => {
  const hourMs = 3_600_000
  const signedAt: number[] = []
  const { byStandIn, bySdk } = await both((response, request, attempt) => {
    const text = String(request.headers['x-amz-date'])
    signedAt.push(Date.parse(text.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z')))
    const headers = { date: new Date(Date.now() + hourMs).toUTCString() }
    if (attempt === 1) return json(response, 400, { __type: '#InvalidSignatureException', message: 'expired' }, headers)
    return json(response, 200, {}, headers)
  }, 'GetItemCommand')
  expect(byStandIn).toEqual(bySdk)
  expect(byStandIn?.seen).toHaveLength(2)
  const aheadMs = signedAt.map((at) => Math.abs(Math.round((at - Date.now()) / hourMs)))
  expect(aheadMs.toSorted()).toEqual([0, 0, 1, 1])
})

test('a signature that is refused while the clock is right is not tried again', async () => {
  const refused = { __type: '#InvalidSignatureException', message: 'The signature does not match' }
  const { byStandIn } = await both(
    (response) => json(response, 403, refused, { date: new Date().toUTCString() }),
    'GetItemCommand',
  )
  expect(byStandIn?.seen).toHaveLength(1)
})

describe('limits of time', () => {
  test('a service that does not answer in time is a failure that is worth another attempt', async () => {
    const fake = await createFake(() => {})
    const post = createTransport(new URL(fake.endpoint), { connection: 500, answer: 50 })
    await expect(post({}, '{}')).rejects.toMatchObject({ name: 'TimeoutError', code: 'ETIMEDOUT' })
    fake.close()
  })

  test('a service that stops in the middle of an answer is a failure too', async () => {
    const fake = await createFake((response) => void response.writeHead(200).write('{'))
    const post = createTransport(new URL(fake.endpoint), { connection: 500, answer: 50 })
    await expect(post({}, '{}')).rejects.toMatchObject({ name: 'TimeoutError' })
    fake.close()
  })

  test('a server that accepts the connection and never speaks TLS is given up after the limit of the connection', async () => {
    const server = createTcpServer(() => {})
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const url = new URL(`https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`)
    const post = createTransport(url, { connection: 50, answer: 5_000 })
    await expect(post({}, '{}')).rejects.toMatchObject({ name: 'TimeoutError', message: 'No connection in 50 ms' })
    server.close()
  })
})

describe('retries', () => {
  const failure = (name: string, httpStatusCode: number) =>
    Object.assign(new Error(), { name, $metadata: { httpStatusCode } })

  test('the delays double, from 25 ms, or from a second if the service throttles, and random spreads them', () => {
    const whole = createRetries(() => 1)
    const half = createRetries(() => 0.5)
    const [broken, throttled] = [failure('InternalServerError', 500), failure('ThrottlingException', 400)]
    expect([1, 2, 3].map((attempts) => whole.delayAfter(broken, attempts))).toEqual([25, 50, 100])
    expect([1, 2, 3].map((attempts) => whole.delayAfter(throttled, attempts))).toEqual([1_000, 2_000, 4_000])
    expect([1, 2, 3].map((attempts) => half.delayAfter(broken, attempts))).toEqual([12.5, 25, 50])
  })

  test('a client whose requests all fail soon stops to repeat them, and repeats again when they succeed', () => {
    const retries = createRetries(() => 0)
    const broken = failure('InternalServerError', 500)
    const delays = Array.from({ length: 40 }, () => retries.delayAfter(broken, 1))
    expect(delays.filter((delay) => delay !== undefined)).toHaveLength(35)
    expect(delays.at(-1)).toBeUndefined()
    for (let n = 0; n < 14; n += 1) retries.succeeded()
    expect(retries.delayAfter(broken, 1)).toBe(0)
  })
})

/** Attribute values of every type, nested. */
const value: fc.Memo<sdk.AttributeValue> = fc.memo((depth) => {
  const bytes = fc.uint8Array({ maxLength: 8 })
  const leaf = fc.oneof(
    fc.record({ S: fc.string({ unit: 'binary' }) }),
    fc.record({ N: fc.integer().map(String) }),
    fc.record({ BOOL: fc.boolean() }),
    fc.record({ NULL: fc.constant(true) }),
    fc.record({ B: bytes }),
    fc.record({ BS: fc.array(bytes, { minLength: 1, maxLength: 3 }) }),
    fc.record({ SS: fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 3 }) }),
  )
  if (depth <= 1) return leaf as fc.Arbitrary<sdk.AttributeValue>
  const nested = value(depth - 1)
  return fc.oneof(
    leaf,
    fc.record({ L: fc.array(nested, { maxLength: 3 }) }),
    fc.record({ M: fc.dictionary(fc.string({ minLength: 1 }), nested, { maxKeys: 3 }) }),
  ) as fc.Arbitrary<sdk.AttributeValue>
})

test('items of every shape arrive at the server alike from both, and come back as they were', async () => {
  const bodies: unknown[] = []
  const fake = await createFake((response, _, n) => {
    const { Item } = Object(fake.seen[n - 1]?.body)
    json(response, 200, { Attributes: Item })
  })
  const settings = { region: 'eu-west-1', endpoint: fake.endpoint, credentials }
  const [bySdk, byStandIn] = [new sdk.DynamoDBClient(settings), new standIn.DynamoDBClient(settings)]
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string({ minLength: 1 }), value(3), { maxKeys: 4 }), async (Item) => {
      const input = { TableName: 'list', Item }
      const { Attributes } = await bySdk.send(new sdk.PutItemCommand(input))
      const answer = await byStandIn.send<sdk.PutItemCommandOutput>(new standIn.PutItemCommand(input))
      expect(answer.Attributes).toEqual(Attributes)
      bodies.push(...fake.seen.slice(-2).map(({ body }) => body))
      expect(bodies.at(-1)).toEqual(bodies.at(-2))
    }),
    { numRuns: runsOf(200), seed: 15 },
  )
  fake.close()
})

test('the pages of a query are the same with both, from the first to the last', async () => {
  const answering: Answering = (response, _, attempt) =>
    json(response, 200, { Items: [{ n: { N: String(attempt) } }], ...(attempt < 3 && { LastEvaluatedKey: key }) })
  const pages = []
  for (const { paginateQuery, DynamoDBClient } of [sdk, standIn] as const) {
    const fake = await createFake(answering)
    const client = new DynamoDBClient({ region: 'eu-west-1', endpoint: fake.endpoint, credentials })
    const items = []
    for await (const page of paginateQuery({ client: client as never, pageSize: 10 }, { TableName: 'list' }))
      items.push(page.Items)
    pages.push({ items, seen: fake.seen })
    fake.close()
  }
  expect(pages[1]).toEqual(pages[0])
  expect(pages[1]?.seen).toHaveLength(3)
})

test('300 requests at once over reused connections are all signed as the server expects, and all arrive', async () => {
  const aws = await startAws({ template: smallTemplate })
  const { url, close } = await aws.listen(0)
  const settings = { region: aws.region, endpoint: url, credentials: aws.credentials.root(aws.account) }
  const client = new standIn.DynamoDBClient(settings)
  const puts = Array.from({ length: 300 }, (_, n) =>
    client.send(
      new standIn.PutItemCommand({
        TableName: smallTable,
        Item: { project: { S: 'acme' }, address: { S: `item-${n} ü €` } },
      }),
    ),
  )
  await Promise.all(puts)
  const { Count } = await new sdk.DynamoDBClient(settings).send(new sdk.ScanCommand({ TableName: smallTable }))
  expect(Count).toBe(300)
  const wrong = new standIn.DynamoDBClient({
    ...settings,
    credentials: { ...settings.credentials, secretAccessKey: 'no' },
  })
  await expect(wrong.send(new standIn.PutItemCommand({ TableName: smallTable, Item: key }))).rejects.toThrow(
    /signature/i,
  )
  await close()
})
