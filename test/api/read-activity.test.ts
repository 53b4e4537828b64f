import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { STSClient } from '@aws-sdk/client-sts'
import * as v from 'valibot'
import { beforeAll, describe, expect, test } from 'vitest'
import type { AwsCredentials } from '../../local/service.ts'
import { createProjectData, type DataAccess } from '../../src/access/session/project-data.ts'
import { ReportAnswer } from '../../src/api/activity/schemas.ts'
import { createSesame } from '../../src/client/client.ts'
import { bounce, delivery, messageIdOf, send } from '../activity/mail-event.ts'
import { ACME, type ApiStack, apiStack, endpoint } from './api-stack.ts'

let stack: ApiStack
const sentAt = new Date('2026-03-04T03:00:00Z')
/** SES publishes events of the account of a project. */
async function publish(account: string, set: string, ...events: object[]) {
  for (const event of events) {
    await stack.aws.callAsService(
      'ses.amazonaws.com',
      { sourceAccount: account, sourceArn: `arn:aws:ses:us-east-1:${account}:configuration-set/${set}` },
      'sns',
      'Publish',
      { TopicArn: `arn:aws:sns:us-east-1:${stack.aws.account}:sesame-dev-activity`, Message: JSON.stringify(event) },
    )
  }
  await stack.aws.settled()
}

beforeAll(async () => {
  stack = await apiStack({ account: ACME })
  await publish(
    ACME,
    'sesame-acme',
    send({ at: sentAt, to: ['ada@example.com'] }),
    delivery({ at: sentAt, to: ['ada@example.com'] }),
    send({ nth: 2, at: sentAt, to: ['gone@example.com'] }),
    bounce('Permanent', 'NoEmail', { nth: 2, at: sentAt, to: ['gone@example.com'] }),
  )
  await stack.bounce('acme', 'gone@example.com')
})

const get = (path: string, as = stack.acmeApp) => stack.call({ method: 'GET', path, as })
const lookUp = (address: string, as = stack.acmeApp) =>
  stack.call({ path: '/projects/acme/recipients/lookup', body: { address }, as })

describe('GET report', () => {
  test('the report of a project has its counts, causes, list, health and hold', async () => {
    const { status, body } = await get('/projects/acme/report?from=2026-03-01&to=2026-03-04')
    expect(status).toBe(200)
    const report = v.parse(ReportAnswer, body)
    expect(report).toMatchObject({
      project: 'acme',
      from: '2026-03-01',
      to: '2026-03-04',
      volume: { sent: 2, delivered: 1, hardBounces: 1 },
      rates: { bounces: { events: 1, recipients: 2 } },
      list: { total: 1, isPart: false },
      causes: [{ title: 'No such mailbox', count: 1 }],
      hold: { holds: [] },
    })
    expect(report.days).toHaveLength(4)
    expect(JSON.stringify(body)).not.toContain('@')
  })

  test('the health of a quarantined project is critical, without its external id or role', async () => {
    await stack.quarantine('globex', '444455556666')
    const { body, text } = await get('/projects/globex/report', stack.globexApp)
    expect(body).toMatchObject({ health: [{ of: 'connection', state: 'critical' }] })
    expect(text).not.toMatch(/0123456789abcdef|arn:aws:iam/)
  })

  test.each([
    ['from=2026-03-05&to=2026-03-04', '/from'],
    ['from=2020-01-01', '/from'],
    ['from=yesterday', '/from'],
    ['to=2026-02-30', '/to'],
    ['day=2026-03-04', '/day'],
  ])('the period %s is refused', async (query, pointer) => {
    const { status, body } = await get(`/projects/acme/report?${query}`)
    expect({
      status,
      pointer: v.parse(v.object({ errors: v.array(v.object({ pointer: v.string() })) }), body).errors[0]?.pointer,
    }).toEqual({ status: 400, pointer })
  })

  test('a project that does not exist has no report', async () => {
    const nobody = await stack.application('nobody', '*/projects/nobody/*')
    expect((await get('/projects/nobody/report', nobody)).status).toBe(404)
  })
})

describe('GET messages/{message}', () => {
  test('the timeline of a message has its events in the order of time', async () => {
    const { status, body } = await get(`/projects/acme/messages/${messageIdOf(1, sentAt)}`)
    expect(status).toBe(200)
    // The fixture delivers three days before it sends: the order is that of the times.
    expect(body).toMatchObject({
      events: [
        { type: 'Delivery', recipient: 'ada@example.com' },
        { type: 'Send', recipient: 'ada@example.com', at: sentAt.toISOString() },
      ],
    })
  })

  test('a message id that does not say its day needs one, and an id that is none is refused', async () => {
    expect((await get('/projects/acme/messages/some-other-id')).status).toBe(400)
    expect((await get('/projects/acme/messages/some-other-id?day=2026-03-04')).body).toEqual({ events: [] })
    expect((await get('/projects/acme/messages/a%20b')).status).toBe(400)
  })
})

