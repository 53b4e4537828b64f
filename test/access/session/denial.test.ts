import { describe, expect, it } from 'vitest'
import { startAws } from '../../../local/aws.ts'
import { readDenial } from '../../../src/access/session/denial.ts'
import { AwsAnswer, PermissionMissingError, TrustRefusedError } from '../../../src/access/session/errors.ts'
import { failureOf } from '../../../src/lambda/failure.ts'
import { account, invoke, route, sesEvent, snsRecord } from '../../suppression/feedback.ts'

const refused = (name: string, message: string) => Object.assign(new Error(message), { name })
const who = 'User: arn:aws:sts::123456789012:assumed-role/sesame-dev-us-east-1-notification-handler/jane@example.com'
const asks = `${who} is not authorized to perform: dynamodb:UpdateItem on resource: arn:aws:dynamodb:us-east-1:123456789012:table/t`

describe('a refusal by AWS', () => {
  it.each([
    ['because no identity-based policy allows the dynamodb:UpdateItem action', 'identity'],
    ['because no session policy allows the dynamodb:UpdateItem action', 'session'],
    ['because no permissions boundary allows the dynamodb:UpdateItem action', 'boundary'],
    ['with an explicit deny in a resource-based policy', 'resource policy'],
    ['with an explicit deny in a service control policy', 'organisation'],
  ])('%s says who wanted what, and that the layer is %s', (reason, layer) => {
    expect(readDenial(refused('AccessDeniedException', `${asks} ${reason}`))).toMatchObject({
      role: 'sesame-dev-us-east-1-notification-handler',
      action: 'dynamodb:UpdateItem',
      resource: 'arn:aws:dynamodb:us-east-1:123456789012:table/t',
      layer,
    })
  })

  it('by SNS and by STS is one too', () => {
    expect(readDenial(refused('AuthorizationError', asks))).toBeDefined()
    const enter = (role: string) =>
      readDenial(refused('AccessDenied', `${who} is not authorized to perform: sts:AssumeRole on resource: ${role}`))
    // Our own side lets every one of our roles that asks into those: so it was the other.
    expect(enter('arn:aws:iam::111122223333:role/sesame/x')).toMatchObject({ layer: 'trust' })
    expect(enter('arn:aws:iam::123456789012:role/sesame/x')).toMatchObject({ layer: 'identity' })
    expect(enter('arn:aws:iam::111122223333:role/x')).toMatchObject({ layer: 'identity' })
  })

  it('that sessions made an error of our own is still told', () => {
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

  it('is told without an address or the name of a session', () => {
    const mail = `${who} is not authorized to perform: ses:SendEmail on resource: arn:aws:ses:us-east-1:123456789012:identity/jane@example.com`
    expect(JSON.stringify(failureOf(refused('AccessDeniedException', mail)))).not.toMatch(/jane|@/)
  })

  it('is nothing else: other errors keep their words', () => {
    expect(readDenial(new Error('not authorized'))).toBeUndefined()
    expect(failureOf(new RangeError('too far'))).toEqual({ outcome: 'failed', error: 'RangeError', message: 'too far' })
    expect(failureOf('text')).toEqual({ outcome: 'failed', error: 'an unknown error' })
  })
})

it('a function whose role lacks a permission says so in its log', async () => {
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
