import { inspect } from 'node:util'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAccountError, readStsError, sessionRejectionOf } from '../../../src/access/session/aws-errors.ts'
import * as errors from '../../../src/access/session/errors.ts'
import { runsOf } from '../../runs.ts'
import { CUSTOMER, OURS, visitedAccount } from '../visited-account.ts'

const externalId = 'c0ffee00c0ffee00c0ffee00c0ffee00'
const secret = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY'
const address = 'ann@example.com'
const roleArn = `arn:aws:iam::${CUSTOMER}:role/sesame/sesame-acme`
const call = { project: 'acme', roleArn, seconds: 3600, region: 'us-east-1' }

/** An SDK error with secrets in its message and in the properties that an SDK adds. */
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
    'AccessDenied',
    `not authorized to perform: sts:AssumeRole on resource: ${roleArn} with an explicit deny in a service control policy`,
    { name: 'OwnSideRefusedError', layer: 'our permissions', retryable: true, refusedBy: 'service control policy' },
  ],
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

describe('errors by who answered', () => {
  test.each(fromSts)('an answer of STS becomes its own error: %s %s', (name, message, expected) => {
    expect(readStsError(answer(name, message), call)).toMatchObject({ ...expected, project: 'acme' })
  })

  test.each(fromAccount)('an answer of the account becomes its own error: %s %s', (name, message, expected) => {
    expect(readAccountError(answer(name, message), 'acme')).toMatchObject({ ...expected, project: 'acme' })
  })

  test('only an unknown or denied session is a reason for a fresh one', () => {
    expect(sessionRejectionOf(answer('ExpiredTokenException'))).toBe('ended')
    expect(sessionRejectionOf(answer('AccessDeniedException'))).toBe('denied')
    for (const name of ['TooManyRequestsException', 'NotFoundException', 'InternalFailure'])
      expect(sessionRejectionOf(answer(name))).toBeUndefined()
    for (const no of [undefined, null, 'AccessDenied', new Error('AccessDenied'), { name: 'AccessDenied' }])
      expect(sessionRejectionOf(no)).toBeUndefined()
  })

  test('an error that is not an answer of AWS is returned unchanged', () => {
    for (const other of [new TypeError('x'), undefined, null, 'text', 7, new errors.NoRoleError('acme')]) {
      expect(readStsError(other, call)).toBe(other)
      expect(readAccountError(other, 'acme')).toBe(other)
    }
  })
})

describe('secrets in errors', () => {
  const made = [
    ...fromSts.map(([name, message]) => readStsError(answer(name, message), call)),
    ...fromAccount.map(([name, message]) => readAccountError(answer(name, message), 'acme')),
    new errors.NoRoleError('acme'),
    new errors.AccountMismatchError('acme', CUSTOMER, OURS),
  ]

  test('no error contains a secret or an address, in its message, its cause or any other property', () => {
    for (const error of made) {
      const shown = `${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)} ${String(error)}`
      for (const silent of [externalId, secret, address]) expect(shown).not.toContain(silent)
      expect(error).toBeInstanceOf(errors.ConnectionError)
    }
  })

  test('the check for secrets covers every error class', () => {
    const classes = Object.values(errors).filter((one) => one !== errors.ConnectionError && one !== errors.AwsAnswer)
    expect(classes.filter((one) => !made.some((error) => error instanceof one))).toEqual([])
  })

  test('no error contains an external id, whatever the message of AWS is', () => {
    fc.assert(
      fc.property(fc.constantFrom(...fromSts, ...fromAccount), fc.string(), fc.string(), ([name], before, after) => {
        const error = answer(name, `${before}${externalId}${after}`)
        for (const read of [readStsError(error, call), readAccountError(error, 'acme')])
          expect(inspect(read, { depth: 9 })).not.toContain(externalId)
      }),
      { seed: 1, numRuns: runsOf(500) },
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
      .catch((error) => readStsError(error, { ...call, seconds }))

  test('the embedded STS refuses more than one hour with role chaining, whatever the role allows', async () => {
    const visit = await visitedAccount()
    visit.replaceRole({ MaxSessionDuration: 43_200 })
    expect(await assume(visit.sts, 3600)).toHaveProperty('Credentials')
    expect(await assume(visit.sts, 3601)).toMatchObject({ name: 'DurationRefusedError', limit: 'role chaining' })
  })

  test('the embedded STS refuses more than the role allows, without role chaining', async () => {
    const visit = await visitedAccount()
    const Principal = { AWS: `arn:aws:iam::${OURS}:root` }
    const Statement = { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }
    visit.replaceRole({ AssumeRolePolicyDocument: { Version: '2012-10-17', Statement } })
    const administrator = new STSClient(visit.aws.clientConfig(visit.aws.credentials.root(OURS)))
    expect(await assume(administrator, 3601)).toMatchObject({ name: 'DurationRefusedError', limit: 'the role' })
  })
})
