/** One project's caller sees one project: IAM refuses everything else, whatever the code does. */
import {
  BatchGetItemCommand,
  DynamoDBClient,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { STSClient } from '@aws-sdk/client-sts'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { AwsCredentials } from '../../local/service.ts'
import { createProjectData, type DataAccess } from '../../src/access/session/project-data.ts'
import { createApi } from '../../src/api/answer-requests.ts'
import { createCursors } from '../../src/api/cursor.ts'
import type { Call } from '../../src/api/route.ts'
import { createReadEndpoints } from '../../src/api/suppressions/read-endpoints.ts'
import { judgeUse } from '../../src/audit/judge-use.ts'
import { matchesResource, piecesOf } from '../../src/policy/match.ts'
import { createMarksOf, createSendingStates } from '../../src/sending/check-recipients.ts'
import { createMarkKeys } from '../../src/suppression/erasure-mark.ts'
import { assume, failure } from '../local/sign-in.ts'
import { runsOf } from '../runs.ts'
import { type ApiStack, apiStack } from './api-stack.ts'

let stack: ApiStack
let roleArn: string
beforeAll(async () => {
  stack = await apiStack()
  roleArn = `arn:aws:iam::${stack.aws.account}:role/sesame/sesame-dev-us-east-1-project-data`
  await stack.bounce('acme', 'gone@customer.example')
  await stack.bounce('globex', 'gone@globex.example')
})

const suppressions = 'sesame-dev-suppressions'
const roleOf = (name: string) => stack.aws.functions.get(name)?.roleArn ?? ''
const sessionOf = (name: string) => stack.aws.assumeAsService('lambda.amazonaws.com', roleOf(name), 'test')
const functionOf: Record<DataAccess, string> = {
  read: 'read-suppressions',
  rule: 'rule-on-addresses',
  send: 'send-email',
  open: 'open-session',
  manage: 'manage-templates',
  report: 'read-activity',
}

async function dataOf(project: string, access: DataAccess = 'read'): Promise<DynamoDBClient> {
  const sts = new STSClient(stack.aws.clientConfig(await sessionOf(functionOf[access])))
  const open = createProjectData(
    sts,
    { roleArn, access },
    (credentials) => new DynamoDBClient(stack.aws.clientConfig(credentials)),
    stack.clock.now,
  )
  return open(project)
}
const keyOf = (project: string, address: string) => ({ project: { S: project }, address: { S: address } })
const denied = { name: 'AccessDeniedException' }

describe('the path of a request', () => {
  test('an application of one project is refused on the path of another before any code runs', async () => {
    const before = stack.lines('read-suppressions').length
    const body = { addresses: ['a@example.com'] }
    const foreign = await stack.call({ path: '/projects/globex/suppressions/check', body })
    expect(foreign).toMatchObject({ status: 403, body: { message: 'Forbidden' } })
    expect(stack.lines('read-suppressions')).toHaveLength(before)
    expect((await stack.call({ path: '/projects/acme/suppressions/check', body })).status).toBe(200)
  })

  test('an application that may only check is refused when it suppresses', async () => {
    const checker = await stack.application('checker', 'POST/projects/acme/suppressions/check')
    const body = { addresses: ['a@example.com'], why: 'test' }
    expect((await stack.call({ path: '/projects/acme/suppressions/suppress', body, as: checker })).status).toBe(403)
    expect((await stack.call({ path: '/projects/acme/suppressions/suppress', body })).status).toBe(200)
  })

  test.each([
    '/projects/acme%2F..%2Fglobex/suppressions/check',
    '/projects/acme/..%2Fglobex/suppressions/check',
    '/projects/acme%2Fx/suppressions/check',
    '/projects/Acme/suppressions/check',
    '/projects/acme*/suppressions/check',
  ])('the path %s reaches no project', async (path) => {
    const everyone = await stack.application(`any-${Buffer.from(path).toString('hex').slice(0, 50)}`, '*')
    const before = stack.aws.record.length
    const { status } = await stack.call({ path, body: { addresses: ['a@example.com'] }, as: everyone })
    expect(status).toBe(404)
    expect(stack.aws.record.slice(before).filter(({ service }) => service === 'dynamodb')).toEqual([])
  })

  test('a request without a signature is refused', async () => {
    const { status } = await stack.aws.handle({
      method: 'GET',
      path: '/projects/acme/suppressions',
      query: {},
      headers: {},
      body: new Uint8Array(),
    })
    expect(status).toBe(403)
  })

  test('the pattern of one project never matches the path of another', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/)
    fc.assert(
      fc.property(name, name, fc.stringMatching(/^[a-z/]{1,20}$/), (one, other, rest) => {
        fc.pre(one !== other)
        const pattern = (project: string) => `arn:aws:execute-api:us-east-1:1:api/$default/POST/projects/${project}/*`
        const path = `arn:aws:execute-api:us-east-1:1:api/$default/POST/projects/${other}/${rest}`
        expect(matchesResource(piecesOf(pattern(one)), path)).toBe(false)
        expect(matchesResource(piecesOf(pattern(other)), path)).toBe(true)
      }),
      { seed: 20260304, numRuns: runsOf(200) },
    )
  })
})

