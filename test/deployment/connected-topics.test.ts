import { beforeAll, describe, expect, test } from 'vitest'
import { queuePolicy, topicPolicy } from '../../src/configuration/policy-documents.ts'
import { type Packaged, packageStack } from './package-stack.ts'

let packaged: Packaged
beforeAll(async () => {
  packaged = await packageStack()
}, 120_000)

const properties = (id: string) => packaged.template.Resources[id]?.Properties ?? {}
const pairs = [1, 2].flatMap((pair) => [
  [`ConnectedBounces${pair}`, `connected-bounces-${pair}`, 'RecordDashbounceLambdaFunction'],
  [`ConnectedComplaints${pair}`, `connected-complaints-${pair}`, 'RecordDashcomplaintLambdaFunction'],
])

/** A policy that the code generates, with references instead of ARNs. */
const withReferences = (text: string, id: string, reference: object): unknown =>
  JSON.parse(text, (_, value) => (value === id ? reference : value))

describe.each(pairs)('%s', (id = '', name, recorder) => {
  test(`the policy of ${id} denies all publishers until an account is allowed, by a text that deployments never change`, () => {
    expect(properties(`${id}Policy`)).toEqual({
      Topics: [{ Ref: id }],
      PolicyDocument: {
        ...Object(withReferences(topicPolicy(id, []), id, { Ref: id })),
        Id: `sesame-test-${name}`,
      },
    })
  })

  test(`${id} delivers to its function, and undeliverable messages to the dead-letter queue`, () => {
    const Endpoint = { 'Fn::GetAtt': [recorder, 'Arn'] }
    expect(properties(`${id}Subscription`)).toEqual({
      TopicArn: { Ref: id },
      Protocol: 'lambda',
      Endpoint,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['ConnectedDeadLetters', 'Arn'] } },
    })
    expect(properties(`${id}Permission`)).toEqual({
      FunctionName: Endpoint,
      Action: 'lambda:InvokeFunction',
      Principal: 'sns.amazonaws.com',
      SourceArn: { Ref: id },
    })
  })

  test(`${id} is in the environment of the functions that configure projects, and has an alarm`, () => {
    for (const one of ['ManageDashconnectionLambdaFunction', 'ProveDashconnectionsLambdaFunction'])
      expect(JSON.stringify(properties(one).Environment)).toContain(`{"Ref":"${id}"}`)
    expect(properties(`${id}UnredrivenAlarm`)).toMatchObject({
      MetricName: 'NumberOfNotificationsFailedToRedriveToDlq',
      Dimensions: [{ Name: 'TopicName', Value: { 'Fn::GetAtt': [id, 'TopicName'] } }],
    })
  })
})

describe('FeedbackQueue', () => {
  test('the policy of FeedbackQueue denies all senders until a topic is allowed, by a text that deployments never change', () => {
    const reference = { 'Fn::GetAtt': ['FeedbackQueue', 'Arn'] }
    expect(properties('FeedbackQueuePolicy')).toEqual({
      Queues: [{ Ref: 'FeedbackQueue' }],
      PolicyDocument: {
        ...Object(withReferences(queuePolicy('FeedbackQueue', []), 'FeedbackQueue', reference)),
        Id: 'sesame-test-feedback',
      },
    })
  })

  test('the visibility timeout of FeedbackQueue is six times the timeout of the function, and a message is received four times', () => {
    expect(properties('FeedbackQueue')).toMatchObject({
      VisibilityTimeout: 6 * Number(properties('RecordDashfeedbackLambdaFunction').Timeout),
      RedrivePolicy: {
        deadLetterTargetArn: { 'Fn::GetAtt': ['RecordFeedbackDeadLetters', 'Arn'] },
        maxReceiveCount: 4,
      },
    })
  })

  test('record-feedback consumes FeedbackQueue and reports which messages failed', () => {
    const mappings = Object.values(packaged.template.Resources).filter(
      ({ Type, Properties }) =>
        Type === 'AWS::Lambda::EventSourceMapping' &&
        JSON.stringify(Properties.EventSourceArn).includes('FeedbackQueue'),
    )
    expect(mappings.map(({ Properties }) => Properties.FunctionResponseTypes)).toEqual([['ReportBatchItemFailures']])
  })

  test.each(['connected', 'record-feedback'])(
    'the dead-letter queue of %s has alarms for waiting and for old messages',
    (name) => {
      const metrics = Object.values(packaged.template.Resources)
        .filter(
          ({ Type, Properties }) =>
            Type === 'AWS::CloudWatch::Alarm' && String(Properties.AlarmName).startsWith(`sesame-test-${name}-`),
        )
        .map(({ Properties }) => Properties.MetricName)
      expect(metrics).toEqual(
        expect.arrayContaining(['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage']),
      )
    },
  )
})
