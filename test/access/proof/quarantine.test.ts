import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { beforeEach, describe, expect, test } from 'vitest'
import { QuarantinedError } from '../../../src/projects/connection.ts'
import { createConnections } from '../../../src/projects/connections.ts'
import { createProofs } from '../../../src/projects/proofs.ts'
import { OURS, provenAccount, type Stack } from './proven-account.ts'

const open = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${OURS}:root` }, Action: 'sts:AssumeRole' },
}
const table = 'sesame-dev-projects'

let stack: Stack
let acme: Awaited<ReturnType<Stack['connect']>>
beforeEach(async () => {
  stack = await provenAccount()
  await stack.identity()
  acme = await stack.connect('acme', { features: ['reading', 'suppression'] })
  stack.makeRole(acme.roleInput)
  await stack.attach('acme', acme.roleArn)
})

const dynamodb = () => new DynamoDBClient(stack.aws.clientConfig(stack.aws.credentials.root(OURS)))
const connection = () => createConnections(dynamodb(), table)
/** Published events about connections. The audit of roles publishes events about open roles too. */
const published = () =>
  stack.aws.eventbridge.events
    .filter((event) => event['detail-type'].startsWith('Connection '))
    .map(({ source, detail, ...event }) => [source, event['detail-type'], detail])
/** Runs the hourly proofs for a day: each connection is due once. */
const day = async () => {
  for (let hours = 0; hours < 24; hours++) await stack.hour()
}
const lines = () =>
  stack.aws.lambda
    .logLines('sesame-dev-prove-connections')
    .map((line): Record<string, unknown> => JSON.parse(line))
    .filter((line) => 'project' in line)

describe('a connection whose role became open', () => {
  beforeEach(async () => {
    stack.makeRole(acme.roleInput, { AssumeRolePolicyDocument: open })
    await day()
  })

  test('an open role quarantines its connection within a day: it cannot be used, and an event is published', async () => {
    await expect(connection().usable('acme')).rejects.toBeInstanceOf(QuarantinedError)
    const found = await connection().find('acme')
    expect(found).toMatchObject({
      state: 'quarantined',
      quarantine: { why: 'trust: the role can be assumed without an external id' },
    })
    expect(published()).toMatchObject([
      [
        'sesame',
        'Connection Quarantined',
        {
          project: 'acme',
          region: 'us-east-1',
          why: 'trust: the role can be assumed without an external id',
          since: found?.quarantine?.since.toISOString(),
        },
      ],
    ])
    expect(lines()).toMatchObject([{ project: 'acme', outcome: 'quarantined' }])
    const logged = stack.aws.lambda.logLines('sesame-dev-prove-connections')
    expect(JSON.stringify([published(), logged])).not.toContain(acme.externalId)
  })

  test('a quarantine is published again every day, with its start', async () => {
    const since = (await connection().find('acme'))?.quarantine?.since
    await day()
    expect(published()).toHaveLength(2)
    expect(published()[1]).toMatchObject(['sesame', 'Connection Quarantined', { since: since?.toISOString() }])
  })

  test('the next proof that passes ends the quarantine, whether the doctor or the daily run makes it', async () => {
    stack.makeRole(acme.roleInput)
    expect(await stack.prove('acme')).toMatchObject({ conclusion: 'passed', state: 'proven' })
    expect(await connection().usable('acme')).toMatchObject({ state: 'proven' })
    expect(published().map(([, type]) => type)).toEqual(['Connection Quarantined', 'Connection Restored'])
    stack.makeRole(acme.roleInput, { AssumeRolePolicyDocument: open })
    await day()
    stack.makeRole(acme.roleInput)
    await day()
    expect(
      published()
        .map(([, type]) => type)
        .slice(2),
    ).toEqual(['Connection Quarantined', 'Connection Restored'])
  })

  test('the history keeps the dates of a quarantine, and its proofs contain no external id', async () => {
    stack.makeRole(acme.roleInput)
    await stack.prove('acme')
    const proofs = await Array.fromAsync(createProofs(dynamodb(), table).of('acme'))
    expect(proofs.map(({ why }) => why)).toEqual([
      undefined,
      'trust: the role can be assumed without an external id',
      undefined,
    ])
    expect(JSON.stringify(proofs)).not.toContain(acme.externalId)
  })
})

test.each([
  ['whose role was deleted', () => stack.aws.roles.delete(acme.roleArn), /^trust: /],
  ['whose role lost a permission', () => stack.makeRole(acme.roleInput, { Policies: [] }), /^permissions: /],
  [
    'whose role requires another id',
    () => stack.makeRole({ ...acme.roleInput, externalId: '0'.repeat(32) }),
    /^trust: /,
  ],
])('a connection %s is quarantined', async (_, breaking, why) => {
  breaking()
  await day()
  expect((await connection().find('acme'))?.quarantine?.why).toMatch(why)
})

test('a healthy connection is proven every day, and no event is published', async () => {
  await day()
  await day()
  expect(lines()).toMatchObject([{ outcome: 'proven' }, { outcome: 'proven' }])
  expect(published()).toEqual([])
})

test('a probe that does not answer quarantines no connection', async () => {
  stack.aws.lambda.functions
    .get('sesame-dev-probe-connection')
    ?.crashes.push(...Array.from({ length: 9 }, () => ({ afterCalls: 0 })))
  const proof = await stack.prove('acme')
  expect(proof).toMatchObject({ conclusion: 'open', state: 'proven' })
  expect(await connection().usable('acme')).toMatchObject({ state: 'proven' })
  expect(await Array.fromAsync(createProofs(dynamodb(), table).of('acme'))).toHaveLength(1)
  const beta = await stack.connect('beta')
  stack.makeRole(beta.roleInput)
  expect(await stack.attach('beta', beta.roleArn)).toMatchObject({ attached: false, conclusion: 'open' })
})

test('the proof retries calls that SES throttles for a moment; persistent throttling quarantines no connection', async () => {
  const { throttle } = stack.aws.ses.account('111122223333')
  throttle.next = 4
  expect(await stack.prove('acme')).toMatchObject({ conclusion: 'passed' })
  throttle.perSecond = 0
  const proof = await stack.prove('acme')
  expect(proof).toMatchObject({
    conclusion: 'open',
    state: 'proven',
    why: expect.stringMatching(/throttles the calls/),
  })
  const notTried = proof.steps.filter(({ found }) => found === 'not tried: SES does not answer now')
  expect(notTried.length).toBeGreaterThan(3)
  expect(await connection().usable('acme')).toMatchObject({ state: 'proven' })
})

test('after a rotation, the first id is retired once the role accepts the second', async () => {
  const { done } = await stack.ask({ do: 'rotate', project: 'acme' })
  const next = /"nextExternalId":"(\w+)"/.exec(JSON.stringify(done))?.[1] ?? ''
  const before = await stack.prove('acme')
  expect(before).toMatchObject({ conclusion: 'passed' })
  expect(before.steps[2]).toMatchObject({ found: expect.stringMatching(/with the first id: the customer has yet/) })
  stack.makeRole({ ...acme.roleInput, nextExternalId: next })
  expect((await stack.prove('acme')).steps[2]).toMatchObject({
    found: expect.stringMatching(/the first can be retired/),
  })
  const after = await connection().find('acme')
  expect(after).toMatchObject({ externalId: next, state: 'proven' })
  expect(after).not.toHaveProperty('nextExternalId')
})

test('a connection that was never attached can be proven, but not used', async () => {
  await stack.connect('beta')
  expect(await stack.prove('beta')).toMatchObject({
    conclusion: 'failed',
    state: 'waiting',
    steps: [{ layer: 'arn', verdict: 'failed' }, {}, {}, {}, {}, {}, {}],
  })
  await expect(connection().usable('beta')).rejects.toThrow(/never proven/)
  expect((await stack.ask({ do: 'prove', project: 'gamma' })).refused?.message).toMatch(/not connected/)
})