describe('a session of project-data', () => {
  test('a session reads its own project, and is refused on another', async () => {
    const dynamodb = await dataOf('acme')
    const get = (project: string) =>
      dynamodb.send(
        new BatchGetItemCommand({
          RequestItems: { [suppressions]: { Keys: [keyOf(project, 'gone@customer.example')] } },
        }),
      )
    expect((await get('acme')).Responses?.[suppressions]).toHaveLength(1)
    await expect(get('globex')).rejects.toMatchObject(denied)
  })

  test('a batch with one foreign key is refused as a whole', async () => {
    const dynamodb = await dataOf('acme')
    const Keys = [keyOf('acme', 'gone@customer.example'), keyOf('globex', 'gone@globex.example')]
    const call = dynamodb.send(new BatchGetItemCommand({ RequestItems: { [suppressions]: { Keys } } }))
    await expect(call).rejects.toMatchObject(denied)
  })

  test('a query of another project, and a scan, are refused', async () => {
    const dynamodb = await dataOf('acme')
    const query = (project: string) =>
      dynamodb.send(
        new QueryCommand({
          TableName: suppressions,
          KeyConditionExpression: '#project = :project',
          ExpressionAttributeNames: { '#project': 'project' },
          ExpressionAttributeValues: { ':project': { S: project } },
        }),
      )
    expect((await query('acme')).Items).toContainEqual(expect.objectContaining(keyOf('acme', 'gone@customer.example')))
    await expect(query('globex')).rejects.toMatchObject(denied)
    await expect(dynamodb.send(new ScanCommand({ TableName: suppressions }))).rejects.toMatchObject(denied)
  })

  test.each([
    ['external ids', 'id, externalId'],
    ['role ARNs', 'id, roleArn'],
  ])('a session is refused when it reads %s, and may read the sending state', async (_, ProjectionExpression) => {
    const dynamodb = await dataOf('acme')
    const read = (projection: object, id = 'acme', by = dynamodb) =>
      by.send(
        new QueryCommand({
          TableName: 'sesame-dev-projects',
          KeyConditionExpression: 'id = :id AND facet = :facet',
          ExpressionAttributeValues: { ':id': { S: id }, ':facet': { S: 'connection' } },
          ...projection,
        }),
      )
    await expect(read({ ProjectionExpression })).rejects.toMatchObject(denied)
    await expect(read({})).rejects.toMatchObject(denied)
    const state = { ProjectionExpression: 'provenAt, brokenSince' }
    await expect(read(state)).resolves.toBeDefined()
    await expect(read(state, 'globex')).rejects.toMatchObject(denied)
    const sender = await dataOf('acme', 'send')
    await expect(read({ ProjectionExpression }, 'acme', sender)).resolves.toBeDefined()
    await expect(read({ ProjectionExpression }, 'globex', sender)).rejects.toMatchObject(denied)
    await expect(read({ ProjectionExpression }, 'acme', await dataOf('acme', 'open'))).resolves.toBeDefined()
  })

  const suppress = (dynamodb: DynamoDBClient, project: string, attribute = 'manual', more: object = {}) =>
    dynamodb.send(
      new UpdateItemCommand({
        TableName: suppressions,
        Key: keyOf(project, 'x@example.com'),
        UpdateExpression: 'SET #a = :v',
        ExpressionAttributeNames: { '#a': attribute },
        ExpressionAttributeValues: { ':v': { S: 'x' } },
        ...more,
      }),
    )

  test('a session for ruling may write a ruling of its project, and is refused for everything else', async () => {
    const dynamodb = await dataOf('acme', 'rule')
    await expect(suppress(dynamodb, 'acme')).resolves.toBeDefined()
    await expect(suppress(dynamodb, 'globex')).rejects.toMatchObject(denied)
    await expect(suppress(dynamodb, 'acme', 'lastHard')).rejects.toMatchObject(denied)
    await expect(suppress(dynamodb, 'acme', 'manual', { ReturnValues: 'ALL_OLD' })).rejects.toMatchObject(denied)
  })

  test('a session for reading may not write a ruling', async () => {
    await expect(suppress(await dataOf('acme', 'read'), 'acme')).rejects.toMatchObject(denied)
    await expect(suppress(await dataOf('acme', 'send'), 'acme')).rejects.toMatchObject(denied)
  })

  test('a session remembers requests of its own project only, and one for reading may not', async () => {
    const remember = (dynamodb: DynamoDBClient, project: string) =>
      dynamodb.send(
        new UpdateItemCommand({
          TableName: 'sesame-dev-sends',
          Key: { project: { S: project }, key: { S: 'request#x' } },
          UpdateExpression: 'SET phase = :v',
          ExpressionAttributeValues: { ':v': { S: 'open' } },
        }),
      )
    const ruler = await dataOf('acme', 'rule')
    await expect(remember(await dataOf('acme', 'send'), 'acme')).resolves.toBeDefined()
    await expect(remember(ruler, 'acme')).resolves.toBeDefined()
    await expect(remember(ruler, 'globex')).rejects.toMatchObject(denied)
    await expect(remember(await dataOf('acme', 'read'), 'acme')).rejects.toMatchObject(denied)
  })
})

