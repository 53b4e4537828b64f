import { BatchGetItemCommand, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns'
import { GetQueueAttributesCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createFeedbackQueue, createTopicPairs } from '../src/configuration/topics-and-queue.ts'
import { createEventBus } from '../src/events/bus.ts'
import { findItem, queryItems } from '../src/projects/table.ts'
import { createRetryQueue } from '../src/propagation/retry-queue.ts'
import { readKnownAddresses } from '../src/sending/known-addresses.ts'
import { createListReader } from '../src/suppression/read-list.ts'

const client = { region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }
const dynamodb = new DynamoDBClient(client)
const eventbridge = new EventBridgeClient(client)
const sqs = new SQSClient(client)
const sns = new SNSClient(client)
afterEach(() => vi.restoreAllMocks())

/** Answers the next calls of a client with these values, in turn; the last one for all that follow. */
function answering(to: { send: unknown }, command: new (input: never) => object, ...answers: object[]) {
  vi.spyOn(to as { send(sent: object): Promise<object> }, 'send').mockImplementation(async (sent) => {
    if (!(sent instanceof command)) throw new Error('another command')
    const [answer = {}] = answers.length > 1 ? answers.splice(0, 1) : answers
    return { $metadata: {}, ...answer }
  })
}
const suppressed = {
  type: 'Address Reinstated',
  detail: { id: '0'.repeat(32), project: 'acme', address: 'a@example.com', reason: 'manual', since: '2026-01-01' },
} as const
const incomplete = { name: 'IncompleteAnswerError', retryable: true }

describe('an answer of AWS without what every success has', () => {
  test('an empty answer to a query of the list is not an empty list, and an empty list is', async () => {
    const list = createListReader(dynamodb, 'suppressions')
    answering(dynamodb, QueryCommand, {})
    await expect(list.itemsOf('acme', 'a@example.com')).rejects.toMatchObject(incomplete)
    answering(dynamodb, QueryCommand, { Items: [] })
    expect(await list.itemsOf('acme', 'a@example.com')).toEqual([])
  })

  test('an empty answer to a query of the projects is no missing project', async () => {
    answering(dynamodb, QueryCommand, {})
    await expect(findItem(dynamodb, 'projects', 'acme', 'settings')).rejects.toMatchObject(incomplete)
    await expect(Array.fromAsync(queryItems(dynamodb, 'projects', 'acme'))).rejects.toMatchObject(incomplete)
    answering(dynamodb, QueryCommand, { Items: [] })
    expect(await findItem(dynamodb, 'projects', 'acme', 'settings')).toBeUndefined()
  })

  test('an answer without the table of the list makes no recipient clear', async () => {
    const read = () => readKnownAddresses(dynamodb, 'suppressions', 'acme', ['a@example.com'])
    answering(dynamodb, BatchGetItemCommand, {})
    await expect(read()).rejects.toMatchObject(incomplete)
    answering(dynamodb, BatchGetItemCommand, { Responses: { other: [] } })
    await expect(read()).rejects.toMatchObject(incomplete)
    answering(dynamodb, BatchGetItemCommand, { Responses: { suppressions: [] }, UnprocessedKeys: {} })
    expect((await read()).size).toBe(0)
  })

  test('an event without an id in the answer of the bus is not published', async () => {
    const { publish } = createEventBus(eventbridge, 'sesame')
    answering(eventbridge, PutEventsCommand, {})
    await expect(publish([suppressed])).rejects.toMatchObject(incomplete)
    answering(eventbridge, PutEventsCommand, { Entries: [{ EventId: '1' }] })
    await expect(publish([suppressed, suppressed])).rejects.toMatchObject({
      name: 'NotPublishedError',
      rejected: [{ code: 'no event id' }],
    })
    answering(eventbridge, PutEventsCommand, { Entries: [{ EventId: '1' }, { EventId: '2' }] })
    await publish([suppressed, suppressed])
  })

  test('a message that SQS does not name as accepted is not in the retry queue', async () => {
    const queue = createRetryQueue(sqs, 'https://sqs/queue', () => new Date(), 1)
    const messages = ['a', 'b'].map((address) => ({ project: 'acme', address, attempt: 1 }))
    answering(sqs, SendMessageBatchCommand, {})
    await expect(queue.enqueue(messages)).rejects.toMatchObject({ name: 'RetryQueueError', count: 2 })
    answering(sqs, SendMessageBatchCommand, { Successful: [{ Id: '0' }] })
    await expect(queue.enqueue(messages)).rejects.toMatchObject({ name: 'RetryQueueError', count: 1 })
    answering(sqs, SendMessageBatchCommand, { Successful: [{ Id: '0' }, { Id: '1' }] })
    await queue.enqueue(messages)
  })

  test('a topic or queue that answers without attributes is not one without encryption', async () => {
    const [pair] = createTopicPairs(sns, { bounces: ['b'], complaints: ['c'], activity: ['a'] })
    answering(sns, GetTopicAttributesCommand, {})
    await expect(pair?.keyOf('b')).rejects.toMatchObject(incomplete)
    await expect(pair?.read('b')).rejects.toMatchObject(incomplete)
    answering(sns, GetTopicAttributesCommand, { Attributes: { Policy: '{}' } })
    expect(await pair?.keyOf('b')).toBeUndefined()
    const queue = createFeedbackQueue(sqs, 'arn:aws:sqs:us-east-1:1:q', 'https://sqs/q')
    answering(sqs, GetQueueAttributesCommand, {})
    await expect(queue.keyOf(queue.arn)).rejects.toMatchObject(incomplete)
    answering(sqs, GetQueueAttributesCommand, { Attributes: { QueueArn: queue.arn } })
    expect(await queue.keyOf(queue.arn)).toBeUndefined()
  })
})
