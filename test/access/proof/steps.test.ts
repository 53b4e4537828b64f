import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { conclusionOf } from '../../../src/access/proof/conclusion.ts'
import { proofLayers } from '../../../src/access/proof/step.ts'
import { arnStep } from '../../../src/access/proof/steps/arn.ts'
import { trustStep } from '../../../src/access/proof/steps/trust.ts'
import {
  AccountMismatchError,
  AwsAnswer,
  CallFailedError,
  DurationRefusedError,
  OwnCredentialsError,
  RegionDisabledError,
  SessionPolicyError,
  ThrottledError,
  TrustRefusedError,
} from '../../../src/access/session/errors.ts'
import type { Sessions } from '../../../src/access/session/sessions.ts'
import { RoleArnError } from '../../../src/projects/role-arn.ts'

const deployment = { partition: 'aws', region: 'us-east-1', account: '123456789012' }
const roleArn = 'arn:aws:iam::111122223333:role/sesame/sesame-acme'
const acme = {
  project: 'acme',
  account: '111122223333',
  region: 'us-east-1',
  roleArn,
  externalId: '0'.repeat(32),
  topics: 'ours',
  features: ['reading'],
  state: 'proven',
  revision: 'r',
} as const
const answer = new AwsAnswer('Code', 'request-1')

/** The file of a layer in src/access/proof/steps. */
const fileOf = (layer: string) => `${layer.replace(' ', '-')}.ts`

test('each printed layer of a proof has the file of its name', () => {
  const files = readdirSync(new URL('../../../src/access/proof/steps', import.meta.url))
  expect(files.sort()).toEqual(proofLayers.map(fileOf).sort())
})

/** Answers of STS to the correct id: the customer must repair the role (failed), or the cause is transient or ours (open). */
const answers = [
  ['refused', new TrustRefusedError('acme', roleArn, answer), 'failed', 'trust'],
  ['another account', new AccountMismatchError('acme', acme.account, '444455556666'), 'failed', 'account'],
  ['the region switched off', new RegionDisabledError('acme', 'us-east-1', answer), 'failed', 'account'],
  ['900 s too long', new DurationRefusedError('acme', 900, 'the role', answer), 'failed', 'duration'],
  ['throttled', new ThrottledError('acme', 'STS', answer), 'open', 'trust'],
  ['our own session expired', new OwnCredentialsError('acme', answer), 'open', 'trust'],
  ['our session policy', new SessionPolicyError('acme', 'is malformed', answer), 'open', 'trust'],
  [
    'a failure of its own',
    new CallFailedError('acme', 'STS', { code: 'InternalFailure', retryable: true }, answer),
    'open',
    'trust',
  ],
] as const

describe('trustStep', () => {
  const sessions = (error: unknown): Sessions => ({
    credentials: () => async () => {
      throw error
    },
    use: async () => {
      throw error
    },
    forget: () => undefined,
  })

  test.each(answers)(
    'the answer of STS "%s" leads to the right conclusion and layer',
    async (_, error, conclusion, layer) => {
      const { step, accepted } = await trustStep(acme, deployment, sessions(error))
      expect(accepted).toBeUndefined()
      expect(step.layer).toBe(layer)
      expect(step.found).not.toContain('Project acme')
      expect(conclusionOf([step]).conclusion).toBe(conclusion)
    },
  )

  test('an unexpected error is a defect and no finding', async () => {
    await expect(trustStep(acme, deployment, sessions(new TypeError('ours')))).rejects.toThrow('ours')
  })
})

describe('arnStep', () => {
  const unused = { refuseForeign: async () => undefined }

  test.each([
    ['in another account', { ...acme, account: '444455556666' }],
    ['in our own account', { ...acme, roleArn: `arn:aws:iam::${deployment.account}:role/sesame/x` }],
    ['outside of role/sesame/', { ...acme, roleArn: 'arn:aws:iam::111122223333:role/admin' }],
    ['with a wildcard', { ...acme, roleArn: 'arn:aws:iam::111122223333:role/sesame/*' }],
    ['in another partition', { ...acme, roleArn: roleArn.replace('aws', 'aws-cn') }],
  ])('a role ARN %s fails', async (_, connection) => {
    expect(await arnStep(connection, deployment, unused)).toMatchObject({ verdict: 'failed', layer: 'arn' })
  })

  test('a role ARN of another project fails; an unavailable table is no finding', async () => {
    const refusing = (error: Error) => ({ refuseForeign: () => Promise.reject(error) })
    const foreign = new RoleArnError('of another project', 'each customer creates its own')
    expect(await arnStep(acme, deployment, refusing(foreign))).toMatchObject({ verdict: 'failed' })
    await expect(arnStep(acme, deployment, refusing(new TypeError('no table')))).rejects.toThrow('no table')
    expect(await arnStep(acme, deployment, unused)).toMatchObject({ verdict: 'passed', found: roleArn })
  })
})
