/** Random input: every request gets a well-formed answer, and no service has a defect. */
import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { catalogue } from '../../local/wire/catalogue.ts'
import type { WireRequest } from '../../local/wire/request.ts'
import { runsOf } from '../runs.ts'
import { smallTable, smallTemplate } from './small-template.ts'

let aws: Aws

beforeAll(async () => {
  aws = await startAws({ template: smallTemplate })
})

type UnsignedRequest = Pick<WireRequest, 'method' | 'path' | 'query' | 'body'> & { headers?: Record<string, string> }

/** Signs a request that no SDK would send. It supports only plain paths without a query. */
function signed(service: string, { method, path, query, body, headers = {} }: UnsignedRequest): WireRequest {
  const { accessKeyId, secretAccessKey } = aws.credentials.root(aws.account)
  const long = `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
  const scope = `${long.slice(0, 8)}/us-east-1/${service}/aws4_request`
  const all: Record<string, string> = { ...headers, host: 'x', 'x-amz-date': long }
  const names = Object.keys(all).sort()
  const hash = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')
  const lines = names.map((name) => `${name}:${(all[name] ?? '').trim().replace(/\s+/g, ' ')}`)
  const canonical = [method, path, '', ...lines, '', names.join(';'), hash(body)].join('\n')
  const key = [...scope.split('/')].reduce<string | Buffer>(
    (derived, part) => createHmac('sha256', derived).update(part).digest(),
    `AWS4${secretAccessKey}`,
  )
  const signature = createHmac('sha256', key)
    .update(`AWS4-HMAC-SHA256\n${long}\n${scope}\n${hash(canonical)}`)
    .digest('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return { method, path, query, body, headers: { ...all, authorization } }
}

async function expectAnAnswer(request: WireRequest): Promise<number> {
  const answer = await aws.handle(request)
  expect(answer.status).toBeGreaterThanOrEqual(200)
  expect(answer.status).not.toBe(500)
  expect(answer.headers['x-amzn-requestid']).toBeDefined()
  if (answer.status >= 400) {
    const text = new TextDecoder().decode(answer.body)
    if (answer.headers['content-type']?.endsWith('xml')) expect(text).toMatch(/<Code>\w+<\/Code>/)
    else expect(JSON.parse(text)).toHaveProperty('message')
  }
  expect(aws.defects).toEqual([])
  return answer.status
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.json().map((text) => new TextEncoder().encode(text)),
  fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
)
const names = [...catalogue.values()].flatMap(({ targets, operations }) =>
  targets.flatMap((target) => [...operations.keys()].map((operation) => `${target}.${operation}`)),
)

describe('random input', () => {
  test('random bytes, headers and paths are refused', async () => {
    const requests = fc.record({
      method: fc.oneof(fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'), fc.string()),
      path: fc.string({ unit: 'binary' }).map((path) => `/${path}`),
      query: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.array(fc.string()))),
      headers: fc.dictionary(
        fc.constantFrom('authorization', 'x-amz-date', 'x-amz-target', 'content-type', 'host', 'x-amz-security-token'),
        fc.oneof(
          fc.string(),
          fc.constantFrom(
            'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0',
          ),
        ),
      ),
      body: bytes,
    })
    const property = fc.asyncProperty(requests, async (request) => {
      expect(await expectAnAnswer(request)).toBeGreaterThanOrEqual(400)
    })
    await fc.assert(property, { seed: 1, numRuns: runsOf(300) })
  })

  test('random input with a valid signature gets a well-formed answer of the JSON services', async () => {
    const property = fc.asyncProperty(fc.constantFrom(...names), bytes, fc.boolean(), async (target, body, named) => {
      const withTable = Buffer.from(
        JSON.stringify({ TableName: smallTable, QueueUrl: 'x' }).replace(
          '}',
          `,"Key":${Buffer.from(body).toString('utf8')}}`,
        ),
      )
      const headers = { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0' }
      const service = target.startsWith('AmazonSQS') ? 'sqs' : 'dynamodb'
      await expectAnAnswer(
        signed(service, { method: 'POST', path: '/', query: {}, headers, body: named ? withTable : body }),
      )
    })
    await fc.assert(property, { seed: 2, numRuns: runsOf(600) })
  })

  test('random input with a valid signature gets a well-formed answer of the query services', async () => {
    const key = fc.oneof(
      fc.constantFrom(
        'Action',
        'Version',
        'RoleArn',
        'TopicArn',
        'Attributes.entry.1.key',
        'Attributes.entry.1.value',
        'Tags.member.1.Key',
        '.',
        '..',
        '__proto__',
        'constructor.1',
      ),
      fc.string(),
    )
    const value = fc.oneof(
      fc.constantFrom(
        'AssumeRole',
        'Publish',
        'CreateTopic',
        'Subscribe',
        'GetCallerIdentity',
        'arn:aws:sns:us-east-1:123456789012:x',
      ),
      fc.string({ unit: 'binary' }),
    )
    const form = fc
      .array(fc.tuple(key, value))
      .map((pairs) => new TextEncoder().encode(new URLSearchParams(pairs).toString()))
    const property = fc.asyncProperty(fc.constantFrom('sns', 'sts'), fc.oneof(form, bytes), async (service, body) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      await expectAnAnswer(signed(service, { method: 'POST', path: '/', query: {}, headers, body }))
    })
    await fc.assert(property, { seed: 3, numRuns: runsOf(600) })
  })

  test('random input with a valid signature gets a well-formed answer of the REST services', async () => {
    const paths = [...catalogue.values()].flatMap(({ service, operations }) =>
      [...operations.values()].flatMap(({ http }) => (http ? [{ service, ...http }] : [])),
    )
    const property = fc.asyncProperty(fc.constantFrom(...paths), bytes, async ({ service, method, path }, body) => {
      const [plain = '/'] = path.replace(/\{[^}]+\}/g, 'x').split('?')
      await expectAnAnswer(signed(service, { method, path: plain.replace(/\/$/, '') || '/', query: {}, body }))
    })
    await fc.assert(property, { seed: 4, numRuns: runsOf(600) })
  })
})

describe('DynamoDB', () => {
  test('DynamoDB answers random expressions, keys and values', async () => {
    const value: fc.Memo<unknown> = fc.memo((depth) =>
      fc.oneof(
        fc.record({ S: fc.string() }),
        fc.record({ N: fc.oneof(fc.string(), fc.double().map(String), fc.constantFrom('1e400', '-0', 'NaN', '')) }),
        fc.record({ SS: fc.array(fc.string()) }),
        fc.record({ NS: fc.array(fc.constantFrom('1', '1.0', 'x')) }),
        fc.record({ B: fc.string() }),
        fc.record({ NULL: fc.boolean() }),
        fc.constant({}),
        fc.constant({ S: 'a', N: '1' }),
        ...(depth > 1
          ? [
              fc.record({ L: fc.array(value(depth - 1)) }),
              fc.record({ M: fc.dictionary(fc.string(), value(depth - 1)) }),
            ]
          : []),
      ),
    )
    const word = fc.constantFrom(
      'SET',
      'ADD',
      'REMOVE',
      'DELETE',
      ' a ',
      '#a',
      ':v',
      ':w',
      '=',
      '+',
      '-',
      '[0]',
      '.',
      ',',
      '(',
      ')',
      'if_not_exists',
      'list_append',
      'AND',
      'NOT',
      'address',
      'size',
      'attribute_exists',
      'begins_with',
      'BETWEEN',
      'IN',
      '__proto__',
    )
    const expression = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '))
    const condition = fc.oneof(
      expression,
      fc.constantFrom(
        'a = :v',
        'size(a) > :v',
        'contains(a, :v)',
        'a BETWEEN :v AND :w',
        'begins_with(a, :v)',
        'a IN (:v)',
        'attribute_type(a, :v)',
      ),
    )
    const input = fc.record(
      {
        Key: fc.oneof(fc.constant({ project: { S: 'p' }, address: { S: 'a' } }), fc.dictionary(fc.string(), value(2))),
        Item: fc.oneof(
          value(3).map((one) => ({ project: { S: 'p' }, address: { S: 'a' }, a: one })),
          fc.dictionary(fc.string(), value(2)),
        ),
        UpdateExpression: fc.oneof(
          expression,
          fc.constantFrom(
            'SET a = :v',
            'ADD a :v',
            'DELETE a :v',
            'SET a = a + :v',
            'SET a[0] = :v',
            'REMOVE a[0]',
            'SET a = list_append(a, :v)',
          ),
        ),
        ConditionExpression: condition,
        FilterExpression: condition,
        KeyConditionExpression: fc.oneof(
          expression,
          fc.constant('address = :v'),
          fc.constant('#a = :v AND address > :w'),
        ),
        ExpressionAttributeValues: fc.record({ ':v': value(2), ':w': value(2) }, { requiredKeys: [':v'] }),
        ReturnValues: fc.constantFrom('ALL_NEW', 'UPDATED_OLD', 'x'),
        Limit: fc.integer(),
        ExclusiveStartKey: fc.dictionary(fc.string(), value(1)),
      },
      { requiredKeys: [] },
    )
    const operation = fc.constantFrom('PutItem', 'UpdateItem', 'DeleteItem', 'GetItem', 'Query', 'Scan')
    const useful: Readonly<Record<string, readonly string[]>> = {
      PutItem: ['Item', 'ConditionExpression'],
      UpdateItem: ['Key', 'UpdateExpression', 'ConditionExpression', 'ReturnValues'],
      DeleteItem: ['Key', 'ConditionExpression'],
      GetItem: ['Key'],
      Query: ['KeyConditionExpression', 'FilterExpression', 'Limit', 'ExclusiveStartKey'],
      Scan: ['FilterExpression', 'Limit', 'ExclusiveStartKey'],
    }
    const property = fc.asyncProperty(operation, input, async (name, given) => {
      const kept = Object.fromEntries(Object.entries(given).filter(([key]) => useful[name]?.includes(key)))
      const text = JSON.stringify(kept)
      // Unused names and values are refused before anything else is checked.
      const values = Object.entries(given.ExpressionAttributeValues ?? {}).filter(([key]) => text.includes(key))
      const aliases = {
        ...(text.includes('#a') && { ExpressionAttributeNames: { '#a': 'a' } }),
        ...(values.length > 0 && { ExpressionAttributeValues: Object.fromEntries(values) }),
      }
      const body = Buffer.from(JSON.stringify({ TableName: smallTable, ...kept, ...aliases }))
      const headers = { 'x-amz-target': `DynamoDB_20120810.${name}`, 'content-type': 'application/x-amz-json-1.0' }
      await expectAnAnswer(signed('dynamodb', { method: 'POST', path: '/', query: {}, headers, body }))
    })
    await fc.assert(property, { seed: 5, numRuns: runsOf(2000) })
  })
})
