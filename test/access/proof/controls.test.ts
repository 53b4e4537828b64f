import { beforeEach, describe, expect, test } from 'vitest'
import { CONTROLS, failed, OURS, PROBE, provenAccount, type Stack } from './proven-account.ts'

const trustOfOurs = (Condition: object) => ({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${OURS}:root` }, Action: 'sts:AssumeRole', Condition },
})
const policyOf = (...Statement: object[]) => [
  { PolicyName: 'changed', PolicyDocument: { Version: '2012-10-17', Statement } },
]
const fromLambda = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
}
const logs = { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' }
const assume = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: 'arn:aws:iam::*:role/sesame/*' }
const withoutId = { Null: { 'sts:ExternalId': 'true' } }

/** What the proof says about an attempt without an external id and with a random one. */
const unknownIds = [
  'the role cannot be assumed without an external id',
  'the role cannot be assumed with a random external id',
]

describe('a proof with a broken probe', () => {
  let stack: Stack
  let acme: Awaited<ReturnType<Stack['connect']>>
  beforeEach(async () => {
    stack = await provenAccount()
    acme = await stack.connect('acme', { features: ['reading'] })
    await stack.identity()
  })

  /** Replaces a role of the stack, as a hand edit, another boundary or a policy of the organisation would change it. */
  function change(arn: string, properties: object): void {
    stack.aws.roles.delete(arn)
    stack.aws.roles.create(OURS, { RoleName: arn.split('/').at(-1), Path: '/sesame/', ...properties })
  }
  const probeWith = (properties: object) => () =>
    change(PROBE, { AssumeRolePolicyDocument: fromLambda, Policies: policyOf(logs, assume), ...properties })

  /** A trust policy that accepts a missing external id. Only the attempt without an id can find it. */
  const makeLooseRole = () =>
    stack.makeRole(acme.roleInput, {
      AssumeRolePolicyDocument: trustOfOurs({ StringEqualsIfExists: { 'sts:ExternalId': acme.externalId } }),
    })

  const broken: [string, () => void][] = [
    ['may not call AssumeRole', probeWith({ Policies: policyOf(logs) })],
    [
      'may not call AssumeRole without an external id',
      probeWith({ Policies: policyOf(logs, assume, { ...assume, Effect: 'Deny', Condition: withoutId }) }),
    ],
    [
      'has a boundary that demands an external id',
      probeWith({
        PermissionsBoundary: {
          Version: '2012-10-17',
          Statement: [logs, { ...assume, Condition: { Null: { 'sts:ExternalId': 'false' } } }],
        },
      }),
    ],
  ]

  test.each(broken)('a proof has no result if the probe %s, and the role is not stored', async (_, breakProbe) => {
    makeLooseRole()
    breakProbe()
    const proof = await stack.attach('acme', acme.roleArn)
    expect(proof).toMatchObject({ attached: false, conclusion: 'open', state: 'waiting' })
    const [without] = proof.steps.filter(({ step }) => step === unknownIds[0])
    expect(without).toMatchObject({ verdict: 'unknown', layer: 'trust' })
    expect(without?.found).toMatch(/our own probe cannot enter its open control role/)
    expect(JSON.stringify(await stack.aws.dynamodb.items('sesame-dev-projects'))).not.toContain('role-arn#')
  })

  test('a role that lets the probe in is found although the probe may not enter its control roles', async () => {
    makeLooseRole()
    const customersOnly = { ...assume, Condition: { StringNotEquals: { 'aws:ResourceAccount': OURS } } }
    probeWith({ Policies: policyOf(logs, customersOnly) })()
    expect(await stack.attach('acme', acme.roleArn)).toMatchObject({ attached: false, conclusion: 'failed' })
    stack.makeRole(acme.roleInput)
    expect(await stack.attach('acme', acme.roleArn)).toMatchObject({ attached: false, conclusion: 'open' })
  })

  test('the same role is found to be open by a probe that works', async () => {
    makeLooseRole()
    const proof = await stack.attach('acme', acme.roleArn)
    expect(proof).toMatchObject({ attached: false, conclusion: 'failed' })
    expect(failed(proof).map(({ step }) => step)).toEqual(['the role can be assumed without an external id'])
  })

  test('a proof has no result if the closed control role lets the probe in or the open one is missing', async () => {
    stack.makeRole(acme.roleInput)
    change(CONTROLS.closed, {
      AssumeRolePolicyDocument: trustOfOurs({}),
      Policies: policyOf({ ...logs, Effect: 'Deny' }),
    })
    const let_in = await stack.attach('acme', acme.roleArn)
    expect(let_in).toMatchObject({ attached: false, conclusion: 'open' })
    expect(JSON.stringify(let_in.steps)).toContain('is not refused at its closed control role')
    stack.aws.roles.delete(CONTROLS.open)
    expect(await stack.attach('acme', acme.roleArn)).toMatchObject({ attached: false, conclusion: 'open' })
  })

  test('a daily proof with a broken probe neither quarantines nor confirms a connection', async () => {
    stack.makeRole(acme.roleInput)
    expect(await stack.attach('acme', acme.roleArn)).toMatchObject({ attached: true, state: 'proven' })
    probeWith({ Policies: policyOf(logs) })()
    const proof = await stack.prove('acme')
    expect(proof).toMatchObject({ conclusion: 'open', state: 'proven' })
    expect(proof.steps.filter(({ step }) => unknownIds.includes(step)).map(({ verdict }) => verdict)).toEqual([
      'unknown',
      'unknown',
    ])
  })
})
