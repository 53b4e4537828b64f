import {
  BatchGetItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { DescribeStreamCommand, DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { PutSuppressedDestinationCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type ConnectedStack,
  projectsTable,
  startConnectedStack,
  suppressionsTable,
} from '../../bench/connected-stack.ts'

let stack: ConnectedStack
beforeAll(async () => {
  stack = await startConnectedStack(1)
})

type Clients = Awaited<ReturnType<typeof as>>
async function as(role: string) {
  const { aws } = stack
  const arn = `arn:aws:iam::${aws.account}:role/sesame/sesame-dev-us-east-1-${role}`
  const config = aws.clientConfig(await aws.assumeAsService('lambda.amazonaws.com', arn, 'test'))
  return {
    dynamodb: new DynamoDBClient(config),
    streams: new DynamoDBStreamsClient(config),
    sts: new STSClient(config),
    ses: new SESv2Client(config),
    sqs: new SQSClient(config),
    events: new EventBridgeClient(config),
  }
}

const set = (TableName: string, key: readonly [string, string, string, string], attribute: string) => {
  const [hash, id, range, facet] = key
  return new UpdateItemCommand({
    TableName,
    Key: { [hash]: { S: id }, [range]: { S: facet } },
    UpdateExpression: 'SET #one = :one',
    ExpressionAttributeNames: { '#one': attribute },
    ExpressionAttributeValues: { ':one': { S: '2026-01-01T00:00:00.000Z test' } },
  })
}
const inList = (attribute: string) =>
  set(suppressionsTable, ['project', 'p000', 'address', 'zoe@example.com'], attribute)
const inProjects = (id: string, facet: string, attribute: string) =>
  set(projectsTable, ['id', id, 'facet', facet], attribute)
const query = (TableName: string, key: string) =>
  new QueryCommand({
    TableName,
    KeyConditionExpression: '#key = :key',
    ExpressionAttributeNames: { '#key': key },
    ExpressionAttributeValues: { ':key': { S: 'p000' } },
  })
const assumeRole = (RoleArn: string, ExternalId?: string) =>
  new AssumeRoleCommand({ RoleArn, RoleSessionName: 'p000.suppress', ...(ExternalId && { ExternalId }) })
const putEvent = (Source: string, EventBusName: string) =>
  new PutEventsCommand({ Entries: [{ Source, EventBusName, DetailType: 'Address Suppressed', Detail: '{}' }] })
const queueUrl = (name: string) => `http://sesame.localhost:4566/123456789012/sesame-dev-${name}`
const send = (name: string) => new SendMessageCommand({ QueueUrl: queueUrl(name), MessageBody: '{}' })
const customer = () => stack.connectionOf('p000')

type Attempt = readonly [string, (clients: Clients) => Promise<unknown>]

const refusedToBoth: readonly Attempt[] = [
  ['list every item of a table', ({ dynamodb }) => dynamodb.send(new ScanCommand({ TableName: suppressionsTable }))],
  [
    'read a single item',
    ({ dynamodb }) =>
      dynamodb.send(
        new GetItemCommand({ TableName: projectsTable, Key: { id: { S: 'p000' }, facet: { S: 'connection' } } }),
      ),
  ],
  ['change a setting', ({ dynamodb }) => dynamodb.send(inProjects('p000', 'settings', 'settings'))],
  ['change a connection', ({ dynamodb }) => dynamodb.send(inProjects('p000', 'connection', 'roleArn'))],
  ['let a setting expire', ({ dynamodb }) => dynamodb.send(inProjects('p000', 'settings', 'expiresAt'))],
  ['make a proof due', ({ dynamodb }) => dynamodb.send(inProjects('proofs#due#0', '2026-01-01 p000', 'stamp'))],
  ['add evidence', ({ dynamodb }) => dynamodb.send(inList('lastHard'))],
  ['reinstate an address', ({ dynamodb }) => dynamodb.send(inList('reinstated'))],
  ['assume a customer role without an external id', ({ sts }) => sts.send(assumeRole(customer().roleArn ?? ''))],
  [
    'assume a customer role outside /sesame/',
    ({ sts }) => sts.send(assumeRole('arn:aws:iam::100000000000:role/admin', customer().externalId)),
  ],
  [
    'assume a role of our own account',
    ({ sts }) =>
      sts.send(
        assumeRole('arn:aws:iam::123456789012:role/sesame/sesame-dev-us-east-1-operator', customer().externalId),
      ),
  ],
  [
    'write our own account list',
    ({ ses }) => ses.send(new PutSuppressedDestinationCommand({ EmailAddress: 'a@example.com', Reason: 'BOUNCE' })),
  ],
  ["write to another function's dead-letter queue", ({ sqs }) => sqs.send(send('record-bounce-dead-letters'))],
]

describe('the role of propagate-suppression', () => {
  let clients: Clients
  beforeAll(async () => {
    clients = await as('suppression-propagation')
  })

  test.each<Attempt>([
    ['read the list', ({ dynamodb }) => dynamodb.send(query(suppressionsTable, 'project'))],
    ['read a project', ({ dynamodb }) => dynamodb.send(query(projectsTable, 'id'))],
    ['note an outcome of soft bounces', ({ dynamodb }) => dynamodb.send(inList('softOutcome'))],
    [
      'mark a project as out of sync',
      ({ dynamodb }) => dynamodb.send(inProjects('propagation#state', 'p000', 'behind')),
    ],
    [
      'make a project due for a reconcile',
      ({ dynamodb }) => dynamodb.send(inProjects('propagation#due#0', '2026-01-01 p000', 'stamp')),
    ],
    [
      'assume a customer role with the external id',
      ({ sts }) => sts.send(assumeRole(customer().roleArn ?? '', customer().externalId)),
    ],
    ['publish an event', ({ events }) => events.send(putEvent('sesame', 'sesame-dev'))],
    ['add an address to the retry queue', ({ sqs }) => sqs.send(send('propagation-retry'))],
    ['write to its dead-letter queue', ({ sqs }) => sqs.send(send('propagate-suppression-dead-letters'))],
  ])('may %s', async (_, call) => {
    await expect(call(clients)).resolves.toBeDefined()
  })

  test.each<Attempt>([
    ...refusedToBoth,
    ['suppress an address by hand', ({ dynamodb }) => dynamodb.send(inList('manual'))],
    [
      'read an address by noting an outcome',
      ({ dynamodb }) =>
        dynamodb.send(new UpdateItemCommand({ ...inList('softOutcome').input, ReturnValues: 'ALL_OLD' })),
    ],
    ['publish an event with another source', ({ events }) => events.send(putEvent('billing', 'sesame-dev'))],
    ['publish an event on the default bus', ({ events }) => events.send(putEvent('sesame', 'default'))],
    [
      'read its dead-letter queue',
      ({ sqs }) => sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl('propagate-suppression-dead-letters') })),
    ],
  ])('may not %s', async (_, call) => {
    await expect(call(clients)).rejects.toThrow(/not authorized/i)
  })
})

