import { inspect } from 'node:util'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAccountError, readStsError, sessionRejectionOf } from '../../../src/access/session/aws-errors.ts'
import * as errors from '../../../src/access/session/errors.ts'
import { CUSTOMER, OURS, visitedAccount } from '../visited-account.ts'

const externalId = 'c0ffee00c0ffee00c0ffee00c0ffee00'
const secret = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY'
const address = 'ann@example.com'
const roleArn = `arn:aws:iam::${CUSTOMER}:role/sesame/sesame-acme`
const asked = { project: 'acme', roleArn, seconds: 3600, region: 'us-east-1' }

/** An SDK error whose text repeats all that it should not, with whatever an SDK hangs on it. */
const answer = (name: string, message = '', $fault = 'client') =>
  Object.assign(new Error(`${message} ${externalId} ${secret} ${address}`), {
    name,
    $fault,
    $metadata: { requestId: 'request-1', httpStatusCode: 403 },
    $response: { headers: { 'x-amz-security-token': secret } },
    input: { ExternalId: externalId },
  })

const duration = (limit: string) => `The requested DurationSeconds exceeds the ${limit}.`
const fromSts: [string, string, object][] = [
  ['AccessDenied', '', { name: 'TrustRefusedError', layer: 'trust', retryable: false, roleArn }],
  ['AccessDeniedException', '', { name: 'TrustRefusedError' }],
  [
    'ValidationError',
    duration('1 hour session limit for roles assumed by role chaining'),
    { name: 'DurationRefusedError', limit: 'role chaining', seconds: 3600 },
  ],
  [
    'ValidationError',
    duration('MaxSessionDuration set for this role'),
    { name: 'DurationRefusedError', layer: 'duration', limit: 'the role' },
  ],
  [
    'ValidationError',
    `1 validation error detected: Value '${externalId}' at 'externalId' failed to satisfy constraint`,
    { name: 'SessionRequestError', field: 'externalId', layer: 'our request' },
  ],
  ['PackedPolicyTooLargeException', '', { name: 'SessionPolicyError', layer: 'session policy' }],
  ['PackedPolicyTooLarge', '', { name: 'SessionPolicyError' }],
  ['MalformedPolicyDocumentException', '', { name: 'SessionPolicyError', retryable: false }],
  ['RegionDisabledException', '', { name: 'RegionDisabledError', layer: 'region', region: 'us-east-1' }],
  ['ExpiredToken', '', { name: 'OwnCredentialsError', layer: 'our credentials', retryable: true }],
  ['ExpiredTokenException', '', { name: 'OwnCredentialsError' }],
  ['InvalidClientTokenId', '', { name: 'OwnCredentialsError' }],
  ['Throttling', '', { name: 'ThrottledError', by: 'STS', layer: 'throttling', retryable: true }],
  ['RequestLimitExceeded', '', { name: 'ThrottledError' }],
  ['Unheard', '', { name: 'CallFailedError', by: 'STS', layer: 'service', code: 'Unheard', retryable: false }],
]

const denied = (rest: string) =>
  `User: arn:aws:sts::${CUSTOMER}:assumed-role/sesame-acme/acme.propagate is not authorized to perform: ` +
  `ses:GetEmailIdentity on resource: arn:aws:ses:us-east-1:${CUSTOMER}:identity/${address}${rest}`
const missing = {
  name: 'PermissionMissingError',
  layer: 'permission',
  action: 'ses:GetEmailIdentity',
  retryable: false,
}
const fromAccount: [string, string, object][] = [
  [
    'AccessDeniedException',
    denied(' because no identity-based policy allows the ses:GetEmailIdentity action'),
    { ...missing, refusedBy: 'identity-based policy', isExplicit: false },
  ],
  [
    'AccessDeniedException',
    denied(' with an explicit deny in a service control policy'),
    { ...missing, refusedBy: 'service control policy', isExplicit: true },
  ],
  ['AccessDeniedException', denied(''), { ...missing, refusedBy: undefined, isExplicit: false }],
  ['AuthorizationErrorException', 'No.', { name: 'PermissionMissingError', action: undefined }],
  ['AccessDenied', '', { name: 'PermissionMissingError' }],
  ['TooManyRequestsException', '', { name: 'ThrottledError', by: 'account', retryable: true }],
  ['ThrottledException', '', { name: 'ThrottledError', by: 'account' }],
  ['ExpiredTokenException', '', { name: 'SessionEndedError', layer: 'session', retryable: true }],
  ['UnrecognizedClientException', '', { name: 'SessionEndedError' }],
  ['NotFoundException', '', { name: 'CallFailedError', by: 'account', code: 'NotFoundException' }],
]

