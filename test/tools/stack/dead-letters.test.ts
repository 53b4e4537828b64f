import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { deadLetterQueues } from '../../../src/dead-letters/queues.ts'
import { RoleNotIncludedError } from '../../../src/template/included-roles.ts'
import { readTemplate } from '../../../src/template/template.ts'
import { readYaml } from '../../../src/template/yaml-file.ts'
import { deadLetterProblems } from '../../../tools/stack/dead-letters.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const template = (source?: unknown) =>
  readTemplate({
    root,
    stage: 'test',
    account: '123456789012',
    region: 'us-east-1',
    endpoint: 'http://localhost:1',
    env: {},
    ...(source !== undefined && { source }),
  })

const queue = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] })
const alarm = (id: string) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [id, 'QueueName'] } }],
  },
})
const withFunction = (block: object, resources: object = {}) =>
  template({
    service: 's',
    functions: { 'count-jobs': { handler: 'h', role: { 'Fn::Sub': '${R.Arn}' }, ...block } },
    resources: { Resources: { R: { Type: 'AWS::IAM::Role' }, Letters: { Type: 'AWS::SQS::Queue' }, ...resources } },
  })
const onFailure = { destinations: { onFailure: { type: 'sqs', arn: queue('Letters') } } }

test('every function of the stack has a dead-letter queue with an alarm', () => {
  expect(deadLetterProblems(template())).toEqual([])
})

test('a function without a dead-letter queue is reported with its file and the remedy', () => {
  expect(deadLetterProblems(withFunction({}))).toEqual([
    'serverless.yml: count-jobs has no dead-letter queue. Add a queue to infra/dead-letters.yml and `destinations.onFailure` to the function.',
  ])
})

test('a function that is invoked only synchronously needs no dead-letter queue', () => {
  expect(deadLetterProblems(withFunction({ maximumRetryAttempts: 0 }))).toEqual([])
})

test('a function whose dead-letter queue has no alarm is reported with the file and the remedy', () => {
  expect(deadLetterProblems(withFunction(onFailure))).toEqual([
    'infra/alarms.yml: no alarm watches Letters, the dead-letter queue of count-jobs. Add an alarm with `<<: *deadLetters` and this queue.',
  ])
  expect(deadLetterProblems(withFunction(onFailure, { LettersAlarm: alarm('Letters') }))).toEqual([])
  expect(deadLetterProblems(withFunction(onFailure, { OtherAlarm: alarm('Other') }))).toHaveLength(1)
})

test('the dead-letter queue of a queue that a function consumes is checked', () => {
  const jobs = { Type: 'AWS::SQS::Queue', Properties: { RedrivePolicy: { deadLetterTargetArn: queue('Letters') } } }
  const block = { maximumRetryAttempts: 0, events: [{ sqs: { arn: queue('Jobs') } }] }
  expect(deadLetterProblems(withFunction(block, { Jobs: { Type: 'AWS::SQS::Queue' } }))).toHaveLength(1)
  expect(deadLetterProblems(withFunction(block, { Jobs: jobs, LettersAlarm: alarm('Letters') }))).toEqual([])
})

test('the operator can list the letters of every dead-letter queue of the stack', () => {
  const { functions, resources } = template()
  const names = [...resources].flatMap(([id, { Type, Properties }]) => {
    const name = String(Object(Properties).QueueName?.['Fn::Sub'] ?? Object(Properties).QueueName)
    return Type === 'AWS::SQS::Queue' && name.endsWith('-dead-letters') ? [{ id, name }] : []
  })
  const listed = JSON.stringify(functions.get('manage-dead-letters')?.environment)
  expect(names.length).toBeGreaterThan(8)
  expect(names.filter(({ id }) => !listed.includes(`"${id}"`))).toEqual([])
  const known = new Set<string>(deadLetterQueues)
  expect(names.filter(({ name }) => !known.has(name.replace(/^sesame-test-|-dead-letters$/g, '')))).toEqual([])
})

test('every alarm of the stack is needed: without any one, its dead-letter queue is reported', () => {
  const { functions, resources } = template()
  const alarms = [...resources].filter(
    ([, { Type, Properties }]) =>
      Type === 'AWS::CloudWatch::Alarm' && Properties.MetricName === 'ApproximateNumberOfMessagesVisible',
  )
  expect(alarms.length).toBeGreaterThan(5)
  for (const [id] of alarms) {
    const others = new Map([...resources].filter(([other]) => other !== id))
    expect(deadLetterProblems({ functions, resources: others }), id).not.toEqual([])
  }
})

test('a role that serverless.yml does not include is reported with function, file and remedy', () => {
  const source: Record<string, unknown> = Object(readYaml(root, 'serverless.yml'))
  const resources = [source.resources].flat().filter((one) => !String(one).includes('iam/role-audit.yml'))
  expect(() => template({ ...source, resources })).toThrow(RoleNotIncludedError)
  expect(() => template({ ...source, resources })).toThrow(
    'serverless.yml: audit-role-use uses the role RoleAuditRole of iam/role-audit.yml, which is not included. Add `- ${file(iam/role-audit.yml)}` to resources.',
  )
})