describe('the role of reconcile-suppressions', () => {
  let clients: Clients
  beforeAll(async () => {
    clients = await as('suppression-reconcile')
  })
  const deleteOf = (id: string, facet: string) =>
    new DeleteItemCommand({ TableName: projectsTable, Key: { id: { S: id }, facet: { S: facet } } })

  test.each<Attempt>([
    ['read the list', ({ dynamodb }) => dynamodb.send(query(suppressionsTable, 'project'))],
    ['import an address', ({ dynamodb }) => dynamodb.send(inList('manual'))],
    ['save its progress', ({ dynamodb }) => dynamodb.send(inProjects('propagation#state', 'p000', 'run'))],
    ['remove an expiry', ({ dynamodb }) => dynamodb.send(deleteOf('propagation#expiries#p000', 'x'))],
    ['remove a due reconcile', ({ dynamodb }) => dynamodb.send(deleteOf('propagation#due#0', '2026-01-01 p000'))],
    [
      'assume a customer role with the external id',
      ({ sts }) => sts.send(assumeRole(customer().roleArn ?? '', customer().externalId)),
    ],
    ['write to its dead-letter queue', ({ sqs }) => sqs.send(send('reconcile-suppressions-dead-letters'))],
  ])('may %s', async (_, call) => {
    await expect(call(clients)).resolves.toBeDefined()
  })

  test.each<Attempt>([
    ...refusedToBoth,
    [
      'read items of many projects at once',
      ({ dynamodb }) =>
        dynamodb.send(
          new BatchGetItemCommand({
            RequestItems: { [projectsTable]: { Keys: [{ id: { S: 'p000' }, facet: { S: 'connection' } }] } },
          }),
        ),
    ],
    ['remove a due proof', ({ dynamodb }) => dynamodb.send(deleteOf('proofs#due#0', '2026-01-01 p000'))],
    [
      'delete a connection',
      ({ dynamodb }) =>
        dynamodb.send(
          new DeleteItemCommand({ TableName: projectsTable, Key: { id: { S: 'p000' }, facet: { S: 'connection' } } }),
        ),
    ],
    ['publish an event', ({ events }) => events.send(putEvent('sesame', 'sesame-dev'))],
    ['add an address to the retry queue', ({ sqs }) => sqs.send(send('propagation-retry'))],
    [
      'describe the stream',
      ({ streams }) =>
        streams.send(
          new DescribeStreamCommand({
            StreamArn: `arn:aws:dynamodb:us-east-1:123456789012:table/${suppressionsTable}/stream/2026-03-04T05:06:07.000`,
          }),
        ),
    ],
  ])('may not %s', async (_, call) => {
    await expect(call(clients)).rejects.toThrow(/not authorized/i)
  })
})