describe('opening a session of project-data', () => {
  const open = async (by: AwsCredentials, tags: Record<string, string>) =>
    assume(stack.aws, by, {
      RoleArn: roleArn,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    })

  test('a session without a project, or with the access of another function, is refused', async () => {
    const reader = await sessionOf('read-suppressions')
    const ruler = await sessionOf('rule-on-addresses')
    await expect(open(reader, { project: 'acme', access: 'read' })).resolves.toBeDefined()
    await expect(open(ruler, { project: 'acme', access: 'rule' })).resolves.toBeDefined()
    const sender = await sessionOf('send-email')
    await expect(open(sender, { project: 'acme', access: 'send' })).resolves.toBeDefined()
    const broker = await sessionOf('open-session')
    await expect(open(broker, { project: 'acme', access: 'open' })).resolves.toBeDefined()
    for (const [by, tags] of [
      [reader, {}],
      [reader, { access: 'read' }],
      [reader, { project: 'acme' }],
      [reader, { project: 'acme', access: 'rule' }],
      [ruler, { access: 'rule' }],
      [ruler, { project: 'acme', access: 'read' }],
      [reader, { project: 'acme', access: 'send' }],
      [sender, { access: 'send' }],
      [broker, { access: 'open' }],
      [broker, { project: 'acme', access: 'send' }],
      [sender, { project: 'acme', access: 'rule' }],
    ] as const)
      expect((await failure(open(by, tags))).name).toBe('AccessDenied')
  })

  test('another function and an operator may not open a session', async () => {
    const others = [await sessionOf('record-bounce'), await sessionOf('manage-connection')]
    for (const by of others)
      expect((await failure(open(by, { project: 'acme', access: 'read' }))).name).toBe('AccessDenied')
  })

  test('a function of the API cannot enter a role of a customer', async () => {
    const by = await sessionOf('read-suppressions')
    const call = assume(stack.aws, by, { RoleArn: 'arn:aws:iam::111122223333:role/sesame/acme' })
    expect((await failure(call)).name).toBe('AccessDenied')
  })
})

