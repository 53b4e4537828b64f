import { describe, expect, test } from 'vitest'
import { conclusionOf } from '../../../src/access/proof/conclusion.ts'
import { arnStep } from '../../../src/access/proof/steps/arn.ts'
import { trustStep } from '../../../src/access/proof/steps/entrance.ts'
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

const place = { partition: 'aws', region: 'us-east-1', account: '123456789012' }
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

/** What STS may answer to the right id, and whether it is the customer's to mend (failed) or passes by itself (open). */
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

describe('what STS answers to the right id', () => {
  const sessions = (error: unknown): Sessions => ({
    credentials: () => async () => {
      throw error
    },
    use: async () => {
      throw error
    },
    forget: () => undefined,
  })

  test.each(answers)('%s', async (_, error, conclusion, layer) => {
    const { step, inside } = await trustStep(acme, place, sessions(error))
    expect(inside).toBeUndefined()
    expect(step.layer).toBe(layer)
    expect(step.found).not.toContain('Project acme')
    expect(conclusionOf([step]).conclusion).toBe(conclusion)
  })

  test('anything else is a defect, and no finding', async () => {
    await expect(trustStep(acme, place, sessions(new TypeError('ours')))).rejects.toThrow('ours')
  })
})

describe('the ARN', () => {
  const nobodys = { refuseForeign: async () => undefined }

  test.each([
    ['of another account', { ...acme, account: '444455556666' }],
    ['of our own account', { ...acme, roleArn: `arn:aws:iam::${place.account}:role/sesame/x` }],
    ['outside of role/sesame/', { ...acme, roleArn: 'arn:aws:iam::111122223333:role/admin' }],
    ['with a wildcard', { ...acme, roleArn: 'arn:aws:iam::111122223333:role/sesame/*' }],
    ['of another partition', { ...acme, roleArn: roleArn.replace('aws', 'aws-cn') }],
  ])('%s fails', async (_, connection) => {
    expect(await arnStep(connection, place, nobodys)).toMatchObject({ verdict: 'failed', layer: 'arn' })
  })

  test('of another project fails; a table that does not answer is no finding', async () => {
    const refusing = (error: Error) => ({ refuseForeign: () => Promise.reject(error) })
    const foreign = new RoleArnError('of another project', 'each customer makes its own')
    expect(await arnStep(acme, place, refusing(foreign))).toMatchObject({ verdict: 'failed' })
    await expect(arnStep(acme, place, refusing(new TypeError('no table')))).rejects.toThrow('no table')
    expect(await arnStep(acme, place, nobodys)).toMatchObject({ verdict: 'passed', found: roleArn })
  })
})
