import { DeleteItemCommand, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Aws } from '../../local/aws.ts'
import { assume, failure } from '../local/sign-in.ts'
import {
  alarmsIn,
  customer,
  customersRole,
  customersTrust,
  enter,
  externalId,
  ours,
  roleOf,
  table,
  usesOf,
  watchedAws,
} from './watched.ts'

let aws: Aws
beforeEach(async () => {
  aws = await watchedAws()
})
const byLambda = (role: string, session: string) => aws.assumeAsService('lambda.amazonaws.com', roleOf(role), session)
const last = async (role: string) => (await usesOf(aws, role)).at(-1)

describe('expected uses', () => {
  test('a function that Lambda runs as its own role is expected', async () => {
    await byLambda('notification-handler', 'sesame-dev-record-bounce')
    expect(await last('notification-handler')).toMatchObject({
      by: 'lambda.amazonaws.com',
      from: 'lambda.amazonaws.com',
      function: 'record-bounce',
      at: '2026-03-04T05:06:07.000Z',
      verdict: 'expected',
    })
    expect(alarmsIn(aws)).toEqual([])
  })

  test("a session in a customer's account is expected if it has a purpose of the role and is for the project that is connected by the role", async () => {
    await enter(aws, 'suppression-propagation', 'propagate-suppression', {
      RoleSessionName: 'acme.suppress',
      ExternalId: externalId,
    })
    expect(await last(customersRole)).toMatchObject({
      by: 'role suppression-propagation',
      from: '127.0.0.1',
      project: 'acme',
      purpose: 'suppress',
      verdict: 'expected',
    })
    expect(alarmsIn(aws)).toEqual([])
  })

  test('a person of our account who assumes the operator role is expected', async () => {
    await assume(aws, aws.credentials.root(ours), { RoleArn: roleOf('operator'), RoleSessionName: 'jane' })
    expect(await last('operator')).toMatchObject({ by: 'person administrator', session: 'jane', verdict: 'expected' })
  })

  test('a refused attempt of the probe is expected', async () => {
    await failure(enter(aws, 'connection-probe', 'probe-connection', { RoleSessionName: 'acme.probe' }))
    expect(await last(customersRole)).toMatchObject({ refused: 'AccessDenied', verdict: 'expected' })
  })
})

describe('uses by Lambda’s pollers', () => {
  test.each(['suppression-propagation', 'notification-handler', 'role-audit'])(
    'a poller of Lambda that uses the role %s of a function with an event source or a destination is expected',
    async (role) => {
      await byLambda(role, 'awslambda_783_20180222015150438')
      expect(await last(role)).toMatchObject({ verdict: 'expected' })
      expect(alarmsIn(aws)).toEqual([])
    },
  )

  test.each([
    ['connection-probe', 'awslambda_783_20180222015150438'],
    ['suppression-propagation', 'awslambda_783_20180222015150438_more'],
    ['suppression-propagation', 'awslambda_evil'],
  ])('a session of %s named %s is unexpected', async (role, session) => {
    await byLambda(role, session)
    expect(await last(role)).toMatchObject({ verdict: 'unexpected', why: 'unknown session name' })
  })
})

