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
  stack.makeRole(acme.guest)
  await stack.attach('acme', acme.roleArn)
})

const dynamodb = () => new DynamoDBClient(stack.aws.clientConfig(stack.aws.credentials.root(OURS)))
const connection = () => createConnections(dynamodb(), table)
/** What was told of connections; of roles that let strangers in, the audit of roles tells too. */
const told = () =>
  stack.aws.eventbridge.events
    .filter((event) => event['detail-type'].startsWith('Connection '))
    .map(({ source, detail, ...event }) => [source, event['detail-type'], detail])
/** A day of hours: the connection's turn is among them. */
const day = async () => {
  for (let hours = 0; hours < 24; hours++) await stack.hour()
}
const lines = () =>
  stack.aws.lambda
    .logLines('sesame-dev-prove-connections')
    .map((line): Record<string, unknown> => JSON.parse(line))
    .filter((line) => 'project' in line)

describe('a connection that loosened', () => {
  beforeEach(async () => {
    stack.makeRole(acme.guest, { AssumeRolePolicyDocument: open })
    await day()
  })

  test('is quarantined within a day: nobody may use it, and the bus is told', async () => {
    await expect(connection().usable('acme')).rejects.toBeInstanceOf(QuarantinedError)
    const found = await connection().find('acme')
    expect(found).toMatchObject({
      state: 'quarantined',
      quarantine: { why: 'trust: without an external id it refuses: no' },
    })
    expect(told()).toMatchObject([
      [
        'sesame',
        'Connection Quarantined',
        {
          project: 'acme',
          region: 'us-east-1',
          why: 'trust: without an external id it refuses: no',
          since: found?.quarantine?.since.toISOString(),
        },
      ],
    ])
    expect(lines()).toMatchObject([{ project: 'acme', outcome: 'quarantined' }])
    const logged = stack.aws.lambda.logLines('sesame-dev-prove-connections')
    expect(JSON.stringify([told(), logged])).not.toContain(acme.externalId)
  })

  test('is told of again every day, with the day since when', async () => {
    const since = (await connection().find('acme'))?.quarantine?.since
    await day()
    expect(told()).toHaveLength(2)
    expect(told()[1]).toMatchObject(['sesame', 'Connection Quarantined', { since: since?.toISOString() }])
  })

  test('is let out by the next proof that passes, the doctor’s or the daily one', async () => {
    stack.makeRole(acme.guest)
    expect(await stack.prove('acme')).toMatchObject({ conclusion: 'passed', state: 'proven' })
    expect(await connection().usable('acme')).toMatchObject({ state: 'proven' })
    expect(told().map(([, type]) => type)).toEqual(['Connection Quarantined', 'Connection Restored'])
    stack.makeRole(acme.guest, { AssumeRolePolicyDocument: open })
    await day()
    stack.makeRole(acme.guest)
    await day()
    expect(
      told()
        .map(([, type]) => type)
        .slice(2),
    ).toEqual(['Connection Quarantined', 'Connection Restored'])
  })

  test('is kept in the history with its dates, and its proofs hold no external id', async () => {
    stack.makeRole(acme.guest)
    await stack.prove('acme')
    const proofs = await Array.fromAsync(createProofs(dynamodb(), table).of('acme'))
    expect(proofs.map(({ why }) => why)).toEqual([undefined, 'trust: without an external id it refuses: no', undefined])
    expect(JSON.stringify(proofs)).not.toContain(acme.externalId)
  })
})

test.each([
  ['whose role was deleted', () => stack.aws.roles.delete(acme.roleArn), /^trust: /],
  ['that lost a permission', () => stack.makeRole(acme.guest, { Policies: [] }), /^permissions: /],
  ['that asks for another id', () => stack.makeRole({ ...acme.guest, externalId: '0'.repeat(32) }), /^trust: /],
])('a connection %s is quarantined', async (_, breaking, why) => {
  breaking()
  await day()
  expect((await connection().find('acme'))?.quarantine?.why).toMatch(why)
})

test('a healthy connection is proven every day, and nobody is told', async () => {
  await day()
  await day()
  expect(lines()).toMatchObject([{ outcome: 'proven' }, { outcome: 'proven' }])
  expect(told()).toEqual([])
})

test('what passes by itself quarantines nobody: a stranger of ours who does not answer', async () => {
  stack.aws.lambda.functions
    .get('sesame-dev-probe-connection')
    ?.crashes.push(...Array.from({ length: 9 }, () => ({ afterCalls: 0 })))
  const proof = await stack.prove('acme')
  expect(proof).toMatchObject({ conclusion: 'open', state: 'proven' })
  expect(await connection().usable('acme')).toMatchObject({ state: 'proven' })
  expect(await Array.fromAsync(createProofs(dynamodb(), table).of('acme'))).toHaveLength(1)
  const beta = await stack.connect('beta')
  stack.makeRole(beta.guest)
  expect(await stack.attach('beta', beta.roleArn)).toMatchObject({ attached: false, conclusion: 'open' })
})

test('an SES that throttles for a moment is waited for; one that goes on throttling quarantines nobody', async () => {
  const { throttle } = stack.aws.ses.account('111122223333')
  throttle.next = 4
  expect(await stack.prove('acme')).toMatchObject({ conclusion: 'passed' })
  throttle.perSecond = 0
  const proof = await stack.prove('acme')
  expect(proof).toMatchObject({ conclusion: 'open', state: 'proven', why: expect.stringMatching(/throttles us/) })
  const notTried = proof.steps.filter(({ found }) => found === 'not tried: SES does not answer now')
  expect(notTried.length).toBeGreaterThan(3)
  expect(await connection().usable('acme')).toMatchObject({ state: 'proven' })
})

test('after a rotation the second id retires the first, once the role takes it', async () => {
  const { done } = await stack.ask({ do: 'rotate', project: 'acme' })
  const next = /"nextExternalId":"(\w+)"/.exec(JSON.stringify(done))?.[1] ?? ''
  const before = await stack.prove('acme')
  expect(before).toMatchObject({ conclusion: 'passed' })
  expect(before.steps[2]).toMatchObject({ found: expect.stringMatching(/with the first id: the customer has yet/) })
  stack.makeRole({ ...acme.guest, nextExternalId: next })
  expect((await stack.prove('acme')).steps[2]).toMatchObject({
    found: expect.stringMatching(/the first can be retired/),
  })
  const after = await connection().find('acme')
  expect(after).toMatchObject({ externalId: next, state: 'proven' })
  expect(after).not.toHaveProperty('nextExternalId')
})

test('a connection that was never attached can be asked about, and used by nobody', async () => {
  await stack.connect('beta')
  expect(await stack.prove('beta')).toMatchObject({
    conclusion: 'failed',
    state: 'waiting',
    steps: [{ layer: 'arn', verdict: 'failed' }, {}, {}, {}, {}, {}, {}],
  })
  await expect(connection().usable('beta')).rejects.toThrow(/never proven/)
  expect((await stack.ask({ do: 'prove', project: 'gamma' })).refused?.message).toMatch(/not connected/)
})
