import { spawnSync } from 'node:child_process'
import { beforeAll, describe, expect, test } from 'vitest'
import { resolve } from '../../src/template/resolve.ts'
import { roleFiles } from '../iam/role-files.ts'
import { type Packaged, packageStack, type Resource } from './package-stack.ts'
import { referencesIn } from './references.ts'
import { allFunctions, asynchronous, names, streamed, subscribed } from './service.ts'

let packaged: Packaged
beforeAll(async () => {
  packaged = await packageStack()
}, 120_000)

const ofType = (type: string): [string, Resource][] =>
  Object.entries(packaged.template.Resources).filter(([, { Type }]) => Type === type)
const functionNamed = (name: string) => {
  const found = ofType('AWS::Lambda::Function').find(
    ([, { Properties }]) => Properties.FunctionName === `sesame-test-${name}`,
  )
  if (!found) throw new Error(`No function ${name}`)
  return { id: found[0], properties: found[1].Properties }
}
const queueOf = (name: string) => {
  const found = ofType('AWS::SQS::Queue').find(
    ([, { Properties }]) => Properties.QueueName === `sesame-test-${name}-dead-letters`,
  )
  if (!found) throw new Error(`No dead-letter queue of ${name}`)
  return found[0]
}

describe('every function', () => {
  test.each(allFunctions)('$name has the pinned runtime and architecture, and a role of iam/', ({ name, role }) => {
    const { properties } = functionNamed(name)
    expect(properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Role: role,
      LoggingConfig: { LogFormat: 'JSON', SystemLogLevel: 'WARN' },
    })
    expect(roleFiles.map(({ logicalId }) => `\${${logicalId}.Arn}`)).toContain(role['Fn::Sub'])
    expect(properties).not.toHaveProperty('ReservedConcurrentExecutions')
  })

  test.each(names(allFunctions))('%s has a log group with a retention of 30 days', (name) => {
    const groups = ofType('AWS::Logs::LogGroup').map(([, { Properties }]) => Properties)
    expect(groups).toContainEqual({ LogGroupName: `/aws/lambda/sesame-test-${name}`, RetentionInDays: 30 })
  })

  test.each(names(asynchronous))(
    'an event of %s is attempted three times, then sent to its own dead-letter queue',
    (name) => {
      const settings = ofType('AWS::Lambda::EventInvokeConfig').map(([, { Properties }]) => Properties)
      expect(settings).toContainEqual({
        FunctionName: { Ref: functionNamed(name).id },
        MaximumRetryAttempts: 2,
        Qualifier: '$LATEST',
        DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [queueOf(name), 'Arn'] } } },
      })
    },
  )

  test.each([
    ['record-bounce', 'BouncesTopic'],
    ['record-complaint', 'ComplaintsTopic'],
  ])(
    '%s subscribes to %s, and only this topic may send undeliverable messages to its dead-letter queue',
    (name, topic) => {
      const queue = { 'Fn::GetAtt': [queueOf(name), 'Arn'] }
      const subscriptions = ofType('AWS::SNS::Subscription').map(([, { Properties }]) => Properties)
      expect(subscriptions).toContainEqual({
        TopicArn: { Ref: topic },
        Protocol: 'lambda',
        Endpoint: { 'Fn::GetAtt': [functionNamed(name).id, 'Arn'] },
        RedrivePolicy: { deadLetterTargetArn: queue },
      })
      const policies = ofType('AWS::SQS::QueuePolicy').filter(
        ([, { Properties }]) => JSON.stringify(Properties.Queues) === JSON.stringify([{ Ref: queueOf(name) }]),
      )
      expect(policies).toHaveLength(1)
      expect(policies[0]?.[1].Properties.PolicyDocument).toMatchObject({
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'sns.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: queue,
            Condition: { ArnEquals: { 'aws:SourceArn': { Ref: topic } } },
          },
        ],
      })
      const permissions = ofType('AWS::Lambda::Permission').map(([, { Properties }]) => Properties)
      expect(permissions).toContainEqual({
        FunctionName: { 'Fn::GetAtt': [functionNamed(name).id, 'Arn'] },
        Action: 'lambda:InvokeFunction',
        Principal: 'sns.amazonaws.com',
        SourceArn: { Ref: topic },
      })
    },
  )

  test('every queue that a customer or a retry can fill has a limit on the concurrency of its function', () => {
    const mappings = ofType('AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties)
    const ofQueues = mappings.filter(({ StartingPosition }) => StartingPosition === undefined)
    expect(ofQueues.length).toBeGreaterThanOrEqual(2)
    for (const { ScalingConfig } of ofQueues)
      expect(ScalingConfig).toMatchObject({ MaximumConcurrency: expect.any(Number) })
  })

  test('propagate-suppression may send to the queue that invokes it more often than Lambda allows by default', () => {
    expect(packaged.template.Resources.PropagateDashsuppressionLambdaFunction?.Properties).toMatchObject({
      RecursiveLoop: 'Allow',
    })
  })

  test.each(names(streamed))(
    '%s reads its stream from the beginning, and failed records go to its own dead-letter queue',
    (name) => {
      const mappings = ofType('AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties)
      expect(mappings).toContainEqual(
        expect.objectContaining({
          FunctionName: { 'Fn::GetAtt': [functionNamed(name).id, 'Arn'] },
          StartingPosition: 'TRIM_HORIZON',
          BisectBatchOnFunctionError: true,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [queueOf(name), 'Arn'] } } },
        }),
      )
    },
  )

  test.each(names(subscribed))('%s hashes addresses in its log with a key of the stack', (name) => {
    const parameters = { 'AWS::StackId': 'arn:aws:cloudformation:us-east-1:123456789012:stack/sesame-test/b5c1c0de' }
    const variables = Object(functionNamed(name).properties.Environment).Variables
    expect(resolve(variables.LOG_KEY, { parameters, resources: {} })).toBe('b5c1c0de')
    expect(variables).toMatchObject({
      SUPPRESSIONS_TABLE: { Ref: 'SuppressionsTable' },
      PROJECTS_TABLE: { Ref: 'ProjectsTable' },
    })
  })
})

