import { createHash } from 'node:crypto'
import { DescribeTableCommand, DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import type { AwsCredentials } from '../../local/service.ts'
import { assume, failure } from './sign-in.ts'
import { smallTable, smallTemplate, writerArn } from './small-template.ts'

const customer = '111122223333'
const externalId = 'sesame-5f2d8c0f9b7e4a61'
const customerArn = `arn:aws:iam::${customer}:role/access`

let aws: Aws
let root: AwsCredentials
const clock = createManualClock(new Date('2026-03-04T05:06:07Z'))

beforeEach(async () => {
  aws = await startAws({ template: smallTemplate, clock })
  root = aws.credentials.root(aws.account)
})

const assumeRole = (by: AwsCredentials, input: Partial<AssumeRoleCommandInput>) =>
  new STSClient({ ...aws.clientConfig(by), maxAttempts: 1 }).send(
    new AssumeRoleCommand({ RoleArn: writerArn, RoleSessionName: 'test', ...input }),
  )

/** A role of ours that may assume the customer's role only with an external id. */
function makeEntrant(name = 'entrant', path = '/sesame/') {
  return aws.roles.create(aws.account, {
    RoleName: name,
    Path: path,
    AssumeRolePolicyDocument: trust({ AWS: aws.account }),
    Policies: [
      {
        PolicyName: 'enter',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: {
            Sid: 'EnterCustomers',
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Resource: '*',
            Condition: { Null: { 'sts:ExternalId': 'false' } },
          },
        },
      },
    ],
  })
}

function makeCustomer(statement: object = {}) {
  return aws.roles.create(customer, {
    RoleName: 'access',
    MaxSessionDuration: 7200,
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${aws.account}:root` },
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: { 'sts:ExternalId': externalId },
          ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${aws.account}:role/sesame/*` },
        },
        ...statement,
      },
    },
  })
}

const trust = (principal: object) => ({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' },
})

describe('a customer role', () => {
  test('a customer role admits the right role with the right external id, and the session is the customer role', async () => {
    makeCustomer()
    const entrant = await assume(aws, root, { RoleArn: makeEntrant().arn, RoleSessionName: 'propagate' })
    const session = await assume(aws, entrant, {
      RoleArn: customerArn,
      ExternalId: externalId,
      RoleSessionName: 'sesame',
    })
    const who = await new STSClient(aws.clientConfig(session)).send(new GetCallerIdentityCommand({}))
    expect(who).toMatchObject({ Account: customer, Arn: `arn:aws:sts::${customer}:assumed-role/access/sesame` })
    expect(who.UserId).toMatch(/^AROA[A-Z2-7]{17}:sesame$/)
  })

  test('a customer role refuses a wrong id, no id, another role and another account with the same error, without a reason', async () => {
    makeCustomer()
    const entrant = await assume(aws, root, { RoleArn: makeEntrant().arn })
    const elsewhere = await assume(aws, root, { RoleArn: makeEntrant('outsider', '/other/').arn })
    const attempts: [AwsCredentials, string | undefined][] = [
      [entrant, 'wrong-id'],
      [entrant, undefined],
      [elsewhere, externalId],
      [root, externalId],
      [aws.credentials.root('444455556666'), externalId],
    ]
    for (const [by, id] of attempts) {
      const refusal = await failure(assumeRole(by, { RoleArn: customerArn, ...(id && { ExternalId: id }) }))
      expect(refusal).toMatchObject({ name: 'AccessDenied', status: 403 })
      expect(refusal.message).toMatch(
        /^User: arn:aws:\S+ is not authorized to perform: sts:AssumeRole on resource: \S+$/,
      )
    }
    const absent = await failure(assumeRole(entrant, { RoleArn: `${customerArn}-absent`, ExternalId: externalId }))
    expect(absent).toMatchObject({ name: 'AccessDenied', status: 403 })
  })

  test('a customer role that requires no id still refuses our role without one, by our own policy', async () => {
    makeCustomer({ Condition: {} })
    const entrant = await assume(aws, root, { RoleArn: makeEntrant().arn })
    expect((await failure(assumeRole(entrant, { RoleArn: customerArn }))).name).toBe('AccessDenied')
    await expect(assumeRole(root, { RoleArn: customerArn })).resolves.toBeDefined()
  })

  test('a customer role that trusts a role by name refuses a later role of that name', async () => {
    const entrant = makeEntrant()
    makeCustomer({ Principal: { AWS: entrant.arn }, Condition: {} })
    const first = await assume(aws, root, { RoleArn: entrant.arn })
    await expect(assumeRole(first, { RoleArn: customerArn, ExternalId: externalId })).resolves.toBeDefined()
    aws.roles.delete(entrant.arn)
    const recreated = makeEntrant()
    expect(recreated.arn).toBe(entrant.arn)
    const second = await assume(aws, root, { RoleArn: recreated.arn })
    expect((await failure(assumeRole(second, { RoleArn: customerArn, ExternalId: externalId }))).name).toBe(
      'AccessDenied',
    )
  })

  test('a customer role cannot trust a role that does not exist', () => {
    const statement = { Principal: { AWS: `arn:aws:iam::${aws.account}:role/nobody` } }
    expect(() => makeCustomer(statement)).toThrow('Invalid principal in policy')
  })
})

