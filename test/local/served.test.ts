/** What the AWS CLI and SDKs of other languages send and the JavaScript SDK does not: other services, older routes, lists. */

import { createHash, createHmac } from 'node:crypto'
import { CloudWatchLogsClient, DescribeLogGroupsCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { EventBridgeClient, ListEventBusesCommand } from '@aws-sdk/client-eventbridge'
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda'
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateConfigurationSetCommand, CreateEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import type { ClientConfig } from '../../local/service.ts'
import { assume, failure } from './sign-in.ts'

let aws: Aws
let config: ClientConfig
beforeAll(async () => {
  aws = await startAws()
  config = aws.clientConfig(aws.credentials.root(aws.account))
})

type Sent = {
  method?: string
  path?: string
  query?: Record<string, string>
  headers?: Record<string, string>
  body?: string
}

/** Signs a request as any SDK would, and sends it. */
async function send(service: string, { method = 'POST', path = '/', query = {}, headers = {}, body = '' }: Sent) {
  const { accessKeyId, secretAccessKey } = aws.credentials.root(aws.account)
  const time = `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
  const scope = `${time.slice(0, 8)}/${aws.region}/${service}/aws4_request`
  const all: Record<string, string> = { ...headers, host: 'localhost', 'x-amz-date': time }
  const names = Object.keys(all).sort()
  const encoded = Object.entries(query).map((pair) => pair.map(encodeURIComponent).join('='))
  const lines = names.map((name) => `${name}:${all[name]}`)
  const canonical = [method, path, encoded.sort().join('&'), ...lines, '', names.join(';'), sha256(body)].join('\n')
  const key = scope
    .split('/')
    .reduce<string | Buffer>(
      (secret, part) => createHmac('sha256', secret).update(part).digest(),
      `AWS4${secretAccessKey}`,
    )
  const signature = createHmac('sha256', key)
    .update(['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n'))
    .digest('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  const bytes = new TextEncoder().encode(body)
  const answer = await aws.handle({ method, path, query, headers: { ...all, authorization }, body: bytes })
  return { ...answer, text: new TextDecoder().decode(answer.body) }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
const served =
  'It serves: cloudformation, dynamodb, events, execute-api, iam, lambda, logs, monitoring, s3, ses, sns, sqs, sts.'

describe('a service that is not served', () => {
  test.each<[string, string, Sent, string, string]>([
    ['query', 'ec2', { headers: form, body: 'Action=DescribeInstances&Version=2016-11-15' }, 'text/xml', 'ec2'],
    [
      'query',
      'ses',
      { headers: form, body: 'Action=ListIdentities&Version=2010-12-01' },
      'text/xml',
      'version 2 of the SES API only',
    ],
    ['JSON', 'kms', { headers: { 'x-amz-target': 'TrentService.ListKeys' }, body: '{}' }, 'application/json', 'kms'],
    ['REST and JSON', 'apigateway', { method: 'GET', path: '/v2/apis' }, 'application/json', 'apigateway'],
    ['REST and XML', 'route53', { method: 'GET', path: '/2013-04-01/hostedzone' }, 'text/xml', 'route53'],
    [
      'CBOR',
      'arc-region-switch',
      {
        path: '/service/ArcRegionSwitch/operation/ListPlans',
        headers: { 'smithy-protocol': 'rpc-v2-cbor' },
      },
      'application/cbor',
      'arc-region-switch',
    ],
  ])(
    'is refused in its own protocol (%s: %s), with the list of those that are',
    async (_, service, request, type, named) => {
      const { status, headers, text } = await send(service, request)
      expect(status).toBe(400)
      expect(headers['content-type']).toContain(type)
      expect(text).toContain(named)
      expect(text).toContain(served)
      expect(text).toContain('UnknownService')
      if (type.endsWith('json')) expect(JSON.parse(text)).toMatchObject({ __type: 'UnknownService' })
      if (type.endsWith('xml')) expect(text).toMatch(/<Code>UnknownService<\/Code><Message>[^<]+<\/Message>/)
      // A map of two pairs.
      if (type.endsWith('cbor')) expect(text).toMatch(/__type.*UnknownService.*message.*The embedded AWS/s)
    },
  )

  test('is told from a signature for the wrong service, which stays a wrong signature', async () => {
    const signedForSqs = await send('sqs', { headers: { 'x-amz-target': 'DynamoDB_20120810.ListTables' }, body: '{}' })
    expect(signedForSqs.text).not.toContain('does not serve')
    const signedForDynamoDb = await send('dynamodb', {
      headers: { 'x-amz-target': 'DynamoDB_20120810.ListTables' },
      body: '{}',
    })
    expect(signedForDynamoDb.status).toBe(200)
  })
})

describe('the routes of SES that the AWS CLI uses', () => {
  test('list identities and configuration sets, in pages', async () => {
    const ses = new SESv2Client(config)
    for (const name of ['a', 'b', 'c']) {
      await ses.send(new CreateEmailIdentityCommand({ EmailIdentity: `${name}.example` }))
      await ses.send(new CreateConfigurationSetCommand({ ConfigurationSetName: name }))
    }
    const get = async (path: string, query = {}) =>
      JSON.parse((await send('ses', { method: 'GET', path: `/v2/email/${path}`, query })).text)
    expect((await get('configuration-sets')).ConfigurationSets).toEqual(['a', 'b', 'c'])
    const first = await get('identities', { PageSize: '2' })
    expect(first.EmailIdentities).toMatchObject([{ IdentityName: 'a.example' }, { IdentityName: 'b.example' }])
    const second = await get('identities', { PageSize: '2', NextToken: first.NextToken })
    expect(second.EmailIdentities).toMatchObject([{ IdentityName: 'c.example' }])
    expect((await get('identities', { PageSize: 'many' })).message).toContain('a number was expected')
  })
})

describe('a list that a newcomer asks for', () => {
  test('contains the functions, buses, buckets and log groups of the deployment, and nothing of them for another account', async () => {
    const names = async (of: ClientConfig) => ({
      functions: (await new LambdaClient(of).send(new ListFunctionsCommand({}))).Functions?.map(
        (one) => one.FunctionName,
      ),
      buses: (await new EventBridgeClient(of).send(new ListEventBusesCommand({}))).EventBuses?.map((one) => one.Name),
      buckets: (await new S3Client(of).send(new ListBucketsCommand({}))).Buckets?.map((one) => one.Name),
      groups: (await new CloudWatchLogsClient(of).send(new DescribeLogGroupsCommand({}))).logGroups?.map(
        (one) => one.logGroupName,
      ),
    })
    const ours = await names(config)
    expect(ours.functions).toContain('sesame-dev-record-bounce')
    expect(ours.buses).toEqual(['default', 'sesame-dev'])
    expect(ours.buckets).toHaveLength(2)
    expect(ours.groups).toContain('/aws/lambda/sesame-dev-record-bounce')
    const theirs = await names(aws.clientConfig(aws.credentials.root('111122223333')))
    expect(theirs).toEqual({ functions: [], buses: ['default'], buckets: [], groups: [] })
  })

  test('needs its permission: the operator may list none of them', async () => {
    const RoleArn = `arn:aws:iam::${aws.account}:role/sesame/sesame-dev-us-east-1-operator`
    const operator = aws.clientConfig(await assume(aws, aws.credentials.root(aws.account), { RoleArn }))
    for (const list of [
      () => new LambdaClient(operator).send(new ListFunctionsCommand({})),
      () => new EventBridgeClient(operator).send(new ListEventBusesCommand({})),
      () => new S3Client(operator).send(new ListBucketsCommand({})),
      () => new CloudWatchLogsClient(operator).send(new DescribeLogGroupsCommand({})),
    ])
      expect((await failure(list())).name).toMatch(/^AccessDenied/)
  })
})

test('the log of a function can be read, by time, words and pages', async () => {
  const group = '/aws/lambda/sesame-dev-record-bounce'
  aws.lambda.logs.append(group, ['{"outcome":"recorded"}', '{"outcome":"ignored"}'], new Date(1_000))
  aws.lambda.logs.append(group, ['{"outcome":"recorded","late":true}'], new Date(2_000))
  const logs = new CloudWatchLogsClient(config)
  const messages = async (given: object) => {
    const { events = [], nextToken } = await logs.send(new FilterLogEventsCommand({ logGroupName: group, ...given }))
    return { messages: events.map(({ message }) => message), nextToken }
  }
  expect((await messages({})).messages).toHaveLength(3)
  expect((await messages({ filterPattern: 'recorded "late"' })).messages).toEqual([
    '{"outcome":"recorded","late":true}',
  ])
  expect((await messages({ startTime: 1_500 })).messages).toHaveLength(1)
  expect((await messages({ endTime: 1_500 })).messages).toHaveLength(2)
  const { nextToken, messages: first } = await messages({ limit: 2 })
  expect([...first, ...(await messages({ limit: 2, nextToken })).messages]).toHaveLength(3)
  expect((await failure(messages({ logGroupName: '/nothing' }))).name).toBe('ResourceNotFoundException')
})