describe('the stack', () => {
  test('the stack contains everything to which it refers', () => {
    const { Resources, Parameters, Conditions, Outputs } = packaged.template
    const known = new Set([...Object.keys(Resources), ...Object.keys(Parameters)])
    const unknown = referencesIn({ Resources, Conditions, Outputs }).filter(
      (name) => !known.has(name) && !/^AWS::(AccountId|NoValue|Partition|Region|StackId|URLSuffix)$/.test(name),
    )
    expect(unknown).toEqual([])
    const conditions = Object.values(Resources).flatMap(({ Condition }) => Condition ?? [])
    expect(conditions.filter((name) => !(name in Conditions))).toEqual([])
  })

  test('the stack has only the roles of iam/', () => {
    const ids = ofType('AWS::IAM::Role').map(([id]) => id)
    expect(ids.sort()).toEqual(roleFiles.map(({ logicalId }) => logicalId).sort())
    expect(ofType('AWS::IAM::Policy')).toEqual([])
    expect(ofType('AWS::IAM::ManagedPolicy').map(([id]) => id)).toEqual(['Boundary'])
  })

  test('the dead-letter queues keep messages for 14 days, encrypted', () => {
    const queues = ofType('AWS::SQS::Queue')
      .map(([, { Properties }]) => Properties)
      .filter(({ QueueName }) => String(QueueName).endsWith('-dead-letters'))
    expect(queues.length).toBeGreaterThanOrEqual(asynchronous.length + streamed.length)
    for (const queue of queues)
      expect(queue).toMatchObject({ MessageRetentionPeriod: 14 * 24 * 3600, SqsManagedSseEnabled: true })
  })

  test('the tables are never deleted or replaced, and have point-in-time recovery', () => {
    const tables = ofType('AWS::DynamoDB::Table')
    expect(tables.map(([id]) => id)).toEqual(expect.arrayContaining(['ProjectsTable', 'SuppressionsTable']))
    for (const [, table] of tables) {
      expect(table).toMatchObject({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          BillingMode: 'PAY_PER_REQUEST',
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          SSESpecification: { SSEEnabled: true },
        },
      })
    }
  })

  test('the keys of the archives differ between packagings only in the time', () => {
    const keys = names(allFunctions).map((name) => String(Object(functionNamed(name).properties.Code).S3Key))
    expect(keys.map((key) => key.replace(/\d+-\d{4}-[\dT:.-]+Z/, 'TIME'))).toEqual(
      names(allFunctions).map((name) => `serverless/sesame/test/TIME/${name}.zip`),
    )
  })
})

describe('the alarms', () => {
  test.each(names(subscribed))('%s has an alarm for each case in which its events can be late or lost', (name) => {
    const metrics = ofType('AWS::CloudWatch::Alarm')
      .map(([, { Properties }]) => Properties)
      .filter(({ AlarmName }) => String(AlarmName).startsWith(`sesame-test-${name}-`))
      .map(({ MetricName }) => MetricName)
    expect(metrics.sort()).toEqual([
      'ApproximateAgeOfOldestMessage',
      'ApproximateNumberOfMessagesVisible',
      'DestinationDeliveryFailures',
      'Errors',
      'NumberOfNotificationsFailedToRedriveToDlq',
      'Throttles',
    ])
  })

  test('the alarms notify one topic, which sends mail if an address is set', () => {
    for (const [, { Properties }] of ofType('AWS::CloudWatch::Alarm'))
      expect(Properties.AlarmActions).toEqual([{ Ref: 'AlertsTopic' }])
    const { Conditions, Resources } = packaged.template
    expect(Resources.AlertsSubscription?.Condition).toBe('AlertsAreMailed')
    const mailed = (AlertsEmail: string) =>
      resolve({ Condition: 'AlertsAreMailed' }, { parameters: { AlertsEmail }, resources: {}, conditions: Conditions })
    expect(mailed('')).toBe(false)
    expect(mailed('ops@example.com')).toBe(true)
  })
})

test('cfn-lint reports nothing', ({ skip }) => {
  const lint = spawnSync('cfn-lint', ['--format', 'parseable', packaged.templateFile], { encoding: 'utf8' })
  if (lint.error) {
    console.log('cfn-lint is not installed: the template was not linted')
    skip()
  }
  // Redundant only: dependencies that the framework adds to the resources of the HTTP API, and Fn::Sub for `${!aws:PrincipalTag/project}`,
  // a variable of IAM that the framework would otherwise take for one of its own.
  const redundant = /:W3005:'HttpApi(LogGroup|Integration\w*)' dependency|:W1020:'Fn::Sub' isn't needed/
  const findings = lint.stdout.split('\n').filter((line) => line !== '' && !redundant.test(line))
  expect(findings.join('\n')).toBe('')
  expect([0, 4]).toContain(lint.status)
})