describe('POST recipients/lookup', () => {
  test('what happened to a recipient names the messages, and the address is in no log', async () => {
    const { status, body } = await lookUp('Gone@EXAMPLE.com')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      address: 'gone@example.com',
      events: [{ type: 'Bounce', detail: 'Permanent NoEmail', messageId: messageIdOf(2, sentAt) }],
    })
    expect(stack.aws.lambda.logLines('sesame-dev-read-activity').join('\n')).not.toContain('gone')
  })

  test('an address that is none is refused', async () => {
    expect((await lookUp('not an address')).status).toBe(400)
  })
})

describe('the client', () => {
  test('the client reads reports, messages and recipients', async () => {
    const sesame = createSesame({
      project: 'acme',
      endpoint,
      region: 'us-east-1',
      credentials: stack.acmeApp,
      fetch: async (input, init) => {
        const url = new URL(String(input))
        const headers = Object.fromEntries(new Headers(init?.headers))
        const answer = await stack.aws.handle({
          method: init?.method ?? 'GET',
          path: url.pathname,
          query: Object.fromEntries(url.searchParams),
          headers: { ...headers, host: url.host },
          body: Buffer.from(String(init?.body ?? '')),
        })
        return new Response(Buffer.from(answer.body).toString(), { status: answer.status, headers: answer.headers })
      },
    })
    expect((await sesame.activity.report({ from: '2026-03-04' })).volume.sent).toBe(2)
    expect((await sesame.activity.message(messageIdOf(1, sentAt))).map(({ type }) => type).sort()).toEqual([
      'Delivery',
      'Send',
    ])
    expect((await sesame.activity.recipient('gone@example.com')).map(({ type }) => type)).toEqual(['Bounce'])
  })
})

describe('one project in activity', () => {
  const roleArn = () => `arn:aws:iam::${stack.aws.account}:role/sesame/sesame-dev-us-east-1-project-data`
  async function dataOf(project: string, access: DataAccess = 'report', name = 'read-activity') {
    const role = stack.aws.functions.get(name)?.roleArn ?? ''
    const session = await stack.aws.assumeAsService('lambda.amazonaws.com', role, name)
    const sts = new STSClient(stack.aws.clientConfig(session))
    const clientOf = (credentials: AwsCredentials) => new DynamoDBClient(stack.aws.clientConfig(credentials))
    return createProjectData(sts, { roleArn: roleArn(), access }, clientOf, stack.clock.now)(project)
  }
  const query = (TableName: string, key: string, value: string, IndexName?: string) =>
    new QueryCommand({
      TableName,
      ...(IndexName && { IndexName }),
      KeyConditionExpression: '#key = :value',
      ExpressionAttributeNames: { '#key': key },
      ExpressionAttributeValues: { ':value': { S: value } },
    })
  const denied = { name: 'AccessDeniedException' }
  const reads = (project: string) => [
    query('sesame-dev-activity', 'bucket', `${project}#2026-03-04#0`),
    query('sesame-dev-activity', 'person', `${project}#gone@example.com`, 'recipient-index'),
    query('sesame-dev-counts', 'counts', `live#${project}`),
    query('sesame-dev-counts', 'counts', `sealed#${project}`),
    query('sesame-dev-counts', 'counts', `domains#${project}`),
    query('sesame-dev-projects', 'id', `feed#${project}`),
  ]

  test('a session of one project is refused the activity, the counts and the feed of another, and of a longer name', async () => {
    const data = await dataOf('acme')
    for (const read of reads('acme')) await data.send(read)
    for (const other of ['globex', 'acme2', 'acm'])
      for (const read of reads(other)) await expect(data.send(read)).rejects.toMatchObject(denied)
  })

  test('a session for another access is refused activity and counts', async () => {
    const data = await dataOf('acme', 'read', 'read-suppressions')
    for (const read of reads('acme')) await expect(data.send(read)).rejects.toMatchObject(denied)
  })

  test('read-activity is refused another access, and the tables themselves', async () => {
    await expect(dataOf('acme', 'rule')).rejects.toMatchObject({ name: 'AccessDenied' })
    await expect(dataOf('acme', 'report', 'read-suppressions')).rejects.toMatchObject({ name: 'AccessDenied' })
    const role = stack.aws.functions.get('read-activity')?.roleArn ?? ''
    const own = new DynamoDBClient(
      stack.aws.clientConfig(await stack.aws.assumeAsService('lambda.amazonaws.com', role, 'test')),
    )
    for (const read of reads('acme')) await expect(own.send(read)).rejects.toMatchObject(denied)
  })

  test('the external id of a project is refused to a report', async () => {
    const data = await dataOf('globex')
    const read = (ProjectionExpression?: string) =>
      new QueryCommand({
        TableName: 'sesame-dev-projects',
        KeyConditionExpression: 'id = :id',
        ExpressionAttributeValues: { ':id': { S: 'globex' } },
        ...(ProjectionExpression && { ProjectionExpression }),
      })
    await expect(data.send(read())).rejects.toMatchObject(denied)
    await expect(data.send(read('externalId'))).rejects.toMatchObject(denied)
    await data.send(read('account, provenAt'))
  })

  test('an application of one project is refused the report of another by IAM', async () => {
    expect((await get('/projects/globex/report')).status).toBe(403)
    expect((await get('/projects/acme/report')).status).toBe(200)
  })
})
