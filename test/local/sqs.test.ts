import { describe, expect, test } from 'vitest'
import {
  bodies,
  CUSTOMER,
  makeQueue,
  OWN,
  policy,
  queueArn,
  queueUrl,
  type SmallAws,
  STRANGER,
  smallAws,
} from './small-aws.ts'

const own = { account: OWN }

async function messagesOf(aws: SmallAws, name: string, input = {}) {
  const answer = await aws.call(own, 'sqs', 'ReceiveMessage', {
    QueueUrl: queueUrl(name),
    MaxNumberOfMessages: 10,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
    ...input,
  })
  return (answer.Messages ?? []) as { Body: string; ReceiptHandle: string; Attributes: Record<string, string> }[]
}
const send = (aws: SmallAws, name: string, MessageBody: string, more = {}) =>
  aws.call(own, 'sqs', 'SendMessage', { QueueUrl: queueUrl(name), MessageBody, ...more })

describe('a queue', () => {
  test('a queue delivers a message once until its visibility timeout ends by the clock', async () => {
    const aws = smallAws()
    await makeQueue(aws, 'letters')
    await send(aws, 'letters', 'hello')
    expect((await messagesOf(aws, 'letters')).map(({ Body }) => Body)).toEqual(['hello'])
    expect(await messagesOf(aws, 'letters')).toEqual([])
    aws.clock.advance(30_000)
    const [again] = await messagesOf(aws, 'letters')
    expect(again?.Attributes).toMatchObject({ ApproximateReceiveCount: '2', SentTimestamp: '1772600767000' })
  })

  test('a queue returns the digests of body and attributes that an SDK checks', async () => {
    const aws = smallAws()
    await makeQueue(aws, 'letters')
    const attributes = {
      city: { DataType: 'String', StringValue: 'Any City' },
      population: { DataType: 'Number', StringValue: '1250800' },
    }
    const sent = await send(aws, 'letters', 'hello', { MessageAttributes: attributes })
    expect(sent).toMatchObject({ MD5OfMessageBody: '5d41402abc4b2a76b9719d911017c592' })
    const [message] = await messagesOf(aws, 'letters')
    expect(message).toMatchObject({
      MD5OfBody: '5d41402abc4b2a76b9719d911017c592',
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      MessageAttributes: attributes,
    })
  })

  test('a queue computes the digest of message attributes as AWS does', async () => {
    const aws = smallAws()
    await makeQueue(aws, 'letters')
    const timestamp = { DataType: 'Number', StringValue: '1493147359900' }
    const sent = await send(aws, 'letters', 'derp', { MessageAttributes: { timestamp } })
    expect(sent).toMatchObject({ MD5OfMessageAttributes: '235c5c510d26fb653d073faed50ae77c' })
  })

  test('a queue deletes messages that are older than its retention period', async () => {
    const aws = smallAws()
    await makeQueue(aws, 'letters', [], { MessageRetentionPeriod: '1209600' })
    await send(aws, 'letters', 'hello')
    aws.clock.advance(14 * 86_400_000 - 1)
    expect(await messagesOf(aws, 'letters', { VisibilityTimeout: 0 })).toHaveLength(1)
    aws.clock.advance(1)
    expect(await messagesOf(aws, 'letters')).toEqual([])
  })

  test('a queue moves a message that reached the maximum receive count to the dead-letter queue', async () => {
    const aws = smallAws()
    const deadLetterTargetArn = await makeQueue(aws, 'dead')
    await makeQueue(aws, 'letters', [], { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 }) })
    await send(aws, 'letters', 'hello')
    for (let turn = 0; turn < 2; turn++)
      expect(await messagesOf(aws, 'letters', { VisibilityTimeout: 0 })).toHaveLength(1)
    expect(await messagesOf(aws, 'letters')).toEqual([])
    const [dead] = await messagesOf(aws, 'dead')
    expect(dead).toMatchObject({ Body: 'hello', Attributes: { DeadLetterQueueSourceArn: queueArn('letters') } })
  })

  test('a queue deletes by the latest receipt handle, and refuses an invalid handle', async () => {
    const aws = smallAws()
    await makeQueue(aws, 'letters')
    await send(aws, 'letters', 'hello')
    const [first] = await messagesOf(aws, 'letters', { VisibilityTimeout: 0 })
    const [second] = await messagesOf(aws, 'letters')
    const QueueUrl = queueUrl('letters')
    const remove = (ReceiptHandle = '') => aws.call(own, 'sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle })
    await remove(first?.ReceiptHandle)
    expect(bodies(aws, 'letters')).toEqual(['hello'])
    await remove(second?.ReceiptHandle)
    expect(bodies(aws, 'letters')).toEqual([])
    await expect(remove('bm9uZQ==')).rejects.toMatchObject({ code: 'ReceiptHandleIsInvalid' })
  })

  test('a queue makes a message visible again at once or later', async () => {
    const aws = smallAws()
    await makeQueue(aws, 'letters')
    await send(aws, 'letters', 'hello')
    const [message] = await messagesOf(aws, 'letters')
    const change = (VisibilityTimeout: number) =>
      aws.call(own, 'sqs', 'ChangeMessageVisibility', {
        QueueUrl: queueUrl('letters'),
        ReceiptHandle: message?.ReceiptHandle,
        VisibilityTimeout,
      })
    await change(60)
    aws.clock.advance(59_000)
    expect(await messagesOf(aws, 'letters')).toEqual([])
    await change(0)
    expect(await messagesOf(aws, 'letters')).toHaveLength(1)
  })

  test('a queue answers a long poll at once, or with longPolling waits for the next message', async () => {
    const aws = smallAws()
    await makeQueue(aws, 'letters')
    expect(await messagesOf(aws, 'letters', { WaitTimeSeconds: 20 })).toEqual([])
    aws.sqs.longPolling = true
    const poll = messagesOf(aws, 'letters', { WaitTimeSeconds: 20 })
    await send(aws, 'letters', 'hello')
    expect(await poll).toMatchObject([{ Body: 'hello' }])
  })

  test('a queue processes every entry of a batch and reports the failed ones', async () => {
    const aws = smallAws()
    await makeQueue(aws, 'letters', [], { MaximumMessageSize: '1024' })
    const answer = await aws.call(own, 'sqs', 'SendMessageBatch', {
      QueueUrl: queueUrl('letters'),
      Entries: [
        { Id: 'long', MessageBody: 'x'.repeat(1025) },
        { Id: 'short', MessageBody: 'x' },
      ],
    })
    expect(answer).toMatchObject({ Successful: [{ Id: 'short' }], Failed: [{ Id: 'long', SenderFault: true }] })
  })

  test('a queue counts visible, in-flight and delayed messages', async () => {
    const aws = smallAws()
    await makeQueue(aws, 'letters')
    await send(aws, 'letters', 'one')
    await messagesOf(aws, 'letters')
    await send(aws, 'letters', 'two')
    await send(aws, 'letters', 'three', { DelaySeconds: 60 })
    const input = { QueueUrl: queueUrl('letters'), AttributeNames: ['All'] }
    expect(await aws.call(own, 'sqs', 'GetQueueAttributes', input)).toMatchObject({
      Attributes: {
        QueueArn: queueArn('letters'),
        ApproximateNumberOfMessages: '1',
        ApproximateNumberOfMessagesNotVisible: '1',
        ApproximateNumberOfMessagesDelayed: '1',
      },
    })
  })

  test('a queue refuses unknown attributes and values outside the limits', async () => {
    const aws = smallAws()
    const create = (Attributes: object) => aws.call(own, 'sqs', 'CreateQueue', { QueueName: 'letters', Attributes })
    await expect(create({ FifoQueue: 'true' })).rejects.toMatchObject({ code: 'InvalidAttributeName' })
    await expect(create({ MessageRetentionPeriod: '1209601' })).rejects.toMatchObject({ code: 'InvalidAttributeValue' })
    await expect(create({ Policy: '{"Statement": 1}' })).rejects.toMatchObject({ code: 'InvalidAttributeValue' })
  })

  test('a message to a queue that does not exist is refused', async () => {
    await expect(send(smallAws(), 'nowhere', 'hello')).rejects.toMatchObject({ code: 'QueueDoesNotExist' })
  })
})

describe('a queue policy', () => {
  const allowSending = (account: string) =>
    policy({
      Sid: 'AllowTheCustomerToSend',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: 'sqs:SendMessage',
      Resource: queueArn('letters'),
    })

  test('a queue policy allows the account that it names, and refuses others', async () => {
    const aws = smallAws()
    await makeQueue(aws, 'letters', [], { Policy: JSON.stringify(allowSending(CUSTOMER)) })
    const input = { QueueUrl: queueUrl('letters'), MessageBody: 'hello' }
    await aws.call({ account: CUSTOMER }, 'sqs', 'SendMessage', input)
    await expect(aws.call({ account: STRANGER }, 'sqs', 'SendMessage', input)).rejects.toMatchObject({ status: 403 })
    expect(bodies(aws, 'letters')).toEqual(['hello'])
  })

  test('a queue policy refuses operations that it does not grant', async () => {
    const aws = smallAws()
    await makeQueue(aws, 'letters', [], { Policy: JSON.stringify(allowSending(CUSTOMER)) })
    const receive = aws.call({ account: CUSTOMER }, 'sqs', 'ReceiveMessage', { QueueUrl: queueUrl('letters') })
    await expect(receive).rejects.toMatchObject({ status: 403 })
  })
})
