import { describe, expect, test } from 'vitest'
import { AwsError } from '../../local/service.ts'
import {
  bodies,
  CUSTOMER,
  functionArn,
  makeFunction,
  makeQueue,
  OWN,
  policy,
  queueArn,
  type SmallAws,
  STRANGER,
  smallAws,
  type TestCaller,
  topicArn,
} from './small-aws.ts'

const own = { account: OWN }
const topic = topicArn('bounces')

async function makeTopic(aws: SmallAws, name = 'bounces', document?: object) {
  const Attributes = document ? { Policy: JSON.stringify(document) } : {}
  await aws.call(own, 'sns', 'CreateTopic', { Name: name, Attributes })
}

const subscribe = (aws: SmallAws, Protocol: string, Endpoint: string, Attributes = {}, who: TestCaller = own) =>
  aws.call(who, 'sns', 'Subscribe', { TopicArn: topic, Protocol, Endpoint, Attributes, ReturnSubscriptionArn: true })

async function publish(aws: SmallAws, Message: string, more = {}, who: TestCaller = own) {
  const answer = await aws.call(who, 'sns', 'Publish', { TopicArn: topic, Message, ...more })
  await aws.settled()
  return answer
}

describe('a topic', () => {
  test('a topic sends a queue the envelope, and with raw delivery only the message', async () => {
    const aws = smallAws()
    await makeTopic(aws)
    await subscribe(aws, 'sqs', await makeQueue(aws, 'wrapped', [topic]))
    await subscribe(aws, 'sqs', await makeQueue(aws, 'raw', [topic]), { RawMessageDelivery: 'true' })
    const kind = { DataType: 'String', StringValue: 'greeting' }
    const sent = await publish(aws, 'hello', { Subject: 'A word', MessageAttributes: { kind } })
    expect(bodies(aws, 'raw')).toEqual(['hello'])
    expect(aws.sqs.queues.get(queueArn('raw'))?.messages[0]?.attributes).toEqual({ kind })
    expect(bodies(aws, 'wrapped')).toEqual([
      {
        Type: 'Notification',
        MessageId: sent.MessageId,
        TopicArn: topic,
        Subject: 'A word',
        Message: 'hello',
        Timestamp: '2026-03-04T05:06:07.000Z',
        SignatureVersion: '1',
        Signature: expect.any(String),
        SigningCertURL: expect.stringMatching(/^https:\/\/sns\.us-east-1\.amazonaws\.com\/.*\.pem$/),
        UnsubscribeURL: expect.stringContaining(`SubscriptionArn=${topic}:`),
        MessageAttributes: { kind: { Type: 'String', Value: 'greeting' } },
      },
    ])
  })

  test('a topic invokes a function with one record in the spelling of Lambda', async () => {
    const aws = smallAws()
    await makeTopic(aws)
    const events: unknown[] = []
    makeFunction(aws, 'listen', () => async (event) => void events.push(event))
    const { SubscriptionArn } = await subscribe(aws, 'lambda', functionArn('listen'))
    const sent = await publish(aws, 'hello')
    expect(events).toEqual([
      {
        Records: [
          {
            EventSource: 'aws:sns',
            EventVersion: '1.0',
            EventSubscriptionArn: SubscriptionArn,
            Sns: {
              Type: 'Notification',
              MessageId: sent.MessageId,
              TopicArn: topic,
              Subject: null,
              Message: 'hello',
              Timestamp: '2026-03-04T05:06:07.000Z',
              SignatureVersion: '1',
              Signature: expect.any(String),
              SigningCertUrl: expect.any(String),
              UnsubscribeUrl: expect.any(String),
              MessageAttributes: {},
            },
          },
        ],
      },
    ])
  })

  test('a topic lists its subscriptions and stops delivering after Unsubscribe', async () => {
    const aws = smallAws()
    await makeTopic(aws)
    const endpoint = await makeQueue(aws, 'letters', [topic])
    const { SubscriptionArn } = await subscribe(aws, 'sqs', endpoint)
    expect(await aws.call(own, 'sns', 'ListSubscriptionsByTopic', { TopicArn: topic })).toEqual({
      Subscriptions: [{ SubscriptionArn, Owner: OWN, Protocol: 'sqs', Endpoint: endpoint, TopicArn: topic }],
    })
    await aws.call(own, 'sns', 'Unsubscribe', { SubscriptionArn })
    await publish(aws, 'hello')
    expect(bodies(aws, 'letters')).toEqual([])
  })

  test('a topic delivers every message twice with duplicateDeliveries', async () => {
    const aws = smallAws()
    await makeTopic(aws)
    await subscribe(aws, 'sqs', await makeQueue(aws, 'letters', [topic]), { RawMessageDelivery: 'true' })
    aws.sns.duplicateDeliveries = true
    await publish(aws, 'hello')
    expect(bodies(aws, 'letters')).toEqual(['hello', 'hello'])
  })

  test('a topic delivers in another order after shuffle, the same order for the same seed', async () => {
    const numbers = Array.from({ length: 20 }, (_, index) => String(index))
    const order = async (seed?: string) => {
      const aws = smallAws()
      await makeTopic(aws)
      await subscribe(aws, 'sqs', await makeQueue(aws, 'letters', [topic]), { RawMessageDelivery: 'true' })
      aws.sns.shuffle(seed)
      for (const number of numbers) await aws.call(own, 'sns', 'Publish', { TopicArn: topic, Message: number })
      await aws.settled()
      return bodies(aws, 'letters').map(String)
    }
    expect(await order()).toEqual(numbers)
    const shuffled = await order('one')
    expect(shuffled).not.toEqual(numbers)
    expect(shuffled.toSorted()).toEqual(numbers.toSorted())
    expect(await order('one')).toEqual(shuffled)
  })

  test.each([
    ['an empty message', { Message: '' }],
    ['a message over 256 KB', { Message: 'x'.repeat(262_145) }],
    ['a message structure', { MessageStructure: 'json' }],
  ])('a topic refuses %s', async (_, more) => {
    const aws = smallAws()
    await makeTopic(aws)
    await expect(publish(aws, 'hello', more)).rejects.toMatchObject({ code: 'InvalidParameter' })
  })

  test.each([
    ['an unsupported protocol', 'email', 'a@example.com', {}],
    ['a filter policy, which is not supported', 'sqs', queueArn('letters'), { FilterPolicy: '{}' }],
  ])('a topic refuses a subscription with %s', async (_, protocol, endpoint, attributes) => {
    const aws = smallAws()
    await makeTopic(aws)
    await expect(subscribe(aws, protocol, endpoint, attributes)).rejects.toMatchObject({ code: 'InvalidParameter' })
  })
})

