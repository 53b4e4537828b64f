import { beforeAll, describe, expect, test } from 'vitest'
import { failed, MANAGER, OURS, PROBE, provenAccount, STRANGER, type Stack } from './proven-account.ts'

const root = (account: string) => ({ AWS: `arn:aws:iam::${account}:root` })
const ourRoles = { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${OURS}:role/sesame/*` } }
const idIs = (operator: string, ...values: string[]) => ({ [operator]: { 'sts:ExternalId': values } })
const allow = (Principal: unknown, Condition: object = {}) => ({
  Effect: 'Allow',
  Principal,
  Action: 'sts:AssumeRole',
  Condition,
})
const deny = (Condition: object) => ({ ...allow('*', Condition), Effect: 'Deny' })
const ours = (Condition: object) => allow(root(OURS), { ...ourRoles, ...Condition })
const right = (id: string) => ours(idIs('StringEquals', id))

const entrance = 'with the external id the role lets us in'
const without = 'without an external id it refuses'
const random = 'with a random external id it refuses'
const similar = 'with ids that only resemble ours it refuses'

type Case = [name: string, statements: (id: string) => object[], failing: string[]]

const loose: Case[] = [
  ['has no condition on the id', () => [ours({})], [without, random, similar]],
  ['takes "*" for an id', () => [ours(idIs('StringLike', '*'))], [random, similar]],
  ['takes any id of 32 characters', () => [ours(idIs('StringLike', '?'.repeat(32)))], [random, similar]],
  ['takes any id, if only there is one', () => [ours({ Null: { 'sts:ExternalId': 'false' } })], [random, similar]],
  ['takes every id but one', () => [ours(idIs('StringNotEquals', 'another'))], [without, random, similar]],
  ['takes what begins like our id', (id) => [ours(idIs('StringLike', `${id.slice(0, 8)}*`))], [similar]],
  ['takes what ends like our id', (id) => [ours(idIs('StringLike', `*${id.slice(-4)}`))], [similar]],
  ['takes what our id stands in', (id) => [ours(idIs('StringLike', `*${id}*`))], [similar]],
  ['takes our id in capitals', (id) => [ours(idIs('StringEqualsIgnoreCase', id))], [similar]],
  ['checks the id IfExists', (id) => [ours(idIs('StringEqualsIfExists', id))], [without]],
  ['checks the id ForAllValues', (id) => [ours(idIs('ForAllValues:StringEquals', id))], [without]],
  ['names everybody, without a condition', () => [allow('*')], [without, random, similar]],
  ['names everybody of AWS, without a condition', () => [allow({ AWS: '*' })], [without, random, similar]],
  ['names our whole account, without a condition', () => [allow(root(OURS))], [without, random, similar]],
  ['has a second statement that is open', (id) => [right(id), ours({})], [without, random, similar]],
  [
    'has a second statement that is open to any id',
    (id) => [right(id), ours(idIs('StringLike', '*'))],
    [random, similar],
  ],
  ['names the role that tries as a stranger', (id) => [right(id), allow({ AWS: PROBE })], [without, random]],
  ['names the role that proves, without a condition', () => [allow({ AWS: MANAGER })], [similar]],
  ['denies what is not like "*"', () => [ours({}), deny(idIs('StringNotLike', '*'))], [random, similar]],
  ['denies other ids, ForAnyValue', (id) => [ours({}), deny(idIs('ForAnyValue:StringNotEquals', id))], [without]],
  [
    'denies other ids, IfExists and Null',
    (id) => [ours({}), deny({ ...idIs('StringNotEquals', id), Null: { 'sts:ExternalId': 'false' } })],
    [without],
  ],
]

const shut: Case[] = [
  ['asks for another id', () => [right('0'.repeat(32))], [entrance]],
  ['asks for our id with a space behind it', (id) => [right(`${id} `)], [entrance]],
  ['names another account', (id) => [allow(root(STRANGER), idIs('StringEquals', id))], [entrance]],
  [
    'names another account and narrows it to ours',
    (id) => [allow(root(STRANGER), { ...ourRoles, ...idIs('StringEquals', id) })],
    [entrance],
  ],
  [
    'narrows our account to another path',
    (id) => [
      allow(root(OURS), {
        ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${OURS}:role/other/*` },
        ...idIs('StringEquals', id),
      }),
    ],
    [entrance],
  ],
  ['names a service', () => [allow({ Service: 'ses.amazonaws.com' })], [entrance]],
  ['misspells the operator', (id) => [ours(idIs('StringEqual', id))], [entrance]],
  ['misspells the key', (id) => [ours({ StringEquals: { 'sts:External-Id': id } })], [entrance]],
  ['denies everybody', (id) => [right(id), deny({})], [entrance]],
  [
    'has a Deny with a misspelt operator, which counts as met',
    (id) => [right(id), deny(idIs('StringNotEqual', id))],
    [entrance],
  ],
  [
    'has a Deny with a misspelt key, which counts as met',
    (id) => [right(id), deny({ StringNotEquals: { 'sts:External-Id': id } })],
    [entrance],
  ],
]

/** These pass: what may be wrong with them, nobody can find out from our account. */
const passing: Case[] = [
  ['is the template’s', (id) => [right(id)], []],
  ['takes a second id as well', (id) => [ours(idIs('StringEquals', id, 'f'.repeat(32)))], []],
  ['names the role that proves, with the id', (id) => [allow({ AWS: MANAGER }, idIs('StringEquals', id))], []],
  ['refuses other ids by a Deny', (id) => [ours({}), deny(idIs('StringNotEquals', id))], []],
  ['names our whole account, with the id', (id) => [allow(root(OURS), idIs('StringEquals', id))], []],
  ['names everybody, with the id', (id) => [allow('*', idIs('StringEquals', id))], []],
  ['has a second statement for another account', (id) => [right(id), allow(root(STRANGER))], []],
]

describe('a role whose trust policy', () => {
  let stack: Stack
  beforeAll(async () => {
    stack = await provenAccount()
    await stack.identity()
  })
  let count = 0

  async function attachWith(statements: (id: string) => object[]) {
    const { guest, externalId, roleArn } = await stack.connect(`acme-${count++}`, { features: ['reading'] })
    const Statement = statements(externalId)
    stack.makeRole(guest, { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement } })
    const project = guest.project
    return { project, externalId, roleArn, proof: await stack.attach(project, roleArn) }
  }

  test.each([...loose, ...shut])('%s is not stored, and the proof says so', async (_, statements, failing) => {
    const { project, externalId, roleArn, proof } = await attachWith(statements)
    expect(proof).toMatchObject({ attached: false, conclusion: 'failed', state: 'waiting' })
    expect(failed(proof).map(({ step }) => step)).toEqual(failing)
    for (const step of failed(proof)) {
      expect(step.layer).toBe('trust')
      expect(step.found).toContain(roleArn)
      // What is to be pasted is the right one, with the id; nothing else in the answer holds it.
      expect(step.paste).toContain(`"sts:ExternalId": "${externalId}"`)
      expect(step.paste).toContain(`role/sesame/*`)
    }
    const { steps, ...rest } = proof
    expect(JSON.stringify([rest, steps.map(({ paste: __, ...step }) => step)])).not.toContain(externalId)
    expect(proof.questions[0]).toMatchObject({ question: 'Is the trust relationship right?', answer: 'no' })
    const items = JSON.stringify(await stack.aws.dynamodb.items('sesame-dev-projects'))
    expect(items).not.toContain(`role-arn#${roleArn}`)
    await expect(stack.prove(project)).resolves.toMatchObject({ state: 'waiting', conclusion: 'failed' })
  })

  test.each(passing)('%s is stored', async (_, statements) => {
    const { proof, externalId } = await attachWith(statements)
    expect(failed(proof)).toEqual([])
    expect(proof).toMatchObject({ attached: true, state: 'proven' })
    const unseen = proof.steps.find(({ step }) => step === 'nobody else may enter, who knows the id')
    expect(unseen).toMatchObject({ verdict: 'unknown', layer: 'trust' })
    expect(unseen?.paste).toContain(externalId)
  })

  test('was never made is not stored either: STS does not tell a missing role from one that refuses', async () => {
    const { guest, roleArn } = await stack.connect('acme-none')
    const proof = await stack.attach(guest.project, roleArn)
    expect(failed(proof).map(({ step }) => step)).toEqual([entrance])
    expect(failed(proof)[0]?.found).toMatch(/does not exist, or its trust policy/)
    expect(proof.steps.filter(({ verdict }) => verdict === 'skipped').map(({ layer }) => layer)).toEqual([
      'duration',
      'account',
      'permissions',
      'configuration',
    ])
  })

  test('is right admits us to the account that was said, and no external id is left in a log or in the record', async () => {
    const { externalId } = await attachWith((id) => [right(id)])
    await stack.aws.settled()
    const logs = ['manage-connection', 'probe-connection'].map((name) =>
      stack.aws.lambda.logLines(`sesame-dev-${name}`),
    )
    expect(JSON.stringify([logs, stack.aws.record])).not.toContain(externalId)
    const stored = await stack.aws.dynamodb.items('sesame-dev-projects')
    const proofs = stored.filter(({ facet }) => JSON.stringify(facet).includes('proof#'))
    expect(proofs.length).toBeGreaterThan(0)
    expect(JSON.stringify(proofs)).not.toContain(externalId)
  })
})
