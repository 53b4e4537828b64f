import { describe, expect, test } from 'vitest'
import { startAws } from '../../../local/aws.ts'
import { readDenial } from '../../../src/access/session/denial.ts'
import { AwsAnswer, PermissionMissingError, TrustRefusedError } from '../../../src/access/session/errors.ts'
import { failureOf } from '../../../src/lambda/failure.ts'
import { invoke, route, sesEvent, snsRecord } from '../../suppression/feedback.ts'

const refused = (name: string, message: string) => Object.assign(new Error(message), { name })
const who = 'User: arn:aws:sts::123456789012:assumed-role/sesame-dev-us-east-1-notification-handler/jane@example.com'
const denial = `${who} is not authorized to perform: dynamodb:UpdateItem on resource: arn:aws:dynamodb:us-east-1:123456789012:table/t`

describe('readDenial', () => {
  test.each([
    ['because no identity-based policy allows the dynamodb:UpdateItem action', 'identity'],
    ['because no session policy allows the dynamodb:UpdateItem action', 'session'],
    ['because no permissions boundary allows the dynamodb:UpdateItem action', 'boundary'],
    ['with an explicit deny in a resource-based policy', 'resource policy'],
    ['with an explicit deny in a service control policy', 'organisation'],
  ])('a denial %s names role, action and resource, and the layer %s', (reason, layer) => {
    expect(readDenial(refused('AccessDeniedException', `${denial} ${reason}`))).toMatchObject({
      role: 'sesame-dev-us-east-1-notification-handler',
      action: 'dynamodb:UpdateItem',
      resource: 'arn:aws:dynamodb:us-east-1:123456789012:table/t',
      layer,
    })
  })

  test('the error codes of SNS and STS are denials too, and STS denials get their layer from the role files', () => {
    expect(readDenial(refused('AuthorizationError', denial))).toBeDefined()
    const enter = (role: string) =>
      readDenial(refused('AccessDenied', `${who} is not authorized to perform: sts:AssumeRole on resource: ${role}`))
    // The role files allow these callers to assume roles in role/sesame/ of other accounts, so the trust policy denied it.
    expect(enter('arn:aws:iam::111122223333:role/sesame/x')).toMatchObject({ layer: 'trust' })
    expect(enter('arn:aws:iam::123456789012:role/sesame/x')).toMatchObject({ layer: 'identity' })
    expect(enter('arn:aws:iam::111122223333:role/x')).toMatchObject({ layer: 'identity' })
  })

  test('a denial that became one of our errors keeps its action and layer', () => {
    const answer = new AwsAnswer('AccessDenied', undefined)
    const trust = new TrustRefusedError('acme', 'arn:aws:iam::111122223333:role/sesame/x', answer)
    expect(failureOf(trust)).toMatchObject({
      denied: { action: 'sts:AssumeRole', resource: 'arn:aws:iam::111122223333:role/sesame/x', layer: 'trust' },
    })
    const facts = { action: 'ses:GetAccount', refusedBy: 'session policy', isExplicit: false } as const
    expect(failureOf(new PermissionMissingError('acme', facts, answer))).toMatchObject({
      denied: { role: 'of the customer', action: 'ses:GetAccount', layer: 'session' },
    })
  })

  test('a denial contains no address and no session name', () => {
    const mail = `${who} is not authorized to perform: ses:SendEmail on resource: arn:aws:ses:us-east-1:123456789012:identity/jane@example.com`
    expect(JSON.stringify(failureOf(refused('AccessDeniedException', mail)))).not.toMatch(/jane|@/)
  })

  test('other errors are not denials and keep their messages', () => {
    expect(readDenial(new Error('not authorized'))).toBeUndefined()
    expect(failureOf(new RangeError('too far'))).toEqual({ outcome: 'failed', error: 'RangeError', message: 'too far' })
    expect(failureOf('text')).toEqual({ outcome: 'failed', error: 'an unknown error' })
  })
})

test('a function whose role lacks a permission logs the denial', async () => {
  const aws = await startAws()
  await route(aws, 'sesame-acme', 'acme')
  const role = aws.functions.get('record-bounce')?.roleArn ?? ''
  const old = aws.roles.byArn(role)
  const Statement = old?.identity[0]?.document.Statement.filter(({ Sid }) => Sid !== 'KeepEvidenceInTheList')
  aws.roles.delete(role)
  aws.roles.create('123456789012', {
    RoleName: old?.name,
    Path: '/sesame/',
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    },
    Policies: [{ PolicyName: 'narrower', PolicyDocument: { Version: '2012-10-17', Statement } }],
  })
  const facts = {
    kind: 'hard',
    addresses: ['jane@example.com'],
    at: new Date('2026-03-01T10:00:00Z'),
    feedbackId: 'f',
  } as const
  expect(await invoke(aws, [snsRecord(sesEvent(facts, 'sesame-acme'))])).toBe(false)
  const line = aws.lambda.logLines('sesame-dev-record-bounce').at(-1) ?? ''
  expect(JSON.parse(line)).toEqual({
    outcome: 'failed',
    error: 'AccessDeniedException',
    denied: {
      role: 'sesame-dev-us-east-1-notification-handler',
      action: 'dynamodb:UpdateItem',
      resource: 'arn:aws:dynamodb:us-east-1:123456789012:table/sesame-dev-suppressions',
      layer: 'identity',
      change: 'the role’s own policy: its file in iam/',
    },
  })
  expect(line).not.toContain('jane')
})