describe('unexpected uses and their alarms', () => {
  test('an unknown function that runs as a role of ours is unexpected', async () => {
    await byLambda('notification-handler', 'sesame-dev-evil')
    expect(await last('notification-handler')).toMatchObject({ verdict: 'unexpected', why: 'unknown session name' })
    expect(alarmsIn(aws)).toMatchObject([{ role: 'notification-handler', why: 'unknown session name' }])
  })

  test('a caller from another account is unexpected', async () => {
    aws.roles.create(ours, {
      ...customersTrust('sesame-dev-us-east-1-open'),
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${customer}:root` }, Action: 'sts:AssumeRole' },
      },
    })
    await assume(aws, aws.credentials.root(customer), { RoleArn: roleOf('open') })
    expect(await last('open')).toMatchObject({ by: `account ${customer}`, why: 'unknown principal' })
  })

  test.each([
    ['a purpose that the role does not have', 'acme.prove', 'no intended session: unknown purpose'],
    ['a project that is not connected', 'other.suppress', 'no intended session: the project is not connected'],
    ['a session name that Sesame does not use', 'whatever', 'unknown session name'],
  ])("a session in a customer's account with %s is unexpected", async (_, RoleSessionName, why) => {
    const session = { RoleSessionName, ExternalId: externalId }
    await enter(aws, 'suppression-propagation', 'propagate-suppression', session)
    expect(await last(customersRole)).toMatchObject({ verdict: 'unexpected', why })
    expect(alarmsIn(aws)).toMatchObject([{ why }])
  })

  test("a session of another role than the project's is unexpected", async () => {
    const other = `arn:aws:iam::${customer}:role/sesame/other`
    aws.roles.create(customer, customersTrust('other'))
    const session = { RoleArn: other, RoleSessionName: 'acme.suppress', ExternalId: externalId }
    await enter(aws, 'suppression-propagation', 'propagate-suppression', session)
    expect(await last(other)).toMatchObject({ why: 'no intended session: not the role of the project' })
  })

  test('a person of our account who assumes a customer’s role is unexpected', async () => {
    const input = { RoleArn: customersRole, RoleSessionName: 'acme.suppress', ExternalId: externalId }
    await assume(aws, aws.credentials.root(ours), input)
    expect(await last(customersRole)).toMatchObject({ by: 'person administrator', why: 'unknown principal' })
  })

  test('a probe that could assume a customer’s role is unexpected', async () => {
    aws.roles.create(customer, customersTrust('open'))
    const RoleArn = `arn:aws:iam::${customer}:role/sesame/open`
    await enter(aws, 'connection-probe', 'probe-connection', { RoleArn, RoleSessionName: 'acme.probe' })
    expect(await last(RoleArn)).toMatchObject({ verdict: 'unexpected', why: 'let a stranger in' })
  })

  test('the probe that assumes its open control role is expected, and one that assumes the closed one is unexpected', async () => {
    const open = { RoleArn: roleOf('probe-control-open'), RoleSessionName: 'acme.probe' }
    await enter(aws, 'connection-probe', 'probe-connection', open)
    expect(await last('probe-control-open')).toMatchObject({ verdict: 'expected', by: 'role connection-probe' })
    const closed = {
      RoleArn: roleOf('probe-control-closed'),
      RoleSessionName: 'acme.probe',
      ExternalId: '0'.repeat(32),
    }
    await enter(aws, 'connection-probe', 'probe-connection', closed)
    expect(await last('probe-control-closed')).toMatchObject({ verdict: 'unexpected', why: 'let a stranger in' })
    await assume(aws, aws.credentials.root(ours), { RoleArn: open.RoleArn }).catch(() => undefined)
    expect(await last('probe-control-open')).toMatchObject({ verdict: 'expected' })
  })

  test('a person who assumes a role outside of the operator window is unexpected', async () => {
    const atNight = await watchedAws({ SESAME_OPERATOR_WINDOW: '06:00-20:00' })
    await assume(atNight, atNight.credentials.root(ours), { RoleArn: roleOf('operator') })
    expect((await usesOf(atNight, 'operator')).at(-1)).toMatchObject({ why: 'outside the window' })
    atNight.clock.advance(3_600_000)
    await assume(atNight, atNight.credentials.root(ours), { RoleArn: roleOf('operator') })
    expect((await usesOf(atNight, 'operator')).map(({ verdict }) => verdict)).toEqual(['unexpected', 'expected'])
  })

  test('a burst of refusals raises one alarm however many follow, and single refusals are only recorded', async () => {
    const refuse = async () =>
      failure(
        enter(aws, 'suppression-propagation', 'propagate-suppression', {
          RoleSessionName: 'acme.suppress',
          ExternalId: 'wrong',
        }),
      )
    for (let i = 0; i < 4; i++) await refuse()
    expect(await last(customersRole)).toMatchObject({ refused: 'AccessDenied', verdict: 'expected' })
    expect(alarmsIn(aws)).toEqual([])
    for (let i = 0; i < 4; i++) await refuse()
    await aws.settled()
    expect(alarmsIn(aws)).toMatchObject([{ role: customersRole, why: 'refused 5 times or more within 10 minutes' }])
  })

  test('repeated proofs raise no alarm, because each intends to be refused and reports its own result', async () => {
    const prove = async () =>
      failure(
        enter(aws, 'configuration-management', 'manage-connection', {
          RoleSessionName: 'acme.probe',
          ExternalId: 'resembling',
        }),
      )
    for (let i = 0; i < 12; i++) await prove()
    await aws.settled()
    expect(alarmsIn(aws)).toEqual([])
    expect(await last(customersRole)).toMatchObject({ refused: 'AccessDenied', verdict: 'expected' })
  })
})

describe('records of CloudTrail', () => {
  const eventOf = (record: object) => ({
    source: 'aws.sts',
    account: ours,
    'detail-type': 'AWS API Call via CloudTrail',
    detail: record,
  })
  const repeatAll = async () => {
    for (const record of aws.cloudtrail.records.filter(({ recipientAccountId }) => recipientAccountId === ours))
      aws.eventbridge.publishAwsEvent('aws.sts', 'AWS API Call via CloudTrail', record, aws.clock.now())
    await aws.settled()
  }

  test('a repeated record changes nothing and raises no second alarm', async () => {
    await byLambda('notification-handler', 'sesame-dev-evil')
    await aws.settled()
    const before = await aws.dynamodb.items(table)
    await repeatAll()
    expect(await aws.dynamodb.items(table)).toEqual(before)
    expect(alarmsIn(aws)).toHaveLength(1)
  })

  test('a record whose alarm EventBridge rejected raises it when it is delivered again', async () => {
    aws.eventbridge.failEntries(1)
    await byLambda('notification-handler', 'sesame-dev-evil')
    await aws.settled()
    expect(alarmsIn(aws)).toHaveLength(1)
  })

  test('table, log and alarm contain no external id, session token or key of a record', async () => {
    await enter(aws, 'suppression-propagation', 'propagate-suppression', {
      RoleSessionName: 'stranger@example.com',
      ExternalId: externalId,
    })
    await aws.settled()
    const shown = JSON.stringify([aws.lambda.logLines('sesame-dev-audit-role-use'), alarmsIn(aws)])
    const kept = JSON.stringify(await aws.dynamodb.items(table))
    expect(JSON.stringify(aws.cloudtrail.records)).toContain(externalId)
    for (const text of [shown, kept]) expect(text).not.toMatch(new RegExp(`${externalId}|ASIA|sessionToken`))
    expect(shown).not.toContain('@')
  })

  test('a record of a role that is not Sesame’s is not kept', async () => {
    aws.roles.create(customer, { ...customersTrust('theirs'), Path: '/' })
    const RoleArn = `arn:aws:iam::${customer}:role/theirs`
    await assume(aws, aws.credentials.root(ours), { RoleArn })
    expect(await usesOf(aws, RoleArn)).toEqual([])
  })

  test('a malformed record fails with an error that names the field and not its value', async () => {
    const invoke = (detail: object) =>
      aws.callAsService(
        'events.amazonaws.com',
        { sourceArn: `arn:aws:events:us-east-1:${ours}:rule/sesame-dev-audit-role-use`, sourceAccount: ours },
        'lambda',
        'Invoke',
        {
          FunctionName: 'sesame-dev-audit-role-use',
          Payload: new Uint8Array(Buffer.from(JSON.stringify(eventOf(detail)))),
        },
      )
    expect(await invoke({ eventName: 'AssumeRole', eventID: 'secret person' })).toMatchObject({
      FunctionError: 'Unhandled',
    })
    const lines = aws.lambda.logLines('sesame-dev-audit-role-use')
    expect(lines.at(-1)).toMatch(/MalformedRecordError.*detail\.eventID/)
    expect(lines.join()).not.toContain('secret')
  })
})

test('an event that cannot be recorded is kept in the dead-letter queue, by the function or, if the rule cannot invoke it, by the rule', async () => {
  const countDeadLetters = async () => {
    const sqs = new SQSClient(aws.clientConfig(aws.credentials.root(ours)))
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'sesame-dev-audit-role-use-dead-letters' }))
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    return Messages.length
  }
  const record = {
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    requestParameters: { roleArn: customersRole },
  }
  aws.eventbridge.publishAwsEvent('aws.sts', 'AWS API Call via CloudTrail', record, aws.clock.now())
  await aws.settled()
  expect(await countDeadLetters()).toBe(1)
  const permissions = aws.lambda.functions.get('sesame-dev-audit-role-use')?.permissions
  permissions?.splice(0)
  aws.eventbridge.publishAwsEvent('aws.sts', 'AWS API Call via CloudTrail', record, aws.clock.now())
  await aws.settled()
  expect(await countDeadLetters()).toBe(1)
})

describe('the role role-audit', () => {
  const client = async () => aws.clientConfig(await byLambda('role-audit', 'sesame-dev-audit-role-use'))

  test('role-audit may read the role of a connection but not its external id', async () => {
    const dynamodb = new DynamoDBClient(await client())
    const query = (more: object) =>
      dynamodb.send(
        new QueryCommand({
          TableName: 'sesame-dev-projects',
          KeyConditionExpression: 'id = :id AND facet = :facet',
          ExpressionAttributeValues: { ':id': { S: 'acme' }, ':facet': { S: 'connection' } },
          ...more,
        }),
      )
    expect((await query({ ProjectionExpression: 'account, roleArn' })).Items).toHaveLength(1)
    expect(await failure(query({}))).toMatchObject({ name: 'AccessDeniedException' })
    expect(await failure(query({ ProjectionExpression: 'externalId' }))).toMatchObject({
      name: 'AccessDeniedException',
    })
  })

  test('role-audit may not delete uses, publish any event but its alarm, or assume a role', async () => {
    const config = await client()
    const Key = { role: { S: 'operator' }, use: { S: 'x' } }
    expect(
      await failure(new DynamoDBClient(config).send(new DeleteItemCommand({ TableName: table, Key }))),
    ).toMatchObject({ name: 'AccessDeniedException' })
    const entry = { EventBusName: 'sesame-dev', Source: 'sesame', DetailType: 'Address Suppressed', Detail: '{}' }
    expect(await failure(new EventBridgeClient(config).send(new PutEventsCommand({ Entries: [entry] })))).toMatchObject(
      { name: expect.stringMatching(/^AccessDenied/) },
    )
    expect(
      await failure(assume(aws, config.credentials, { RoleArn: customersRole, ExternalId: externalId })),
    ).toMatchObject({ name: 'AccessDenied' })
  })
})
