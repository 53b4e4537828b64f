import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parsePolicy } from '../../src/policy/document.ts'
import { evaluate, type Principal } from '../../src/policy/evaluate.ts'
import { account, withArns } from '../iam/role-files.ts'
import { type Packaged, packageStack } from './package-stack.ts'

const connected = ['111122223333', '444455556666']
const stranger = '999999999999'
const ses: Principal = { kind: 'service', service: 'ses.amazonaws.com' }
const administrator: Principal = { kind: 'root', arn: `arn:aws:iam::${account}:root`, account }
const everything = parsePolicy({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } })

let bare: Packaged
let packaged: Packaged
beforeAll(async () => {
  bare = await packageStack()
  packaged = await packageStack({ SESAME_CONNECTED_ACCOUNTS: connected.join(',') })
}, 240_000)
afterAll(() => {
  bare?.remove()
  packaged?.remove()
})

/** Whether a message of `principal` would be taken by the topic of that logical id. */
function verdict(
  { template }: Packaged,
  topic: string,
  principal: Principal,
  context: Record<string, string>,
  action = 'sns:Publish',
) {
  const policies = Object.values(template.Resources).filter(
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
  test('takes the events of SES for our own account, without any setting', () => {
    expect(verdict(bare, topic, ses, onBehalfOf(account))).toBe('allowed')
  })

  test('takes the events of SES for a connected account, of its configuration sets and its identities', () => {
    for (const sender of [account, ...connected]) {
      expect(verdict(packaged, topic, ses, onBehalfOf(sender))).toBe('allowed')
      expect(verdict(packaged, topic, ses, onBehalfOf(sender, 'identity/example.com'))).toBe('allowed')
    }
  })

  test.each([
    ['an account that is not connected', onBehalfOf(stranger)],
    ['no account at all', {}],
    ['an account without saying for which configuration set', { 'aws:SourceAccount': account }],
    ['another region', onBehalfOf(account, 'configuration-set/sesame', 'eu-west-1')],
    ['something of SES that sends no events', onBehalfOf(account, 'dedicated-ip-pool/pool')],
  ])('refuses SES on behalf of %s', (_, context) => {
    expect(verdict(bare, topic, ses, context)).toBe('denied')
  })

  test('refuses accounts whose connection was taken back', () => {
    for (const sender of connected) expect(verdict(bare, topic, ses, onBehalfOf(sender))).toBe('denied')
  })

  test('refuses every other service, even for a connected account', () => {
    for (const service of ['events.amazonaws.com', 's3.amazonaws.com', 'sns.amazonaws.com'])
      expect(verdict(packaged, topic, { kind: 'service', service }, onBehalfOf(account))).toBe('denied')
  })

  test('refuses the administrators of our own account, who may manage it all the same', () => {
    expect(verdict(packaged, topic, administrator, {})).toBe('denied')
    expect(verdict(packaged, topic, administrator, {}, 'sns:SetTopicAttributes')).toBe('allowed')
  })

  test('refuses a message of nobody and of another account', () => {
    expect(verdict(packaged, topic, { kind: 'anonymous' }, {})).toBe('denied')
    const other: Principal = { kind: 'root', arn: `arn:aws:iam::${stranger}:root`, account: stranger }
    expect(verdict(packaged, topic, other, {})).toBe('denied')
  })
})

test('AlertsTopic takes nothing but the alarms of our own account', () => {
  const alarms: Principal = { kind: 'service', service: 'cloudwatch.amazonaws.com' }
  const alarmOf = (owner: string, name: string) => ({
    'aws:SourceAccount': owner,
    'aws:SourceArn': `arn:aws:cloudwatch:us-east-1:${owner}:alarm:${name}`,
  })
  expect(verdict(bare, 'AlertsTopic', alarms, alarmOf(account, 'sesame-test-record-bounce-errors'))).toBe('allowed')
  expect(verdict(bare, 'AlertsTopic', alarms, alarmOf(account, 'of-something-else'))).toBe('denied')
  expect(verdict(bare, 'AlertsTopic', alarms, alarmOf(stranger, 'sesame-test-record-bounce-errors'))).toBe('denied')
  expect(verdict(bare, 'AlertsTopic', ses, onBehalfOf(account))).toBe('denied')
})