describe('the duration of a session', () => {
  test('a session lasts from 900 seconds to the maximum of the role, and other durations are refused', async () => {
    makeCustomer({ Condition: {} })
    const assumeFor = (DurationSeconds: number) => assumeRole(root, { RoleArn: customerArn, DurationSeconds })
    const { Credentials: credentials } = await assumeFor(7200)
    expect(credentials?.Expiration).toEqual(new Date(clock.now().getTime() + 7_200_000))
    expect(await failure(assumeFor(899))).toMatchObject({
      name: 'ValidationError',
      message:
        "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    })
    expect((await failure(assumeFor(43201))).message).toContain('less than or equal to 43200')
    expect((await failure(assumeFor(7201))).message).toBe(
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    )
  })

  test('a session by role chaining lasts at most one hour', async () => {
    makeCustomer({ Condition: {} })
    const entrant = await assume(aws, root, { RoleArn: makeEntrant().arn })
    const assumeFor = (DurationSeconds: number) =>
      assumeRole(entrant, { RoleArn: customerArn, ExternalId: externalId, DurationSeconds })
    await expect(assumeFor(3600)).resolves.toBeDefined()
    expect(await failure(assumeFor(3601))).toMatchObject({
      name: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    })
  })
})

describe('a session policy', () => {
  const policy = (action: string) =>
    JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: action, Resource: '*' } })
  const write = (credentials: AwsCredentials) =>
    new DynamoDBClient(aws.clientConfig(credentials)).send(
      new PutItemCommand({ TableName: smallTable, Item: { project: { S: 'p' }, address: { S: 'a' } } }),
    )

  test('a session policy limits the session and adds nothing, so the rest is refused', async () => {
    const cut = await assume(aws, root, { RoleArn: writerArn, Policy: policy('dynamodb:UpdateItem') })
    const refusal = await failure(write(cut))
    expect(refusal).toMatchObject({ name: 'AccessDeniedException', status: 400 })
    expect(refusal.message).toContain('because no session policy allows the dynamodb:PutItem action')
    const wide = await assume(aws, root, { RoleArn: writerArn, Policy: policy('dynamodb:*') })
    await expect(write(wide)).resolves.toBeDefined()
    const describeTable = new DynamoDBClient(aws.clientConfig(wide)).send(
      new DescribeTableCommand({ TableName: smallTable }),
    )
    expect((await failure(describeTable)).message).toContain('because no identity-based policy allows')
  })

  test('a session policy that is invalid, too long or too dense is refused', async () => {
    expect(await failure(assumeRole(root, { Policy: '{"Statement": 1}' }))).toMatchObject({
      name: 'MalformedPolicyDocumentException',
      status: 400,
    })
    expect((await failure(assumeRole(root, { Policy: 'x'.repeat(2049) }))).message).toContain(
      'less than or equal to 2048',
    )
    const random = Array.from({ length: 21 }, (_, index) => createHash('sha512').update(`${index}`).digest('base64'))
    const Statement = { Sid: random.join(''), Effect: 'Allow', Action: 'ses:*', Resource: '*' }
    const dense = JSON.stringify({ Version: '2012-10-17', Statement })
    expect(dense.length).toBeLessThanOrEqual(2048)
    expect((await failure(assumeRole(root, { Policy: dense }))).name).toBe('PackedPolicyTooLargeException')
    const { PackedPolicySize: size } = await assumeRole(root, { Policy: policy('ses:*') })
    expect(size).toBeGreaterThan(0)
    expect(size).toBeLessThan(20)
  })
})

describe('AssumeRole', () => {
  test('AssumeRole refuses parameters that break their constraints', async () => {
    const invalidInputs: [Partial<AssumeRoleCommandInput>, string][] = [
      [{ RoleSessionName: 'x' }, "at 'roleSessionName'"],
      [{ RoleSessionName: 'with space' }, "at 'roleSessionName'"],
      [{ RoleSessionName: 'x'.repeat(65) }, "at 'roleSessionName'"],
      [{ ExternalId: 'a' }, "at 'externalId'"],
      [{ ExternalId: 'what?' }, "at 'externalId'"],
      [{ ExternalId: 'x'.repeat(1225) }, "at 'externalId'"],
      [{ SourceIdentity: 'no/slash' }, "at 'sourceIdentity'"],
      [{ RoleArn: 'arn:aws:iam::123:role/x' }, 'ARN is invalid'],
      [{ TransitiveTagKeys: ['a'] }, 'does not support the parameter TransitiveTagKeys'],
      [{ Tags: [{ Key: 'a?', Value: 'b' }] }, 'rules of session tags'],
    ]
    for (const [input, message] of invalidInputs) {
      const refusal = await failure(assumeRole(root, input))
      expect(refusal).toMatchObject({ name: 'ValidationError', status: 400 })
      expect(refusal.message).toContain(message)
      expect(refusal.message).not.toContain('what?')
    }
  })

  test('a service can assume a role that trusts it, and no other service can', async () => {
    const session = await aws.assumeAsService('lambda.amazonaws.com', writerArn, 'record-bounce')
    const update = new UpdateItemCommand({ TableName: smallTable, Key: { project: { S: 'p' }, address: { S: 'a' } } })
    await expect(new DynamoDBClient(aws.clientConfig(session)).send(update)).resolves.toBeDefined()
    await expect(aws.assumeAsService('ec2.amazonaws.com', writerArn, 'record-bounce')).rejects.toThrow(
      'User: ec2.amazonaws.com is not authorized',
    )
  })
})

test('sessions of a deleted role lose their permissions and are refused', async () => {
  const session = await assume(aws, root, { RoleArn: writerArn })
  const update = new UpdateItemCommand({ TableName: smallTable, Key: { project: { S: 'p' }, address: { S: 'a' } } })
  const client = new DynamoDBClient(aws.clientConfig(session))
  await client.send(update)
  aws.roles.delete(writerArn)
  expect((await failure(client.send(update))).name).toBe('AccessDeniedException')
})
