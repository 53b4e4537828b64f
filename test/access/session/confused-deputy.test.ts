/**
 * The confused deputy problem: the operator of one project attaches the role of another project, so that Sesame uses it for them.
 *
 * These tests use the smallest possible proof: they call STS with the connection's own external id, and without one.
 */
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { beforeEach, describe, expect, test } from 'vitest'
import { attach } from '../../../src/operations/connections.ts'
import { type Answer, dispatch } from '../../../src/operations/operation.ts'
import type { Connection } from '../../../src/projects/connection.ts'
import { ExternalIdGivenError } from '../../../src/projects/external-id.ts'
import {
  ACME,
  contextAt,
  GLOBEX,
  OURS,
  type SettingsTable,
  settingsOf,
  settingsTable,
} from '../../projects/settings-table.ts'

let stack: SettingsTable
let context: ReturnType<typeof contextAt>
/** The role ARNs that STS was called with. */
let calledRoles: string[]

beforeEach(async () => {
  stack = await settingsTable()
  context = contextAt(stack.clock.now())
  calledRoles = []
})

/** Creates a role in a customer's account that requires the external id or, without one, requires none. */
function makeRole(account: string, name: string, externalId?: string): string {
  stack.aws.roles.create(account, {
    RoleName: name,
    Path: '/sesame/',
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${OURS}:root` },
        Action: 'sts:AssumeRole',
        ...(externalId && { Condition: { StringEquals: { 'sts:ExternalId': externalId } } }),
      },
    },
  })
  return `arn:aws:iam::${account}:role/sesame/${name}`
}

const connected = async (project: string, account: string) => {
  await stack.projects.add({ id: project, account, configurationSets: [`of-${project}`] }, context)
  return stack.connections.connect(settingsOf(project, account), context)
}

async function prove({ roleArn = '', externalId }: Connection) {
  calledRoles.push(roleArn)
  const sts = new STSClient(stack.aws.clientConfig(stack.aws.credentials.root(OURS)))
  const isAllowed = (given: { ExternalId?: string }) =>
    sts.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'proof', ...given })).then(
      () => true,
      () => false,
    )
  const why = !(await isAllowed({ ExternalId: externalId }))
    ? 'the role rejects the external id'
    : (await isAllowed({}))
      ? 'the role can be assumed without an external id'
      : undefined
  const verdict: 'failed' | 'passed' = why === undefined ? 'passed' : 'failed'
  const layer: 'trust' = 'trust'
  const step = { step: why ?? 'the role requires the external id', verdict, layer, found: '' }
  return { at: stack.clock.now(), usedNextId: false, steps: [step], report: [step], ...(why !== undefined && { why }) }
}

const ask = (request: object): Promise<Answer> =>
  dispatch(
    { attach: attach({ connections: stack.connections, proofs: stack.proofs }, prove) },
    { do: 'attach', by: 'mallory', ...request },
    { at: context.at, deployment: { partition: 'aws', region: 'us-east-1', account: OURS } },
    () => undefined,
  )
const nothingStored = async (project: string) => {
  expect(await stack.connections.find(project)).not.toHaveProperty('roleArn')
  await expect(stack.connections.usable(project)).rejects.toThrow('was never proven')
}

test('a role of the customer’s own that requires the external id is attached', async () => {
  const { externalId } = await connected('acme', ACME)
  const roleArn = makeRole(ACME, 'sesame-acme', externalId)
  expect(await ask({ project: 'acme', roleArn })).toMatchObject({ done: { attached: true } })
  expect(await stack.connections.usable('acme')).toMatchObject({ roleArn, externalId })
})

test('a role that can be assumed without the external id is not stored', async () => {
  await connected('acme', ACME)
  const roleArn = makeRole(ACME, 'sesame-acme')
  const answer = await ask({ project: 'acme', roleArn })
  expect(answer).toMatchObject({ done: { attached: false } })
  expect(JSON.stringify(answer)).toContain('the role can be assumed without an external id')
  await nothingStored('acme')
  expect(await stack.proofs.of('acme')).toHaveLength(1)
})

describe('project mallory attaches the role of project acme', () => {
  test.each([
    ['in another account', GLOBEX, 'of another account'],
    ['in the same account', ACME, 'of another project'],
  ])('a role of acme, %s as mallory, is refused before STS is called', async (_, account, issue) => {
    const acme = await connected('acme', ACME)
    const roleArn = makeRole(ACME, 'sesame-acme', acme.externalId)
    await ask({ project: 'acme', roleArn })
    await connected('mallory', account)
    calledRoles = []
    const answer = await ask({ project: 'mallory', roleArn })
    expect(answer).toMatchObject({ refused: { error: 'RoleArnError', retryable: false } })
    expect(JSON.stringify(answer)).toContain(issue)
    expect(JSON.stringify(answer)).not.toContain(acme.externalId)
    expect(calledRoles).toEqual([])
    await nothingStored('mallory')
  })

  test('a role of acme that is not attached yet fails the proof of mallory, because it requires the external id of acme', async () => {
    const acme = await connected('acme', ACME)
    const roleArn = makeRole(ACME, 'sesame-acme', acme.externalId)
    await connected('mallory', ACME)
    const answer = await ask({ project: 'mallory', roleArn })
    expect(answer).toMatchObject({ done: { attached: false } })
    expect(JSON.stringify(answer)).toContain('the role rejects the external id')
    await nothingStored('mallory')
    // The project acme can still attach it.
    expect(await ask({ project: 'acme', roleArn })).toMatchObject({ done: { attached: true } })
  })

  test.each(['externalId', 'ExternalId', 'external_id'])(
    'a request of mallory with the external id of acme as %s is refused because of the field',
    async (field) => {
      const acme = await connected('acme', ACME)
      const roleArn = makeRole(ACME, 'sesame-acme', acme.externalId)
      await connected('mallory', ACME)
      const answer = await ask({ project: 'mallory', roleArn, [field]: acme.externalId })
      expect(answer).toMatchObject({ refused: { error: ExternalIdGivenError.name, at: field } })
      expect(JSON.stringify(answer)).not.toContain(acme.externalId)
      expect(calledRoles).toEqual([])
      await nothingStored('mallory')
    },
  )

  test('if acme and mallory attach the role of acme at the same time, only acme gets it', async () => {
    const acme = await connected('acme', ACME)
    const roleArn = makeRole(ACME, 'sesame-acme', acme.externalId)
    await connected('mallory', ACME)
    await Promise.all([ask({ project: 'mallory', roleArn }), ask({ project: 'acme', roleArn })])
    await nothingStored('mallory')
    expect(await stack.connections.usable('acme')).toMatchObject({ roleArn })
  })
})

test('no project can attach a role of Sesame itself', async () => {
  await connected('mallory', ACME)
  const roleArn = `arn:aws:iam::${OURS}:role/sesame/sesame-dev-us-east-1-configuration-management`
  expect(await ask({ project: 'mallory', roleArn })).toMatchObject({ refused: { error: 'RoleArnError' } })
  expect(calledRoles).toEqual([])
})

test('a project that is not connected cannot attach a role', async () => {
  const roleArn = makeRole(ACME, 'sesame-acme')
  expect(await ask({ project: 'mallory', roleArn })).toMatchObject({ refused: { error: 'NotConnectedError' } })
  expect(calledRoles).toEqual([])
})
