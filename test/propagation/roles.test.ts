import {
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
import { projectsTable, suppressionsTable, type World, worldOf } from './world.ts'

let world: World
beforeAll(async () => {
  world = await worldOf(1)
})

type Clients = Awaited<ReturnType<typeof as>>
async function as(role: string) {
  const { aws } = world
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
const enter = (RoleArn: string, ExternalId?: string) =>
  new AssumeRoleCommand({ RoleArn, RoleSessionName: 'p000.suppress', ...(ExternalId && { ExternalId }) })
const tell = (Source: string, EventBusName: string) =>
  new PutEventsCommand({ Entries: [{ Source, EventBusName, DetailType: 'Address Suppressed', Detail: '{}' }] })
const queue = (name: string) => `http://sesame.localhost:4566/123456789012/sesame-dev-${name}`
const send = (name: string) => new SendMessageCommand({ QueueUrl: queue(name), MessageBody: '{}' })
const customer = () => world.connectionOf('p000')

type Try = readonly [string, (clients: Clients) => Promise<unknown>]

const both: readonly Try[] = [
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
  ['add evidence', ({ dynamodb }) => dynamodb.send(inList('lastHard'))],
  ['reinstate an address', ({ dynamodb }) => dynamodb.send(inList('reinstated'))],
  ["enter a customer's account without an external id", ({ sts }) => sts.send(enter(customer().roleArn ?? ''))],
  [
    'enter a role elsewhere than under /sesame/',
    ({ sts }) => sts.send(enter('arn:aws:iam::100000000000:role/admin', customer().externalId)),
  ],
  [
    'enter a role of our own account',
    ({ sts }) =>
      sts.send(enter('arn:aws:iam::123456789012:role/sesame/sesame-dev-us-east-1-operator', customer().externalId)),
  ],
  [
    'write our own account list',
    ({ ses }) => ses.send(new PutSuppressedDestinationCommand({ EmailAddress: 'a@example.com', Reason: 'BOUNCE' })),
  ],
  ["use another function's dead letters", ({ sqs }) => sqs.send(send('record-bounce-dead-letters'))],
]

describe('the role of propagate-suppression', () => {
  let clients: Clients
  beforeAll(async () => {
    clients = await as('suppression-propagation')
  })

  test.each<Try>([
    ['read the list', ({ dynamodb }) => dynamodb.send(query(suppressionsTable, 'project'))],
    ['read a project', ({ dynamodb }) => dynamodb.send(query(projectsTable, 'id'))],
    ['note what is behind', ({ dynamodb }) => dynamodb.send(inProjects('propagation#state', 'p000', 'behind'))],
    ['enter with the external id', ({ sts }) => sts.send(enter(customer().roleArn ?? '', customer().externalId))],
    ['say what happened', ({ events }) => events.send(tell('sesame', 'sesame-dev'))],
    ['let an address wait', ({ sqs }) => sqs.send(send('propagation-retry'))],
    ['keep a dead letter', ({ sqs }) => sqs.send(send('propagate-suppression-dead-letters'))],
  ])('may %s', async (_, call) => {
    await expect(call(clients)).resolves.toBeDefined()
  })

  test.each<Try>([
    ...both,
    ['enter an address by hand', ({ dynamodb }) => dynamodb.send(inList('manual'))],
    ['speak in the name of another', ({ events }) => events.send(tell('billing', 'sesame-dev'))],
    ['speak on the default bus', ({ events }) => events.send(tell('sesame', 'default'))],
    [
      'take dead letters',
      ({ sqs }) => sqs.send(new ReceiveMessageCommand({ QueueUrl: queue('propagate-suppression-dead-letters') })),
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
  const own = { TableName: projectsTable, Key: { id: { S: 'propagation#ends#2026-01-01' }, facet: { S: 'x' } } }

  test.each<Try>([
    ['read the list', ({ dynamodb }) => dynamodb.send(query(suppressionsTable, 'project'))],
    ['take an address over', ({ dynamodb }) => dynamodb.send(inList('manual'))],
    ['remember how far it is', ({ dynamodb }) => dynamodb.send(inProjects('propagation#state', 'p000', 'run'))],
    ['forget an end that has come', ({ dynamodb }) => dynamodb.send(new DeleteItemCommand(own))],
    ['enter with the external id', ({ sts }) => sts.send(enter(customer().roleArn ?? '', customer().externalId))],
    ['keep a dead letter', ({ sqs }) => sqs.send(send('reconcile-suppressions-dead-letters'))],
  ])('may %s', async (_, call) => {
    await expect(call(clients)).resolves.toBeDefined()
  })

  test.each<Try>([
    ...both,
    [
      'delete a connection',
      ({ dynamodb }) =>
        dynamodb.send(
          new DeleteItemCommand({ TableName: projectsTable, Key: { id: { S: 'p000' }, facet: { S: 'connection' } } }),
        ),
    ],
    ['say what happened', ({ events }) => events.send(tell('sesame', 'sesame-dev'))],
    ['let an address wait', ({ sqs }) => sqs.send(send('propagation-retry'))],
    [
      'look at the stream',
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