describe('a topic policy', () => {
  const allowSesToPublish = policy({
    Sid: 'AllowSesToPublishForTheCustomer',
    Effect: 'Allow',
    Principal: { Service: 'ses.amazonaws.com' },
    Action: 'sns:Publish',
    Resource: topic,
    Condition: {
      StringEquals: { 'aws:SourceAccount': CUSTOMER },
      ArnLike: { 'aws:SourceArn': `arn:aws:ses:*:${CUSTOMER}:configuration-set/sesame` },
    },
  })
  const asSes = (aws: SmallAws, account: string, set: string) =>
    aws.platform.callAsService(
      'ses.amazonaws.com',
      { sourceAccount: account, sourceArn: `arn:aws:ses:us-east-1:${account}:configuration-set/${set}` },
      'sns',
      'Publish',
      { TopicArn: topic, Message: 'hello' },
    )

  test('a topic policy allows SES to publish for the accounts and configuration sets that it names', async () => {
    const aws = smallAws()
    await makeTopic(aws, 'bounces', allowSesToPublish)
    await expect(asSes(aws, CUSTOMER, 'sesame')).resolves.toHaveProperty('MessageId')
  })

  test('a topic policy refuses SES for another account or configuration set', async () => {
    const aws = smallAws()
    await makeTopic(aws, 'bounces', allowSesToPublish)
    await expect(asSes(aws, STRANGER, 'sesame')).rejects.toMatchObject({ code: 'AuthorizationError' })
    await expect(asSes(aws, CUSTOMER, 'other')).rejects.toMatchObject({ code: 'AuthorizationError' })
  })

  test('a topic without a policy of its own refuses other accounts and SES', async () => {
    const aws = smallAws()
    await makeTopic(aws)
    await expect(publish(aws, 'hello', {}, { account: STRANGER })).rejects.toMatchObject({ code: 'AuthorizationError' })
    await expect(asSes(aws, CUSTOMER, 'sesame')).rejects.toMatchObject({ code: 'AuthorizationError' })
  })

  test('a topic policy that is invalid or too long is refused', async () => {
    const aws = smallAws()
    await makeTopic(aws)
    const set = (AttributeValue: string) =>
      aws.call(own, 'sns', 'SetTopicAttributes', { TopicArn: topic, AttributeName: 'Policy', AttributeValue })
    await expect(set('{')).rejects.toMatchObject({ code: 'InvalidParameter' })
    await expect(set(JSON.stringify({ Version: 'x'.repeat(30_720) }))).rejects.toMatchObject({
      code: 'InvalidParameter',
    })
    await set(JSON.stringify(allowSesToPublish))
    await expect(asSes(aws, CUSTOMER, 'sesame')).resolves.toBeDefined()
  })
})

