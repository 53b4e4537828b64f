import { expect, test } from 'vitest'
import { parsePolicy } from '../../src/policy/document.ts'
import { type AccessRequest, evaluate, explain } from '../../src/policy/evaluate.ts'

const arn = 'arn:aws:dynamodb:us-east-1:123456789012:table/suppressions'
const request: AccessRequest = {
  principal: {
    kind: 'session',
    arn: 'arn:aws:sts::123456789012:assumed-role/notification-handler/one',
    roleArn: 'arn:aws:iam::123456789012:role/sesame/notification-handler',
    account: '123456789012',
    userId: 'AROA:one',
  },
  action: 'dynamodb:GetItem',
  resource: arn,
  resourceAccount: '123456789012',
  context: {},
}
const roleWith = (...Statement: object[]) => [
  { name: 'notification-handler', document: parsePolicy({ Version: '2012-10-17', Statement }, 'identity') },
]
const statementOf = (Sid: string, change: object) => ({
  Sid,
  Effect: 'Allow',
  Action: 'dynamodb:GetItem',
  Resource: arn,
  ...change,
})

test('an explanation of a refusal names the role, the action, the resource and the failed element in one line', () => {
  const decision = evaluate(request, {
    identity: roleWith(statementOf('AddEvidence', { Action: 'dynamodb:UpdateItem' })),
  })
  expect(explain(decision)).toBe(
    `denied: no statement of notification-handler allows dynamodb:GetItem on ${arn} (AddEvidence: action is not dynamodb:UpdateItem)`,
  )
})

test('an explanation starts with the statement that almost matched, and truncates a long list', () => {
  const others = Array.from({ length: 6 }, (_, index) => statementOf(`Other${index}`, { Action: 'sns:Publish' }))
  const near = statementOf('Near', { Condition: { StringEquals: { 'aws:SourceAccount': '1' } } })
  expect(explain(evaluate(request, { identity: roleWith(...others, near) }))).toMatch(
    /\(Near: aws:SourceAccount is absent, .*; 3 more\)$/,
  )
})

test('a decision has a reason for each statement', () => {
  const { reasons } = evaluate(request, {
    identity: roleWith(statementOf('A', {}), statementOf('B', { Action: 'sns:Publish' })),
    boundary: roleWith(statementOf('C', {})),
  })
  expect(reasons.map(({ layer, statement, matched }) => `${layer} ${statement} ${matched}`)).toEqual([
    'identity A true',
    'identity B false',
    'boundary C true',
  ])
})

test('a decision and its explanation contain neither an external id nor an address', () => {
  const identity = roleWith(
    statementOf('A', { Condition: { StringEquals: { 'sts:ExternalId': 'secret' } } }),
    statementOf('B', { Condition: { StringEquals: { 'aws:SourceIdentity': 'x' } } }),
    statementOf('C', { Resource: 'arn:aws:ses:us-east-1:123456789012:identity/alice@example.com' }),
  )
  const context = { 'sts:ExternalId': 'guess', 'aws:SourceIdentity': 'alice@example.com' }
  const decision = evaluate({ ...request, context }, { identity })
  expect(JSON.stringify(decision.reasons)).not.toMatch(/secret|guess|"actual":\["alice/)
  expect(explain(decision)).not.toMatch(/secret|guess|alice/)
})
