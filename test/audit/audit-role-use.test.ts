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

describe('what is expected', () => {
  test('is a function that Lambda runs under the role made for it', async () => {
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

  test("is our entering a customer's account for a purpose, as the project that is connected by the role", async () => {
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

  test('is a person of our account in the role of operators', async () => {
    await assume(aws, aws.credentials.root(ours), { RoleArn: roleOf('operator'), RoleSessionName: 'jane' })
    expect(await last('operator')).toMatchObject({ by: 'person administrator', session: 'jane', verdict: 'expected' })
  })

  test('is that a stranger is refused, as the probe tries', async () => {
    await failure(enter(aws, 'connection-probe', 'probe-connection', { RoleSessionName: 'acme.probe' }))
    expect(await last(customersRole)).toMatchObject({ refused: 'AccessDenied', verdict: 'expected' })
  })
})

describe('what is unexpected, and raises an alarm', () => {
  test('is a function that we do not know, under a role of ours', async () => {
    await byLambda('notification-handler', 'sesame-dev-evil')
    expect(await last('notification-handler')).toMatchObject({ verdict: 'unexpected', why: 'unknown session name' })
    expect(alarmsIn(aws)).toMatchObject([{ role: 'notification-handler', why: 'unknown session name' }])
  })

  test('is a caller that has no business with the role: another account, another service', async () => {
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
    ['a purpose that the role has not', 'acme.prove', 'no intended session: unknown purpose'],
    ['a project that is not connected', 'other.suppress', 'no intended session: the project is not connected'],
    ['a name that we would not have given', 'whatever', 'unknown session name'],
  ])("is our entering a customer's account with %s", async (_, RoleSessionName, why) => {
    const session = { RoleSessionName, ExternalId: externalId }
    await enter(aws, 'suppression-propagation', 'propagate-suppression', session)
    expect(await last(customersRole)).toMatchObject({ verdict: 'unexpected', why })
    expect(alarmsIn(aws)).toMatchObject([{ why }])
  })

  test("is our entering another role than the project's", async () => {
    const other = `arn:aws:iam::${customer}:role/sesame/other`
    aws.roles.create(customer, customersTrust('other'))
    const session = { RoleArn: other, RoleSessionName: 'acme.suppress', ExternalId: externalId }
    await enter(aws, 'suppression-propagation', 'propagate-suppression', session)
    expect(await last(other)).toMatchObject({ why: 'no intended session: not the role of the project' })
  })

  test('is anybody else of our account in a role of a customer', async () => {
    const input = { RoleArn: customersRole, RoleSessionName: 'acme.suppress', ExternalId: externalId }
    await assume(aws, aws.credentials.root(ours), input)
    expect(await last(customersRole)).toMatchObject({ by: 'person administrator', why: 'unknown principal' })
  })

  test('is that a stranger is let in', async () => {
    aws.roles.create(customer, customersTrust('open'))
    const RoleArn = `arn:aws:iam::${customer}:role/sesame/open`
    await enter(aws, 'connection-probe', 'probe-connection', { RoleArn, RoleSessionName: 'acme.probe' })
    expect(await last(RoleArn)).toMatchObject({ verdict: 'unexpected', why: 'let a stranger in' })
  })

  test('is a person outside of the hours for people', async () => {
    const atNight = await watchedAws({ SESAME_OPERATOR_WINDOW: '06:00-20:00' })
    await assume(atNight, atNight.credentials.root(ours), { RoleArn: roleOf('operator') })
    expect((await usesOf(atNight, 'operator')).at(-1)).toMatchObject({ why: 'outside the window' })
    atNight.clock.advance(3_600_000)
    await assume(atNight, atNight.credentials.root(ours), { RoleArn: roleOf('operator') })
    expect((await usesOf(atNight, 'operator')).map(({ verdict }) => verdict)).toEqual(['unexpected', 'expected'])
  })

  test('is a burst of refusals, told once however many follow; single ones are only kept', async () => {
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

  test('is no proof that is repeated: it wants to be refused, and says itself what is wrong', async () => {
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

describe('the record', () => {
  const told = (record: object) => ({
    source: 'aws.sts',
    account: ours,
    'detail-type': 'AWS API Call via CloudTrail',
    detail: record,
  })
  const again = async () => {
    for (const record of aws.cloudtrail.records.filter(({ recipientAccountId }) => recipientAccountId === ours))
      aws.eventbridge.publishAwsEvent('aws.sts', 'AWS API Call via CloudTrail', record, aws.clock.now())
    await aws.settled()
  }

  test('that comes again changes nothing, and raises no alarm again', async () => {
    await byLambda('notification-handler', 'sesame-dev-evil')
    await aws.settled()
    const before = await aws.dynamodb.items(table)
    await again()
    expect(await aws.dynamodb.items(table)).toEqual(before)
    expect(alarmsIn(aws)).toHaveLength(1)
  })

  test('whose alarm the bus did not take raises it when it comes again', async () => {
    aws.eventbridge.failEntries(1)
    await byLambda('notification-handler', 'sesame-dev-evil')
    await aws.settled()
    expect(alarmsIn(aws)).toHaveLength(1)
  })

  test('leaves no external id, session token or key anywhere: not in the table, the log or the alarm', async () => {
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

  test('of a role that is none of Sesame’s is not kept', async () => {
    aws.roles.create(customer, { ...customersTrust('theirs'), Path: '/' })
    const RoleArn = `arn:aws:iam::${customer}:role/theirs`
    await assume(aws, aws.credentials.root(ours), { RoleArn })
    expect(await usesOf(aws, RoleArn)).toEqual([])
  })

  test('that cannot be read fails, and says which field, never what stands in it', async () => {
    const invoke = (detail: object) =>
      aws.callAsService(
        'events.amazonaws.com',
        { sourceArn: `arn:aws:events:us-east-1:${ours}:rule/sesame-dev-audit-role-use`, sourceAccount: ours },
        'lambda',
        'Invoke',
        {
          FunctionName: 'sesame-dev-audit-role-use',
          Payload: new Uint8Array(Buffer.from(JSON.stringify(told(detail)))),
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

test('what can never be recorded is kept among the dead letters, by the function or, where that cannot be reached, by the rule', async () => {
  const letters = async () => {
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
  expect(await letters()).toBe(1)
  const permissions = aws.lambda.functions.get('sesame-dev-audit-role-use')?.permissions
  permissions?.splice(0)
  aws.eventbridge.publishAwsEvent('aws.sts', 'AWS API Call via CloudTrail', record, aws.clock.now())
  await aws.settled()
  expect(await letters()).toBe(1)
})

describe('the role of the watcher', () => {
  const client = async () => aws.clientConfig(await byLambda('role-audit', 'sesame-dev-audit-role-use'))

  test('reads which role a connection has, and may not read its external id', async () => {
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

  test('may not delete, say anything but its alarm, or enter an account', async () => {
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