test('a handler that takes the project from the body is refused by IAM', async () => {
  const acme = await dataOf('acme')
  const careless = createApi({
    endpoints: createReadEndpoints({
      // The fault: the session is of the project in the path, the request is for the project in the body.
      dataOf: async () => acme,
      suppressions,
      states: createSendingStates('sesame-dev-projects', stack.clock.now),
      marksOf: createMarksOf(suppressions, createMarkKeys('secret'), stack.clock.now),
      cursors: createCursors('secret'),
      onUnreadable: () => undefined,
    }).map(({ route, run }) => ({
      route,
      run: (given: unknown, call: Call) => {
        const { project, ...body } = Object(given)
        return run(body, { ...call, project: project ?? call.project })
      },
    })),
    now: stack.clock.now,
    log: () => undefined,
    failureOf: (error) => ({ outcome: error instanceof Error ? error.name : 'failed' }),
  })
  const event = (project?: string) => ({
    version: '2.0',
    routeKey: 'POST /projects/{project}/suppressions/lookup',
    headers: { 'content-type': 'application/json' },
    pathParameters: { project: 'acme' },
    requestContext: {
      requestId: 'r',
      authorizer: { iam: { userArn: 'arn:aws:sts::1:assumed-role/a/b', accountId: '1' } },
    },
    body: JSON.stringify({ address: 'gone@globex.example', project }),
  })
  const before = stack.aws.record.length
  expect((await careless(event('globex'))).statusCode).toBe(500)
  const refused = stack.aws.record.slice(before).filter(({ verdict }) => verdict === 'denied')
  expect(refused).not.toEqual([])
  expect((await careless(event())).statusCode).toBe(200)
})

test('a session is opened once for each project and hour', async () => {
  const opened = () => stack.aws.record.filter(({ action }) => action === 'sts:TagSession').length
  const ask = (project: string, as: AwsCredentials) =>
    stack.call({ path: `/projects/${project}/suppressions/check`, body: { addresses: ['a@example.com'] }, as })
  const { acmeApp, globexApp } = stack
  for (const [project, as] of [
    ['acme', acmeApp],
    ['globex', globexApp],
  ] as const)
    await ask(project, as)
  const before = opened()
  for (let round = 0; round < 3; round++)
    for (const [project, as] of [
      ['acme', acmeApp],
      ['globex', globexApp],
    ] as const)
      expect((await ask(project, as)).status).toBe(200)
  expect(opened()).toBe(before)
})

test('the audit expects a session of project-data by a function of the API, and reports any other', async () => {
  const { account } = stack.aws
  const use = (caller: string, sessionName = 'acme.read') =>
    judgeUse(
      {
        at: stack.clock.now(),
        account,
        roleArn,
        sessionName,
        id: 'r',
        region: 'us-east-1',
        from: '127.0.0.1',
        caller: { kind: 'role', account, arn: `arn:aws:iam::${account}:role/sesame/sesame-dev-us-east-1-${caller}` },
      },
      { stage: 'dev', region: 'us-east-1', operatorWindow: undefined },
      async () => [],
    )
  expect(await use('suppression-reading')).toEqual({ verdict: 'expected', project: 'acme', purpose: 'read' })
  expect(await use('operator')).toMatchObject({ verdict: 'unexpected', why: 'unknown principal' })
  expect(await use('suppression-reading', 'x')).toMatchObject({ verdict: 'unexpected' })
})
