/** A project is held while SES sends nothing for its account. */
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { STSClient } from '@aws-sdk/client-sts'
import { beforeAll, expect, test } from 'vitest'
import { createProjectData, type DataAccess } from '../../src/access/session/project-data.ts'
import { holdBySesOf } from '../../src/sending/hold-by-ses.ts'
import { failure } from '../local/sign-in.ts'
import { ACME, type ApiStack, apiStack } from './api-stack.ts'

let stack: ApiStack
let count = 0
beforeAll(async () => {
  stack = await apiStack()
  await stack.connect('acme', ACME)
})

const send = async () =>
  stack.call({
    path: '/projects/acme/messages',
    headers: { 'idempotency-key': `key-${count++}` },
    body: { from: 'hello@acme.example', to: ['a@example.com'], subject: 'Hi', text: 'Hi' },
  })

test('a paused account holds its project with the reason, and the project sends again after SES does', async () => {
  const set = stack.aws.ses.account(ACME).configurationSets.get('sesame-acme')
  if (!set) throw new Error('There is no configuration set')
  expect((await send()).body.outcomes).toMatchObject([{ state: 'sent' }])
  set.sendingEnabled = false
  expect(await send()).toMatchObject({ status: 409, body: { type: 'urn:sesame:problem:sending-paused' } })
  // The state of a project is known for ten seconds.
  stack.clock.advance(11_000)
  const [held] = [(await send()).body.outcomes].flat().map(Object)
  expect(held).toMatchObject({
    state: 'refused',
    reason: 'project held',
    until: '2026-03-04T05:11:07.000Z',
    detail: expect.stringContaining('the owner of the account resumes it'),
  })
  const checked = await stack.call({
    path: '/projects/acme/suppressions/check',
    body: { addresses: ['a@example.com'] },
  })
  expect(checked.body.outcomes).toMatchObject([{ state: 'refused', reason: 'project held' }])

  // Still paused: the hold is renewed.
  stack.clock.advance(300_000)
  expect((await send()).status).toBe(409)
  stack.clock.advance(11_000)
  expect((await send()).body.outcomes).toMatchObject([{ state: 'refused', until: '2026-03-04T05:16:18.000Z' }])

  set.sendingEnabled = true
  stack.clock.advance(300_000)
  expect((await send()).body.outcomes).toMatchObject([{ state: 'sent' }])
})

test('only a refusal of the account holds a project, and each reason names who lifts it', () => {
  const now = new Date('2026-03-04T05:06:07Z')
  expect(holdBySesOf('account-suspended', now)?.why).toContain('only AWS Support lifts that')
  expect(holdBySesOf('message-rejected', now)).toBeUndefined()
  expect(holdBySesOf('rate-exceeded', now)).toBeUndefined()
})

test('a session that sends may hold its own project, and is refused settings and other projects', async () => {
  const { aws, clock } = stack
  async function dataOf(access: DataAccess, name: string) {
    const session = await aws.assumeAsService('lambda.amazonaws.com', aws.functions.get(name)?.roleArn ?? '', 'test')
    const roleArn = `arn:aws:iam::${aws.account}:role/sesame/sesame-dev-us-east-1-project-data`
    const sts = new STSClient(aws.clientConfig(session))
    return createProjectData(
      sts,
      { roleArn, access },
      (given) => new DynamoDBClient(aws.clientConfig(given)),
      clock.now,
    )('acme')
  }
  const set = (dynamodb: DynamoDBClient, project: string, attribute: string) =>
    dynamodb.send(
      new UpdateItemCommand({
        TableName: 'sesame-dev-projects',
        Key: { id: { S: project }, facet: { S: 'hold' } },
        UpdateExpression: 'SET #attribute = :value',
        ExpressionAttributeNames: { '#attribute': attribute },
        ExpressionAttributeValues: {
          ':value': { S: '{"since":"2026-03-01T00:00:00.000Z","why":"x","until":"2026-03-01T00:00:01.000Z"}' },
        },
      }),
    )
  const sender = await dataOf('send', 'send-email')
  await set(sender, 'acme', 'heldBySes')
  for (const [project, attribute] of [
    ['globex', 'heldBySes'],
    ['acme', 'settings'],
    ['acme', 'heldByOperator'],
  ] as const)
    expect((await failure(set(sender, project, attribute))).name).toBe('AccessDeniedException')
  expect((await failure(set(await dataOf('read', 'read-suppressions'), 'acme', 'heldBySes'))).name).toBe(
    'AccessDeniedException',
  )
})