describe('what STS answers and what the account answers are kept apart', () => {
  test.each(fromSts)('STS: %s %s', (name, message, expected) => {
    expect(readStsError(answer(name, message), asked)).toMatchObject({ ...expected, project: 'acme' })
  })

  test.each(fromAccount)('the account: %s %s', (name, message, expected) => {
    expect(readAccountError(answer(name, message), 'acme')).toMatchObject({ ...expected, project: 'acme' })
  })

  test('only a session that is not known, or is refused, may be replaced by a fresh one', () => {
    expect(sessionRejectionOf(answer('ExpiredTokenException'))).toBe('ended')
    expect(sessionRejectionOf(answer('AccessDeniedException'))).toBe('denied')
    for (const name of ['TooManyRequestsException', 'NotFoundException', 'InternalFailure'])
      expect(sessionRejectionOf(answer(name))).toBeUndefined()
    for (const no of [undefined, null, 'AccessDenied', new Error('AccessDenied'), { name: 'AccessDenied' }])
      expect(sessionRejectionOf(no)).toBeUndefined()
  })

  test('what is no answer of AWS stays what it is', () => {
    for (const other of [new TypeError('x'), undefined, null, 'text', 7, new errors.NoRoleError('acme')]) {
      expect(readStsError(other, asked)).toBe(other)
      expect(readAccountError(other, 'acme')).toBe(other)
    }
  })
})

describe('no error repeats a secret or an address', () => {
  const made = [
    ...fromSts.map(([name, message]) => readStsError(answer(name, message), asked)),
    ...fromAccount.map(([name, message]) => readAccountError(answer(name, message), 'acme')),
    new errors.NoRoleError('acme'),
    new errors.AccountMismatchError('acme', CUSTOMER, OURS),
  ]

  test('neither in its message, nor in its cause, nor anywhere that a log would show', () => {
    for (const error of made) {
      const shown = `${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)} ${String(error)}`
      for (const silent of [externalId, secret, address]) expect(shown).not.toContain(silent)
      expect(error).toBeInstanceOf(errors.ConnectionError)
    }
  })

  test('and every class was looked at', () => {
    const classes = Object.values(errors).filter((one) => one !== errors.ConnectionError && one !== errors.AwsAnswer)
    expect(classes.filter((one) => !made.some((error) => error instanceof one))).toEqual([])
  })

  test('whatever AWS puts into its text', () => {
    fc.assert(
      fc.property(fc.constantFrom(...fromSts, ...fromAccount), fc.string(), fc.string(), ([name], before, after) => {
        const said = answer(name, `${before}${externalId}${after}`)
        for (const error of [readStsError(said, asked), readAccountError(said, 'acme')])
          expect(inspect(error, { depth: 9 })).not.toContain(externalId)
      }),
      { seed: 1, numRuns: 500 },
    )
  })
})

describe('the embedded STS refuses', () => {
  const assume = async (client: STSClient, seconds: number): Promise<unknown> =>
    client
      .send(
        new AssumeRoleCommand({
          RoleArn: roleArn,
          RoleSessionName: 'acme.prove',
          DurationSeconds: seconds,
          ExternalId: '4'.padStart(32, '0'),
        }),
      )
      .catch((error) => readStsError(error, { ...asked, seconds }))

  test('more than an hour by role chaining, whatever the role allows', async () => {
    const visit = await visitedAccount()
    visit.replaceRole({ MaxSessionDuration: 43_200 })
    expect(await assume(visit.sts, 3600)).toHaveProperty('Credentials')
    expect(await assume(visit.sts, 3601)).toMatchObject({ name: 'DurationRefusedError', limit: 'role chaining' })
  })

  test('more than the role allows, without role chaining', async () => {
    const visit = await visitedAccount()
    const Principal = { AWS: `arn:aws:iam::${OURS}:root` }
    const Statement = { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }
    visit.replaceRole({ AssumeRolePolicyDocument: { Version: '2012-10-17', Statement } })
    const administrator = new STSClient(visit.aws.clientConfig(visit.aws.credentials.root(OURS)))
    expect(await assume(administrator, 3601)).toMatchObject({ name: 'DurationRefusedError', limit: 'the role' })
  })
})
