import { beforeAll, describe, expect, test } from 'vitest'
import { parsePolicy } from '../../src/policy/document.ts'
import { evaluate, type Principal } from '../../src/policy/evaluate.ts'
import { account, withArns } from '../iam/role-files.ts'
import { type Packaged, packageStack } from './package-stack.ts'

const connected = ['111122223333', '444455556666']
const unknownAccount = '999999999999'
const ses: Principal = { kind: 'service', service: 'ses.amazonaws.com' }
const administrator: Principal = { kind: 'root', arn: `arn:aws:iam::${account}:root`, account }
const everything = parsePolicy({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } })

let packaged: Packaged
beforeAll(async () => {
  // The variable that formerly connected accounts at deployment: it must have no effect.
  packaged = await packageStack({ SESAME_CONNECTED_ACCOUNTS: connected.join(',') })
}, 120_000)

/** Whether the topic with this logical id accepts a message from `principal`. */
function verdict(topic: string, principal: Principal, context: Record<string, string>, action = 'sns:Publish') {
  const policies = Object.values(packaged.template.Resources).filter(
    ({ Type, Properties }) =>
      Type === 'AWS::SNS::TopicPolicy' && JSON.stringify(Properties.Topics) === JSON.stringify([{ Ref: topic }]),
  )
  expect(policies).toHaveLength(1)
  const document = parsePolicy(withArns(policies[0]?.Properties.PolicyDocument), 'resource')
  const resource = `arn:aws:any:us-east-1:${account}:${topic}`
  const identity = principal === administrator ? [{ name: 'administrator', document: everything }] : []
  const request = { principal, action, resource, resourceAccount: account, context }
  return evaluate(request, { identity, resource: { name: topic, document } }).verdict
}
const onBehalfOf = (sender: string, source = 'configuration-set/sesame', region = 'us-east-1') => ({
  'aws:SourceAccount': sender,
  'aws:SourceArn': `arn:aws:ses:${region}:${sender}:${source}`,
})

describe.each(['BouncesTopic', 'ComplaintsTopic'])('%s', (topic) => {
  test('accepts events that SES publishes for the own account, for its configuration sets and its identities', () => {
    expect(verdict(topic, ses, onBehalfOf(account))).toBe('allowed')
    expect(verdict(topic, ses, onBehalfOf(account, 'identity/example.com'))).toBe('allowed')
  })

  test('denies connected accounts, which have topics of their own', () => {
    for (const sender of connected) expect(verdict(topic, ses, onBehalfOf(sender))).toBe('denied')
  })

  test.each([
    ['another account', onBehalfOf(unknownAccount)],
    ['no account', {}],
    ['the own account without a source ARN', { 'aws:SourceAccount': account }],
    ['another region', onBehalfOf(account, 'configuration-set/sesame', 'eu-west-1')],
    ['an SES resource that sends no events', onBehalfOf(account, 'dedicated-ip-pool/pool')],
  ])('denies SES on behalf of %s', (_, context) => {
    expect(verdict(topic, ses, context)).toBe('denied')
  })

  test('denies every other service, even on behalf of the own account', () => {
    for (const service of ['events.amazonaws.com', 's3.amazonaws.com', 'sns.amazonaws.com'])
      expect(verdict(topic, { kind: 'service', service }, onBehalfOf(account))).toBe('denied')
  })

  test('denies publishing to administrators of the own account, who may still manage the topic', () => {
    expect(verdict(topic, administrator, {})).toBe('denied')
    expect(verdict(topic, administrator, {}, 'sns:SetTopicAttributes')).toBe('allowed')
  })

  test('denies anonymous callers and other accounts', () => {
    expect(verdict(topic, { kind: 'anonymous' }, {})).toBe('denied')
    const other: Principal = { kind: 'root', arn: `arn:aws:iam::${unknownAccount}:root`, account: unknownAccount }
    expect(verdict(topic, other, {})).toBe('denied')
  })
})

test('AlertsTopic accepts only the alarms of the own account', () => {
  const alarms: Principal = { kind: 'service', service: 'cloudwatch.amazonaws.com' }
  const alarmOf = (owner: string, name: string) => ({
    'aws:SourceAccount': owner,
    'aws:SourceArn': `arn:aws:cloudwatch:us-east-1:${owner}:alarm:${name}`,
  })
  expect(verdict('AlertsTopic', alarms, alarmOf(account, 'sesame-test-record-bounce-errors'))).toBe('allowed')
  expect(verdict('AlertsTopic', alarms, alarmOf(account, 'of-something-else'))).toBe('denied')
  expect(verdict('AlertsTopic', alarms, alarmOf(unknownAccount, 'sesame-test-record-bounce-errors'))).toBe('denied')
  expect(verdict('AlertsTopic', ses, onBehalfOf(account))).toBe('denied')
})