describe('a notification that cannot be delivered', () => {
  const redriveTo = (name: string) => ({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn(name) }) })

  test('a notification goes to the dead-letter queue with its cause when the policy of the queue refuses the topic', async () => {
    const aws = smallAws()
    await makeTopic(aws)
    await makeQueue(aws, 'dead', [topic])
    await subscribe(aws, 'sqs', await makeQueue(aws, 'closed'), redriveTo('dead'))
    await publish(aws, 'hello')
    expect(bodies(aws, 'closed')).toEqual([])
    expect(bodies(aws, 'dead')).toMatchObject([{ Type: 'Notification', TopicArn: topic, Message: 'hello' }])
    expect(aws.sqs.queues.get(queueArn('dead'))?.messages[0]?.attributes).toEqual({
      RequestID: { DataType: 'String', StringValue: expect.any(String) },
      ErrorCode: { DataType: 'String', StringValue: 'AccessDenied' },
      ErrorMessage: { DataType: 'String', StringValue: expect.stringContaining('sqs:SendMessage') },
    })
  })

  test('a notification goes to the dead-letter queue when the queue allows only another topic, or the function allows no topic', async () => {
    const aws = smallAws()
    await makeTopic(aws)
    await makeQueue(aws, 'dead', [topic])
    await subscribe(aws, 'sqs', await makeQueue(aws, 'other', [topicArn('complaints')]), redriveTo('dead'))
    const { arn } = makeFunction(aws, 'closed', () => async () => undefined)
    aws.lambda.functions.get('closed')?.permissions.splice(0)
    await subscribe(aws, 'lambda', arn, redriveTo('dead'))
    await publish(aws, 'hello')
    expect(bodies(aws, 'dead')).toHaveLength(2)
    expect(aws.lambda.attempts).toEqual([])
  })

  test('a notification is retried after a transient failure', async () => {
    const aws = smallAws()
    await makeTopic(aws)
    await subscribe(aws, 'sqs', await makeQueue(aws, 'letters', [topic]), { RawMessageDelivery: 'true' })
    const { callAsService } = aws.platform
    let failures = 15
    aws.platform.callAsService = (...call) =>
      failures-- > 0 ? Promise.reject(new AwsError('InternalError', 'transient failure', 500)) : callAsService(...call)
    await publish(aws, 'retried')
    expect(bodies(aws, 'letters')).toEqual(['retried'])
    failures = 16
    await publish(aws, 'exhausted')
    expect(bodies(aws, 'letters')).toEqual(['retried'])
    expect(aws.sns.dropped).toMatchObject([{ code: 'InternalError' }])
  })

  test('a notification is dropped and recorded without a dead-letter queue, or with one that refuses the topic', async () => {
    const aws = smallAws()
    await makeTopic(aws)
    await subscribe(aws, 'sqs', await makeQueue(aws, 'closed'))
    await makeQueue(aws, 'dead')
    await subscribe(aws, 'sqs', await makeQueue(aws, 'shut'), redriveTo('dead'))
    await publish(aws, 'hello')
    expect(aws.sns.dropped).toMatchObject([
      { topicArn: topic, code: 'AccessDenied' },
      { topicArn: topic, code: 'AccessDenied' },
    ])
  })
})

describe('a subscription of another account’s queue', () => {
  test('a subscription of another account’s queue delivers only a confirmation until the owner confirms', async () => {
    const aws = smallAws()
    const theirs = topicArn('theirs', CUSTOMER)
    await aws.call({ account: CUSTOMER }, 'sns', 'CreateTopic', { Name: 'theirs' })
    const Endpoint = await makeQueue(aws, 'letters', [theirs])
    const customer = { account: CUSTOMER }
    await aws.call(customer, 'sns', 'Subscribe', { TopicArn: theirs, Protocol: 'sqs', Endpoint })
    await aws.call(customer, 'sns', 'Publish', { TopicArn: theirs, Message: 'early' })
    await aws.settled()
    const [confirmation, ...others] = bodies(aws, 'letters')
    expect(others).toEqual([])
    expect(confirmation).toMatchObject({ Type: 'SubscriptionConfirmation', SubscribeURL: expect.any(String) })
    const { Token } = confirmation as { Token: string }
    await aws.call(customer, 'sns', 'ConfirmSubscription', { TopicArn: theirs, Token })
    await aws.call(customer, 'sns', 'Publish', { TopicArn: theirs, Message: 'late' })
    await aws.settled()
    expect(bodies(aws, 'letters')[1]).toMatchObject({ Type: 'Notification', Message: 'late' })
  })
})
