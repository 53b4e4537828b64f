/**
 * The confused deputy: somebody who may settle one project gives the role of another, so that Sesame enters it for them.
 *
 * The proof here is the smallest that there can be: STS itself, asked with the connection's own external id and without one.
 */
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { beforeEach, describe, expect, test } from 'vitest'
import { attach } from '../../../src/operations/connections.ts'
import { type Answer, dispatch } from '../../../src/operations/operation.ts'
import type { Connection } from '../../../src/projects/connection.ts'
import { ExternalIdGivenError } from '../../../src/projects/external-id.ts'
import {
  ACME,
  GLOBEX,
  OURS,
  occasion,
  type SettingsTable,
  settingsOf,
  settingsTable,
} from '../../projects/settings-table.ts'

let at: SettingsTable
let by: ReturnType<typeof occasion>
/** What STS was asked for. */
let entered: string[]

beforeEach(async () => {
  at = await settingsTable()
  by = occasion(at.clock.now())
  entered = []
})

/** A customer's account has a role that demands the external id; or one that does not. */
function makeRole(account: string, name: string, externalId?: string): string {
  at.aws.roles.create(account, {
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
  await at.projects.add({ id: project, account, configurationSets: [`of-${project}`] }, by)
  return at.connections.connect(settingsOf(project, account), by)
}

async function prove({ roleArn = '', externalId }: Connection) {
  entered.push(roleArn)
  const sts = new STSClient(at.aws.clientConfig(at.aws.credentials.root(OURS)))
  const letsIn = (given: { ExternalId?: string }) =>
    sts.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'proof', ...given })).then(
      () => true,
      () => false,
    )
  const why = !(await letsIn({ ExternalId: externalId }))
    ? 'the role refuses our external id'
    : (await letsIn({}))
      ? 'the role lets us in without an external id'
      : undefined
  const verdict: 'failed' | 'passed' = why === undefined ? 'passed' : 'failed'
  const layer: 'trust' = 'trust'
  const step = { step: why ?? 'the role demands our external id', verdict, layer, found: '' }
  return { at: at.clock.now(), usedNextId: false, steps: [step], report: [step], ...(why !== undefined && { why }) }
}

const ask = (request: object): Promise<Answer> =>
  dispatch(
    { attach: attach({ connections: at.connections, proofs: at.proofs }, prove) },
    { do: 'attach', by: 'mallory', ...request },
    { at: by.at, deployment: { partition: 'aws', region: 'us-east-1', account: OURS } },
    () => undefined,
  )
const nothingStored = async (project: string) => {
  expect(await at.connections.find(project)).not.toHaveProperty('roleArn')
  await expect(at.connections.usable(project)).rejects.toThrow('was never proven')
}

test('a customer’s own role that demands the external id is attached', async () => {
  const { externalId } = await connected('acme', ACME)
  const roleArn = makeRole(ACME, 'sesame-acme', externalId)
  expect(await ask({ project: 'acme', roleArn })).toMatchObject({ done: { attached: true } })
  expect(await at.connections.usable('acme')).toMatchObject({ roleArn, externalId })
})

test('a role that lets us in without the external id is not stored', async () => {
  await connected('acme', ACME)
  const roleArn = makeRole(ACME, 'sesame-acme')
  const answer = await ask({ project: 'acme', roleArn })
  expect(answer).toMatchObject({ done: { attached: false } })
  expect(JSON.stringify(answer)).toContain('the role lets us in without an external id')
  await nothingStored('acme')
  expect(await at.proofs.of('acme')).toHaveLength(1)
})

describe('project mallory gives the role of project acme', () => {
  test.each([
    ['in another account', GLOBEX, 'of another account'],
    ['in the same account', ACME, 'of another project'],
  ])('%s, attached: it is refused before STS is asked', async (_, account, fault) => {
    const acme = await connected('acme', ACME)
    const roleArn = makeRole(ACME, 'sesame-acme', acme.externalId)
    await ask({ project: 'acme', roleArn })
    await connected('mallory', account)
    entered = []
    const answer = await ask({ project: 'mallory', roleArn })
    expect(answer).toMatchObject({ refused: { error: 'RoleArnError', retryable: false } })
    expect(JSON.stringify(answer)).toContain(fault)
    expect(JSON.stringify(answer)).not.toContain(acme.externalId)
    expect(entered).toEqual([])
    await nothingStored('mallory')
  })

  test('in the same account, not yet attached: the proof fails, for the role asks for acme’s external id', async () => {
    const acme = await connected('acme', ACME)
    const roleArn = makeRole(ACME, 'sesame-acme', acme.externalId)
    await connected('mallory', ACME)
    const answer = await ask({ project: 'mallory', roleArn })
    expect(answer).toMatchObject({ done: { attached: false } })
    expect(JSON.stringify(answer)).toContain('the role refuses our external id')
    await nothingStored('mallory')
    // And it is still acme's to attach.
    expect(await ask({ project: 'acme', roleArn })).toMatchObject({ done: { attached: true } })
  })

  test.each(['externalId', 'ExternalId', 'external_id'])(
    'and acme’s external id, which mallory knows, as %s: the request is refused by name',
    async (field) => {
      const acme = await connected('acme', ACME)
      const roleArn = makeRole(ACME, 'sesame-acme', acme.externalId)
      await connected('mallory', ACME)
      const answer = await ask({ project: 'mallory', roleArn, [field]: acme.externalId })
      expect(answer).toMatchObject({ refused: { error: ExternalIdGivenError.name, at: field } })
      expect(JSON.stringify(answer)).not.toContain(acme.externalId)
      expect(entered).toEqual([])
      await nothingStored('mallory')
    },
  )

  test('at the same moment as acme: acme alone has it', async () => {
    const acme = await connected('acme', ACME)
    const roleArn = makeRole(ACME, 'sesame-acme', acme.externalId)
    await connected('mallory', ACME)
    await Promise.all([ask({ project: 'mallory', roleArn }), ask({ project: 'acme', roleArn })])
    await nothingStored('mallory')
    expect(await at.connections.usable('acme')).toMatchObject({ roleArn })
  })
})

test('nobody attaches a role of Sesame itself', async () => {
  await connected('mallory', ACME)
  const roleArn = `arn:aws:iam::${OURS}:role/sesame/sesame-dev-us-east-1-configuration-management`
  expect(await ask({ project: 'mallory', roleArn })).toMatchObject({ refused: { error: 'RoleArnError' } })
  expect(entered).toEqual([])
})

test('a project that is not connected attaches nothing', async () => {
  const roleArn = makeRole(ACME, 'sesame-acme')
  expect(await ask({ project: 'mallory', roleArn })).toMatchObject({ refused: { error: 'NotConnectedError' } })
  expect(entered).toEqual([])
})
