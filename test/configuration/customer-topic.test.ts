import {
  CreateTopicCommand,
  DeleteTopicCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns'
import { SendMessageCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { describe, expect, test } from 'vitest'
import { feedbackTopicArn } from '../../src/configuration/customer-topic.ts'
import type { UsableConnection } from '../../src/projects/connection.ts'
import { ACME, type Deployed, deployed, GLOBEX, OURS, QUEUE, REGION, topic } from './configured-account.ts'

const DEAD_LETTERS = `arn:aws:sqs:${REGION}:${OURS}:sesame-dev-record-feedback-dead-letters`
const deadLetters = ({ aws }: Deployed) => aws.sqs.queues.get(DEAD_LETTERS)?.messages ?? []
const failures = ({ aws }: Deployed) =>
  aws.lambda
    .logLines('sesame-dev-record-feedback')
    .map((line) => JSON.parse(line))
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ message }) => message)

async function withCustomerTopic(settings: { region?: string } = {}) {
  const it = await deployed()
  const acme = await it.connected('acme', ACME, { topics: 'customer', ...settings })
  const { done, remaining } = await it.configuration().configure(acme)
  return { it, acme, done, remaining, arn: feedbackTopicArn(acme) }
}

/** A real bounce of an account, as it was delivered. Tests change it and deliver it again. */
async function realBounce(it: Deployed, to: UsableConnection): Promise<string> {
  await it.send(to, 'bounce@simulator.amazonses.com')
  const attempt = it.aws.lambda.attempts.findLast(({ functionName }) => functionName.endsWith('record-feedback'))
  const [record] = Object(attempt?.event).Records
  return JSON.parse(record.body).Message
}

describe('a topic in the customer account', () => {
  test('events pass through the customer topic and our queue to the same list', async () => {
    const { it, acme, done, remaining, arn } = await withCustomerTopic()
    expect(remaining).toEqual([])
    expect(done).toEqual([
      `created the topic ${arn}`,
      'allowed SNS to deliver events of acme to our queue sesame-dev-feedback',
      `subscribed our queue to ${arn}`,
      'created the configuration set sesame-acme',
      `created the event destination sesame-bounces: BOUNCE to ${arn}`,
      `created the event destination sesame-complaints: COMPLAINT to ${arn}`,
    ])
    await it.send(acme, 'bounce@simulator.amazonses.com')
    await it.send(acme, 'complaint@simulator.amazonses.com')
    expect(await it.listed('acme')).toEqual(['bounce@simulator.amazonses.com', 'complaint@simulator.amazonses.com'])
    expect(deadLetters(it)).toEqual([])
    expect((await it.configuration().configure(acme)).done).toEqual([])
  })

  test('the customer topic works from a region in which Sesame is not deployed', async () => {
    const { it, acme } = await withCustomerTopic({ region: 'eu-west-1' })
    await it.send(acme, 'bounce@simulator.amazonses.com')
    expect(await it.listed('acme')).toEqual(['bounce@simulator.amazonses.com'])
  })

  test('configure switches to a customer topic and reports it when SES refuses our topics', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    it.aws.ses.acceptsForeignTopics = false
    const { topics, refused, remaining, done } = await it.configuration().configure(acme)
    expect(topics).toBe('customer')
    expect(refused).toBe(`SES refused the topic ${topic('bounces')}: it could not publish to it`)
    expect(remaining).toEqual([])
    expect(done.at(-1)).toContain(
      'revoked the permission of SES to publish events of acme to sesame-dev-connected-bounces-1',
    )
    expect(JSON.stringify(it.policy(topic('bounces')))).not.toContain('sesame-acme')
    await it.send(acme, 'bounce@simulator.amazonses.com')
    expect(await it.listed('acme')).toHaveLength(1)
  })

  test('a repair for our topics deletes the customer topic and its subscription', async () => {
    const { it, acme, arn } = await withCustomerTopic()
    const ours = { ...acme, topics: 'ours' as const }
    expect((await it.configuration().driftOf(ours)).map(({ kind }) => kind)).toContain('unused path')
    const { done, remaining } = await it.configuration().repair(ours)
    expect(remaining).toEqual([])
    expect(done.at(-1)).toBe(`deleted the topic ${arn} and its subscription`)
    expect(it.aws.sns.topics.has(arn)).toBe(false)
    await it.send(acme, 'bounce@simulator.amazonses.com')
    expect(await it.listed('acme')).toHaveLength(1)
  })

  test.each([
    [
      'topic missing',
      (it: Deployed, arn: string) => customerSns(it, arn).send(new DeleteTopicCommand({ TopicArn: arn })),
    ],
    [
      'topic policy changed',
      (it: Deployed, arn: string) => setPolicy(it, arn, { Version: '2012-10-17', Statement: [] }),
    ],
    ['subscription missing', (it: Deployed, arn: string) => unsubscribe(it, arn)],
    ['policy changed', (it: Deployed) => closeQueue(it)],
  ] as const)('drift of kind "%s" is found and repaired', async (kind, breakIt) => {
    const { it, acme, arn } = await withCustomerTopic()
    await breakIt(it, arn)
    const drift = await it.configuration().driftOf(acme)
    expect(drift.map((one) => one.kind)).toContain(kind)
    expect(drift.every(({ repairable }) => repairable)).toBe(true)
    expect((await it.configuration().repair(acme)).remaining).toEqual([])
    await it.send(acme, 'bounce@simulator.amazonses.com')
    expect(await it.listed('acme')).toHaveLength(1)
  })
})

