import { GetAccountCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { beforeAll, describe, expect, test } from 'vitest'
import { probeRole } from '../../../src/access/proof/probe.ts'
import { similarIdsOf } from '../../../src/access/proof/similar-ids.ts'
import { CONTROLS, CUSTOMER, MANAGER, OURS, PROBE, provenAccount, type Stack } from './proven-account.ts'

const open = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${OURS}:root` }, Action: 'sts:AssumeRole' }

describe('the probe', () => {
  let stack: Stack
  let roleArn: string
  beforeAll(async () => {
    stack = await provenAccount()
    const acme = await stack.connect('acme')
    roleArn = acme.roleArn
    stack.makeRole(acme.roleInput, { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [open] } })
  })
  const configOf = async (role: string) =>
    stack.aws.clientConfig(await stack.aws.assumeAsService('lambda.amazonaws.com', role, 'function'))

  test('the session of a successful probe denies everything', async () => {
    const config = await configOf(PROBE)
    const { requestHandler } = config
    const answers: string[] = []
    const handle: typeof requestHandler.handle = async (request) => {
      const answer = await requestHandler.handle(request)
      answers.push(Buffer.from(answer.response.body instanceof Uint8Array ? answer.response.body : '').toString())
      return answer
    }
    const sts = new STSClient({ ...config, requestHandler: { ...requestHandler, handle } })
    expect(await probeRole(sts, 'acme', roleArn, CONTROLS)).toEqual({ withoutId: 'let in', randomId: 'let in' })
    // Twice at the open control role, then twice at the customer's role.
    const sessions = answers.filter((answer) => answer.includes('<AccessKeyId>'))
    expect(sessions).toHaveLength(4)
    for (const answer of sessions) {
      const [accessKeyId = '', secretAccessKey = '', sessionToken = ''] = [
        'AccessKeyId',
        'SecretAccessKey',
        'SessionToken',
      ].map((name) => new RegExp(`<${name}>(.*?)</${name}>`).exec(answer)?.[1])
      expect(sessionToken).not.toBe('')
      const ses = new SESv2Client(stack.aws.clientConfig({ accessKeyId, secretAccessKey, sessionToken }))
      await expect(ses.send(new GetAccountCommand({}))).rejects.toThrow(/explicit deny/)
    }
  })

  test('the probe cannot assume a role of our own account or outside of role/sesame/, even if its trust policy is open', async () => {
    for (const [account, Path] of [
      [OURS, '/sesame/'],
      [CUSTOMER, '/'],
    ] as const) {
      const { arn } = stack.aws.roles.create(account, {
        RoleName: 'open',
        Path,
        AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [open] },
      })
      expect(await probeRole(new STSClient(await configOf(PROBE)), 'acme', arn, CONTROLS)).toEqual({
        withoutId: 'refused',
        randomId: 'refused',
      })
    }
  })

  test('the probe has a role of its own, because the role that makes proofs may not assume a role without an external id', async () => {
    const assume = (role: string, ExternalId?: string) =>
      configOf(role).then((config) =>
        new STSClient(config).send(
          new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'acme.test', ...(ExternalId && { ExternalId }) }),
        ),
      )
    await expect(assume(MANAGER)).rejects.toThrow(/not authorized/)
    await expect(assume(MANAGER, 'any-id')).resolves.toBeDefined()
    await expect(assume(PROBE)).resolves.toBeDefined()
  })

  test('the role of the probe may only assume roles and write logs', async () => {
    const role = stack.aws.roles.byArn(PROBE)
    const actions = role?.identity.flatMap(({ document }) => document.Statement.flatMap(({ Action = [] }) => Action))
    expect(actions).toEqual(['sts:AssumeRole', 'sts:AssumeRole', 'logs:CreateLogStream', 'logs:PutLogEvents'])
  })
})

test('near-miss ids never equal the external id', () => {
  for (const id of ['0'.repeat(32), 'f'.repeat(32), '0123456789abcdef0123456789abcdef']) {
    expect(similarIdsOf(id)).not.toContain(id)
    expect(similarIdsOf(id).length).toBeGreaterThanOrEqual(3)
  }
})
