import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RoleInput } from '../../../src/access/role/customer-role.ts'
import { customerRoleOf } from '../../../src/access/role/customer-role.ts'
import { features } from '../../../src/projects/connection.ts'
import { type Checkup, CUSTOMER, OURS, provenAccount, type Stack } from './proven-account.ts'
import { type Case, passing, right } from './trust-policies.ts'

let stack: Stack
let acme: { roleInput: RoleInput; externalId: string; roleArn: string }
beforeAll(async () => {
  stack = await provenAccount()
  await stack.identity()
  acme = await stack.connect('acme', { features: [...features] })
  stack.makeRole(acme.roleInput)
  await stack.attach('acme', acme.roleArn)
})
beforeEach(() => stack.makeRole(acme.roleInput))

const trust = (statements: object[]) => ({
  AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: statements },
})
const verdictOf = ({ steps }: Checkup, text: RegExp) => {
  const found = steps.filter(({ step }) => text.test(step))
  expect(found, String(text)).toHaveLength(1)
  return found[0]
}
const others = /other principal can assume|another principal can assume/
const noMore = /the role grants nothing but|the role grants more/
const inline = (name: string, statement: object) => ({
  Policies: [
    ...customerRoleOf(acme.roleInput, OURS).Policies,
    { PolicyName: name, PolicyDocument: { Version: '2012-10-17', Statement: statement } },
  ],
})

describe('a connection with the feature inspection', () => {
  test('the role of the template leaves nothing unknown but the mail that only --mail sends, and even that by its text', async () => {
    const proof = await stack.prove('acme')
    expect(proof.conclusion).toBe('passed')
    expect(proof.steps.filter(({ verdict, layer }) => verdict !== 'passed' && layer !== 'configuration')).toEqual([])
    expect(verdictOf(proof, others)?.found).toContain('for all requests')
    expect(verdictOf(proof, noMore)?.found).toBe('for all requests, from the text of its policies')
    expect(verdictOf(proof, /sending: ses:SendEmail/)?.found).toBe('allowed, by the text of the role')
  })

  test.each<Case>(passing)('a trust policy that %s has the verdict of its text', async (name, statements) => {
    stack.makeRole(acme.roleInput, trust(statements(acme.externalId)))
    const proof = await stack.prove('acme')
    // Whether others enter is no question of the connection, which stays as the probe finds it.
    expect(proof.conclusion).toBe('passed')
    const isAlone = /template|Deny|second id|makes proofs/.test(name)
    expect(verdictOf(proof, others)).toMatchObject({
      verdict: isAlone ? 'passed' : 'failed',
      layer: isAlone ? 'trust' : 'inspection',
    })
    expect(JSON.stringify(verdictOf(proof, others)?.found)).not.toContain(acme.externalId)
  })

  test('an id that only the text can tell to be accepted closes the connection', async () => {
    const tail = `${acme.externalId.slice(0, 31)}[${acme.externalId.slice(31)}]*`
    const condition = { StringLike: { 'sts:ExternalId': [acme.externalId, `${tail}-x*`] } }
    const statement = { ...right(acme.externalId), Condition: { ...right(acme.externalId).Condition, ...condition } }
    Reflect.deleteProperty(statement.Condition, 'StringEquals')
    stack.makeRole(acme.roleInput, trust([statement]))
    const proof = await stack.prove('acme')
    expect(proof).toMatchObject({
      conclusion: 'failed',
      why: expect.stringContaining('an external id that the policy'),
    })
    stack.makeRole(acme.roleInput)
    expect(await stack.prove('acme')).toMatchObject({ conclusion: 'passed', state: 'proven' })
  })

  test.each([
    [
      'an action more',
      { Effect: 'Allow', Action: 'ses:DeleteEmailIdentity', Resource: '*' },
      'ses:DeleteEmailIdentity',
    ],
    ['a wider resource', { Effect: 'Allow', Action: 'sns:DeleteTopic', Resource: '*' }, 'sns:DeleteTopic'],
    ['every other action', { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }, ' on '],
  ])('a role with %s is reported with an example, and stays connected', async (_, statement, found) => {
    stack.makeRole(acme.roleInput, inline('more', statement))
    const proof = await stack.prove('acme')
    expect(proof.conclusion).toBe('passed')
    expect(verdictOf(proof, noMore)).toMatchObject({ verdict: 'failed', layer: 'inspection' })
    expect(verdictOf(proof, noMore)?.found).toContain(found)
  })

  test('a policy that repeats what the role grants, in other words, is nothing more', async () => {
    const region = { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } }
    stack.makeRole(
      acme.roleInput,
      inline('again', { Effect: 'Allow', Action: 'SES:getaccount', Resource: '*', Condition: region }),
    )
    expect(verdictOf(await stack.prove('acme'), noMore)?.verdict).toBe('passed')
  })

  test('a role for some identities only grants less, which is right, and a role without SendEmail is told what it lacks', async () => {
    const role = JSON.stringify(customerRoleOf(acme.roleInput, OURS).Policies)
    const narrow: object[] = JSON.parse(role.replaceAll('identity/*', 'identity/*.acme.example'))
    stack.makeRole(acme.roleInput, { Policies: narrow })
    const proof = await stack.prove('acme')
    expect(verdictOf(proof, noMore)).toMatchObject({ verdict: 'passed', found: expect.stringContaining('and less') })
    expect(verdictOf(proof, /sending: ses:SendEmail/)?.found).toBe(
      'allowed for some resources, by the text of the role',
    )
    const without: object[] = JSON.parse(
      role.replaceAll('"ses:SendEmail",', '').replaceAll('"ses:SendRawEmail"', '"ses:GetAccount"'),
    )
    stack.makeRole(acme.roleInput, { Policies: without })
    const refused = await stack.prove('acme')
    expect(verdictOf(refused, /sending: ses:SendEmail/)).toMatchObject({ verdict: 'failed', layer: 'permissions' })
  })

  test('a role that refuses the inspection leaves it unknown with the reason, and passes', async () => {
    const Policies = customerRoleOf(acme.roleInput, OURS).Policies.filter(
      ({ PolicyName }) => PolicyName !== 'inspection',
    )
    stack.makeRole(acme.roleInput, { Policies })
    const proof = await stack.prove('acme')
    expect(proof.conclusion).toBe('passed')
    expect(verdictOf(proof, others)).toMatchObject({
      verdict: 'unknown',
      found: expect.stringContaining('the role could not be inspected: '),
    })
    expect(verdictOf(proof, noMore)?.verdict).toBe('unknown')
  })
})

test('the session of an inspection may read its own role, and is refused another and every change', async () => {
  stack.makeRole(acme.roleInput)
  await stack.prove('acme')
  const calls = stack.aws.record.filter(({ service, account }) => service === 'iam' && account === CUSTOMER)
  expect(new Set(calls.map(({ action }) => action))).toEqual(
    new Set(['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies']),
  )
  expect(new Set(calls.map(({ resource }) => resource))).toEqual(new Set([acme.roleArn]))
})

test('without the feature both questions stay unknown, as before', async () => {
  const globex = await stack.connect('globex', { account: '444455556666' })
  stack.makeRole(globex.roleInput)
  const proof = await stack.attach('globex', globex.roleArn)
  expect(verdictOf(proof, others)?.verdict).toBe('unknown')
  expect(verdictOf(proof, noMore)?.verdict).toBe('unknown')
})