describe('forged messages', () => {
  test('a topic of a connected account that is not allowed cannot deliver to the queue', async () => {
    const { it } = await withCustomerTopic()
    const sns = new SNSClient(it.aws.clientConfig(it.aws.credentials.root(ACME)))
    const TopicArn = `arn:aws:sns:${REGION}:${ACME}:orders`
    await sns.send(new CreateTopicCommand({ Name: 'orders' }))
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: QUEUE }))
    await it.aws.settled()
    expect(it.aws.sns.dropped).toHaveLength(1)
    expect(it.aws.sqs.queues.get(QUEUE)?.messages).toEqual([])
  })

  test('no account can send a message to the queue, not even our own administrators', async () => {
    const { it } = await withCustomerTopic()
    for (const account of [OURS, ACME]) {
      const sqs = new SQSClient({
        ...it.aws.clientConfig(it.aws.credentials.root(account)),
        useQueueUrlAsEndpoint: false,
      })
      await expect(sqs.send(new SendMessageCommand({ QueueUrl: it.queueUrl, MessageBody: '{}' }))).rejects.toThrow(
        /not authorized/,
      )
    }
  })

  test('an event of another account in the envelope of a connected topic is refused and goes to the dead-letter queue', async () => {
    const { it, arn } = await withCustomerTopic()
    const globex = await it.connected('globex', GLOBEX, { topics: 'customer' })
    await it.configuration().configure(globex)
    const bounce = (await realBounce(it, globex)).replaceAll('bounce@simulator', 'victim@simulator')
    await publishAs(it, arn, bounce)
    expect(await it.listed('globex')).toEqual(['bounce@simulator.amazonses.com'])
    expect(await it.listed('acme')).toEqual([])
    expect(new Set(failures(it))).toEqual(
      new Set(['Cannot attribute the event to a project: the topic belongs to another account than the mail']),
    )
    expect(deadLetters(it)).toHaveLength(1)
  })

  test("a raw message that looks like another account's envelope is refused and goes to the dead-letter queue", async () => {
    const { it, arn } = await withCustomerTopic()
    const globex = await it.connected('globex', GLOBEX, { topics: 'customer' })
    await it.configuration().configure(globex)
    const theirs = feedbackTopicArn(globex)
    const Message = (await realBounce(it, globex)).replaceAll('bounce@simulator', 'victim@simulator')
    const forged = {
      Type: 'Notification',
      TopicArn: theirs,
      Message,
      UnsubscribeURL: `https://sns.${REGION}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${theirs}:00000000-0000-4000-8000-000000000000`,
    }
    // As if the owner of the topic could switch our subscription to raw delivery.
    for (const one of it.aws.sns.topics.get(arn)?.subscriptions ?? []) Object.assign(one, { raw: true })
    await publishAs(it, arn, JSON.stringify(forged))
    await publishAs(it, arn, JSON.stringify({ ...forged, UnsubscribeURL: undefined }))
    await publishAs(it, arn, Message)
    expect(await it.listed('globex')).toEqual(['bounce@simulator.amazonses.com'])
    expect(new Set(failures(it))).toEqual(
      new Set([
        'Cannot attribute the event to a project: SNS did not deliver the message for our subscription',
        'Cannot attribute the event to a project: the message has no SNS envelope',
      ]),
    )
    expect(deadLetters(it)).toHaveLength(3)
  })

  test("an event of another project of the same account in a project's topic is refused", async () => {
    const { it, acme, arn } = await withCustomerTopic()
    await it.connected('beta', ACME, { topics: 'customer' })
    const bounce = await realBounce(it, acme)
    await publishAs(it, arn, bounce.replaceAll('sesame-acme', 'sesame-beta'))
    expect(await it.listed('beta')).toEqual([])
    expect(failures(it)[0]).toBe(
      'Cannot attribute the event to a project: the topic belongs to another project than the mail',
    )
  })

  test('of a batch, only the bad message is not recorded', async () => {
    const { it, acme, arn } = await withCustomerTopic()
    const bounce = await realBounce(it, acme)
    await Promise.all([
      publishAs(it, arn, bounce.replaceAll('bounce@', 'one@')),
      publishAs(it, arn, '{'),
      publishAs(it, arn, bounce.replaceAll('bounce@', 'two@')),
    ])
    expect(await it.listed('acme')).toHaveLength(3)
    expect(deadLetters(it)).toHaveLength(1)
  })

  test('a subscription that another principal requests is never confirmed', async () => {
    const { it, acme, arn } = await withCustomerTopic()
    await unsubscribe(it, arn)
    const sns = new SNSClient(it.aws.clientConfig(it.aws.credentials.root(ACME)))
    await sns.send(new SubscribeCommand({ TopicArn: arn, Protocol: 'sqs', Endpoint: QUEUE }))
    await it.aws.settled()
    expect(it.aws.record.some(({ action }) => action === 'sns:ConfirmSubscription')).toBe(false)
    await it.send(acme, 'bounce@simulator.amazonses.com')
    expect(await it.listed('acme')).toEqual([])
    expect((await it.configuration().driftOf(acme)).map(({ kind }) => kind)).toEqual(['subscription missing'])
  })
})

const customerSns = (it: Deployed, arn: string) =>
  new SNSClient(it.aws.clientConfig(it.aws.credentials.root(arn.split(':')[4] ?? '')))

function unsubscribe(it: Deployed, arn: string) {
  const found = it.aws.sns.topics.get(arn)
  if (found) found.subscriptions = []
}

const closeQueue = (it: Deployed) =>
  new SQSClient(it.aws.clientConfig(it.aws.credentials.root(OURS))).send(
    new SetQueueAttributesCommand({ QueueUrl: it.queueUrl, Attributes: { Policy: '' } }),
  )

/** Publishes as the customer's administrator, who first replaces the policy of the topic, because it allows SES alone. */
async function publishAs(it: Deployed, arn: string, Message: string) {
  const sns = customerSns(it, arn)
  await setPolicy(it, arn, { Version: '2012-10-17', Statement: [] })
  await sns.send(new PublishCommand({ TopicArn: arn, Message }))
  await it.aws.settled()
}

async function setPolicy(it: Deployed, TopicArn: string, policy: object) {
  const sns = customerSns(it, TopicArn)
  const AttributeValue = JSON.stringify(policy)
  await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue }))
}
