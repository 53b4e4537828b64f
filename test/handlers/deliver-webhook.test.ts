import {
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { Webhook, WebhookVerificationError } from 'standardwebhooks'
import * as v from 'valibot'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { factoriesFor } from '../../local/webhook-receivers.ts'
import { registerCommands } from '../../src/cli/commands.ts'
import { createEventBus } from '../../src/events/bus.ts'
import { domainEventSchemas } from '../../src/events/domain-events.ts'
import { publicNetwork } from '../../src/webhooks/post.ts'
import { selectableTypes, webhookTypes } from '../../src/webhooks/webhook-events.ts'
import { run } from '../cli/operator.ts'
import { assume } from '../local/sign-in.ts'
import { account } from '../suppression/feedback.ts'
import { type Received, startReceiver } from '../webhooks/receiver.ts'

const table = 'sesame-dev-webhooks'
const hour = 3_600_000
let aws: Aws
let receiver: Awaited<ReturnType<typeof startReceiver>>
/** By path: the status that the receiver answers. */
let statuses: Record<string, number> = {}
const clock = createManualClock(new Date())

beforeAll(async () => {
  receiver = await startReceiver(
    (request, response) => void response.writeHead(statuses[request.url ?? ''] ?? 200).end(),
    { staysOpen: true },
  )
  aws = await startAws({
    account,
    clock,
    factories: factoriesFor(receiver.origin, { ...publicNetwork, timeoutMs: 300 }),
  })
  for (const project of ['acme', 'globex'])
    await sesame('project', 'add', project, '--account', account, '--configuration-set', `sesame-${project}`)
})
afterAll(() => receiver.close())
beforeEach(() => {
  statuses = {}
  receiver.received.length = 0
})

const sesame = (...args: string[]) => run(aws, registerCommands, ...args)
const Secret = v.object({ id: v.string(), secret: v.string(), until: v.optional(v.string()) })
const add = async (project: string, path: string, ...args: string[]) => {
  const { printed } = await sesame('webhook', 'add', project, `${receiver.origin}${path}`, '--output', 'json', ...args)
  return v.parse(Secret, JSON.parse(printed))
}
const ask = async (request: object) => {
  const lambda = new LambdaClient(aws.clientConfig(aws.credentials.root(account)))
  const answer = await lambda.send(
    new InvokeCommand({
      FunctionName: 'sesame-dev-manage-webhooks',
      Payload: JSON.stringify({ by: 'ann', ...request }),
    }),
  )
  return JSON.parse(answer.Payload?.transformToString() ?? 'null')
}
const listed = async (project: string) => (await ask({ do: 'list', project })).done.webhooks
const deliveries = async (project: string) => (await ask({ do: 'deliveries', project })).done.deliveries
let nth = 0
const suppressed = (project: string, address = `a${nth}@customer.example`) => ({
  type: 'Address Suppressed' as const,
  detail: {
    id: String(++nth).padStart(32, '0'),
    project,
    address,
    reason: 'hard bounce' as const,
    since: '2026-03-01T10:00:00.000Z',
    uncertain: false,
  },
})
/** Publishes events as our functions do, and waits for what follows. */
const publish = async (...events: Parameters<ReturnType<typeof createEventBus>['publish']>[0]) => {
  const client = new EventBridgeClient(aws.clientConfig(aws.credentials.root(account)))
  await createEventBus(client, 'sesame-dev').publish(events)
  await aws.settled()
}
const verified = ({ body, headers }: Received, secret: string) => new Webhook(secret).verify(body, headers)
const bus = () => aws.eventbridge.events
const logged = () => aws.lambda.logLines('sesame-dev-deliver-webhook')

describe('deliver-webhook', () => {
  test('an event reaches each webhook of its project once, signed as the specification says, and no other project', async () => {
    const [one, two] = [await add('acme', '/one'), await add('acme', '/two')]
    await add('globex', '/globex')
    const event = suppressed('acme')
    await publish(event)
    expect(receiver.received.map(({ url }) => url).sort()).toEqual(['/one', '/two'])
    for (const request of receiver.received) {
      const { secret } = request.url === '/one' ? one : two
      expect(verified(request, secret)).toEqual({
        type: 'address.suppressed',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
        data: event.detail,
      })
      expect(request.headers['webhook-id']).toBe(`msg_${event.detail.id}`)
      // Controls: another secret, another body.
      const other = request.url === '/one' ? two : one
      expect(() => verified(request, other.secret)).toThrow(WebhookVerificationError)
      expect(() => verified({ ...request, body: request.body.replace('acme', 'axme') }, secret)).toThrow(
        WebhookVerificationError,
      )
    }
    expect(await deliveries('acme')).toHaveLength(2)
    expect(
      (await deliveries('acme')).every(
        ({ outcome, attempts }: { outcome: string; attempts: number }) => outcome === 'delivered' && attempts === 1,
      ),
    ).toBe(true)
    expect(await deliveries('globex')).toEqual([])
  })

  test('a request that is recorded and sent again later is refused by a receiver that verifies it', async () => {
    const [{ id = '' }] = await listed('globex')
    const { secret } = v.parse(
      Secret,
      JSON.parse((await sesame('webhook', 'rotate', 'globex', id, '--yes', '--json')).printed),
    )
    await publish(suppressed('globex'))
    const [request] = receiver.received
    if (!request) throw new Error('nothing was received')
    expect(verified(request, secret)).toMatchObject({ type: 'address.suppressed' })
    const late = {
      ...request,
      headers: { ...request.headers, 'webhook-timestamp': String(Number(request.headers['webhook-timestamp']) - 400) },
    }
    expect(() => verified(late, secret)).toThrow('too old')
  })

  test('after a rotation a request verifies with both secrets for a day, and then with the new one only', async () => {
    const before = await add('acme', '/rotated')
    const { printed } = await sesame('webhook', 'rotate', 'acme', before.id, '--yes', '--json')
    const after = v.parse(Secret, JSON.parse(printed))
    expect(after.secret).not.toBe(before.secret)
    await publish(suppressed('acme'))
    const request = receiver.received.find(({ url }) => url === '/rotated')
    if (!request) throw new Error('nothing was received')
    expect(verified(request, before.secret)).toEqual(verified(request, after.secret))
    await aws.advance(24 * hour)
    receiver.received.length = 0
    await publish(suppressed('acme'))
    const later = receiver.received.find(({ url }) => url === '/rotated')
    expect(later?.headers['webhook-signature']?.split(' ')).toHaveLength(1)
    expect(request.headers['webhook-signature']?.split(' ')).toHaveLength(2)
    await sesame('webhook', 'remove', 'acme', before.id, '--yes')
  })

  test('a webhook with a choice of events receives these only', async () => {
    await add('acme', '/chosen', '--events', 'address.reinstated')
    await publish(suppressed('acme'))
    const { address, reason, since, project } = suppressed('acme').detail
    await publish({ type: 'Address Reinstated', detail: { id: 'f'.repeat(32), project, address, reason, since } })
    const bodies = receiver.received.filter(({ url }) => url === '/chosen').map(({ body }) => JSON.parse(body).type)
    expect(bodies).toEqual(['address.reinstated'])
  })

  test('a receiver that fails gets the event again later and later, and the other webhooks get it at once', async () => {
    statuses = { '/one': 503 }
    const event = suppressed('acme')
    await publish(event)
    const attempts = () => receiver.received.filter(({ url }) => url === '/one')
    expect(receiver.received.filter(({ url }) => url === '/two')).toHaveLength(1)
    expect(attempts()).toHaveLength(1)
    await aws.advance(5_000)
    expect(attempts()).toHaveLength(2)
    await aws.advance(9_000)
    expect(attempts()).toHaveLength(2)
    await aws.advance(2_000)
    expect(attempts()).toHaveLength(3)
    // Another event waits for the receiver, and does not try it. The log says so.
    const waiting = suppressed('acme')
    await publish(waiting)
    expect(attempts()).toHaveLength(3)
    expect(
      (await deliveries('acme')).find(({ event: id }: { event: string }) => id === `msg_${waiting.detail.id}`),
    ).toBeDefined()
    expect(
      (await deliveries('acme'))
        .filter(({ outcome }: { outcome: string }) => outcome === 'waiting')
        .map(({ answer }: { answer: string }) => answer),
    ).toContain('not tried: the receiver is failing')
    statuses = {}
    await aws.advance(hour)
    expect(
      attempts()
        .map(({ headers }) => headers['webhook-id'])
        .slice(0, 4),
    ).toEqual(Array(4).fill(`msg_${event.detail.id}`))
    expect(attempts()).toHaveLength(5)
    expect((await listed('acme')).find(({ url }: { url: string }) => url.endsWith('/one'))).not.toHaveProperty(
      'failingSince',
    )
    const [first] = (await deliveries('acme'))
      .filter(({ event: id }: { event: string }) => id === `msg_${event.detail.id}`)
      .sort((a: { attempts: number }, b: { attempts: number }) => b.attempts - a.attempts)
    expect(first).toMatchObject({ outcome: 'delivered', attempts: 4, answer: 'answered 200' })
  })

  test('a webhook that fails for three days is switched off with an event, receives nothing, and can be resumed', async () => {
    const { id } = await add('acme', '/dead')
    statuses = { '/dead': 500 }
    const before = bus().length
    await publish(suppressed('acme'))
    for (let hours = 0; hours < 80; hours += 2) await aws.advance(2 * hour)
    const told = bus()
      .slice(before)
      .filter((one) => one['detail-type'] === 'Webhook Switched Off')
    expect(told).toHaveLength(1)
    expect(v.parse(domainEventSchemas['Webhook Switched Off'], told[0]?.detail)).toMatchObject({
      project: 'acme',
      webhook: id,
      why: 'every attempt has failed: answered 500',
    })
    const attempts = receiver.received.filter(({ url }) => url === '/dead').length
    expect(attempts).toBeGreaterThan(10)
    expect(attempts).toBeLessThanOrEqual(24)
    // The others of the project are told, and the dead one is not.
    expect(
      receiver.received.some(({ url, body }) => url === '/one' && JSON.parse(body).type === 'webhook.switched-off'),
    ).toBe(true)
    expect(
      receiver.received.some(({ url, body }) => url === '/dead' && JSON.parse(body).type === 'webhook.switched-off'),
    ).toBe(false)
    statuses = {}
    await publish(suppressed('acme'))
    expect(receiver.received.filter(({ url }) => url === '/dead')).toHaveLength(attempts)
    expect((await sesame('webhook', 'list', 'acme')).printed).toMatch(/off since .*every attempt has failed/)
    await sesame('webhook', 'resume', 'acme', id)
    await publish(suppressed('acme'))
    expect(receiver.received.filter(({ url }) => url === '/dead')).toHaveLength(attempts + 1)
    await sesame('webhook', 'remove', 'acme', id, '--yes')
  })

  test('a receiver that answers 410 Gone is switched off at once', async () => {
    const { id } = await add('acme', '/gone')
    statuses = { '/gone': 410 }
    await publish(suppressed('acme'))
    await aws.advance(60_000)
    expect(receiver.received.filter(({ url }) => url === '/gone')).toHaveLength(1)
    expect((await listed('acme')).find((one: { id: string }) => one.id === id)).toMatchObject({
      off: { why: 'the receiver answered 410 Gone' },
    })
    await sesame('webhook', 'remove', 'acme', id, '--yes')
  })

  test('an event that no attempt delivers is a dead letter with its webhook and project, and a replay delivers it', async () => {
    statuses = { '/globex': 500 }
    const event = suppressed('globex')
    await publish(event)
    // An operator resumes the webhook again and again, so it is never switched off.
    for (let hours = 0; hours < 132; hours += 3) {
      await aws.advance(3 * hour)
      const { id } = (await listed('globex'))[0]
      await sesame('webhook', 'resume', 'globex', id)
    }
    const letters = await sesame('dead-letters', 'list', '--each', '--project', 'globex', '--json')
    expect(JSON.parse(letters.printed)).toMatchObject({
      queue: 'deliver-webhook',
      event: expect.stringMatching(/^address\.suppressed to wh_/),
      cause: expect.stringContaining('The receiver accepted no attempt'),
    })
    expect((await sesame('dead-letters', 'replay', '--queue', 'deliver-webhook')).code).toBe(1)
    statuses = {}
    receiver.received.length = 0
    await aws.advance(6 * hour)
    expect((await sesame('dead-letters', 'replay', '--queue', 'deliver-webhook')).code).toBe(0)
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([`msg_${event.detail.id}`])
    expect((await sesame('dead-letters', 'list', '--each', '--project', 'globex')).printed).toBe(
      'There is no dead letter.',
    )
  })

  test('an event that is published twice is delivered with the same webhook-id', async () => {
    const event = suppressed('globex')
    await publish(event, event)
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual(
      Array(2).fill(`msg_${event.detail.id}`),
    )
  })

  test('deliver-webhook logs no address, no URL and no secret', async () => {
    const { secret } = await add('acme', '/logged')
    statuses = { '/logged': 500 }
    await publish(suppressed('acme', 'someone@customer.example'))
    const lines = logged().join('\n')
    expect(lines).toContain('"outcome":"delivered"')
    expect(lines).toContain('NotDeliveredError')
    for (const hidden of ['someone@', '/logged', receiver.origin, secret.slice(6)]) expect(lines).not.toContain(hidden)
    expect(JSON.stringify(await deliveries('acme'))).not.toContain('@')
  })

  test('every event of ours is either delivered under a name, or left to the operator', () => {
    expect(Object.keys(webhookTypes).sort()).toEqual(Object.keys(domainEventSchemas).sort())
    expect(new Set(selectableTypes).size).toBe(selectableTypes.length)
    expect(selectableTypes).not.toContain('webhook.test')
  })
})

describe('manage-webhooks', () => {
  test('sesame webhook test shows what the receiver answered, and ends with 3 if it did not accept the test', async () => {
    const { id } = await add('globex', '/tested')
    expect(await sesame('webhook', 'test', 'globex', id)).toMatchObject({
      code: 0,
      printed: `${id}: delivered, answered 200`,
    })
    expect(receiver.received.map(({ url, body }) => `${url} ${JSON.parse(body).type}`)).toEqual([
      '/tested webhook.test',
    ])
    statuses = { '/tested': 302 }
    expect(await sesame('webhook', 'test', 'globex', id)).toMatchObject({
      code: 3,
      printed: `${id}: not delivered, answered 302: redirects are not followed`,
    })
    await aws.advance(hour)
    // A test is not repeated, and does not count against the webhook.
    expect(receiver.received.filter(({ url }) => url === '/tested')).toHaveLength(2)
    expect((await listed('globex')).find((one: { id: string }) => one.id === id)).not.toHaveProperty('failingSince')
  })

  test('a URL has one webhook in a project, and adding it again shows no secret', async () => {
    const { id } = await add('globex', '/once')
    await expect(add('globex', '/once')).rejects.toThrow(`url belongs to the webhook ${id} already`)
    expect((await add('acme', '/once')).id).not.toBe(id)
  })

  test('the request for a project that does not exist, a URL that is not public and an unknown event are refused', async () => {
    await expect(add('nobody', '/x')).rejects.toThrow('nobody does not exist')
    await expect(sesame('webhook', 'add', 'acme', 'https://169.254.169.254/')).rejects.toThrow('public internet')
    await expect(add('acme', '/x', '--events', 'address.supressed')).rejects.toThrow(
      'types.0 must be ("address.suppressed" | ',
    )
    await expect(sesame('webhook', 'rotate', 'acme', 'wh_0000000000', '--yes')).rejects.toThrow(
      'wh_0000000000 does not exist',
    )
    await expect(sesame('webhook', 'test', 'acme', 'wh_0000000000')).rejects.toThrow('wh_0000000000 does not exist')
    await expect(sesame('webhook', 'remove', 'acme', 'wh_0000000000', '--yes')).rejects.toThrow('does not exist')
  })

  test('a project has at most ten webhooks', async () => {
    for (let i = (await listed('globex')).length; i < 10; i++) await add('globex', `/many-${i}`)
    await expect(add('globex', '/eleventh')).rejects.toThrow('globex has 10 webhooks already')
  })

  test('no command and no answer shows a secret again', async () => {
    const { id, secret } = await add('acme', '/secret')
    for (const args of [
      ['list', 'acme'],
      ['list', 'acme', '--json'],
      ['deliveries', 'acme', '--json'],
    ])
      expect((await sesame('webhook', ...args)).printed).not.toContain(secret)
    const { printed } = await sesame('webhook', 'list', 'acme', '--json')
    expect(printed).toContain(id)
  })

  test('sesame changes shows each change of a webhook with who made it, beside those of the settings', async () => {
    const { id, secret } = await add('acme', '/history', '--by', 'zoe')
    await sesame('webhook', 'remove', 'acme', id, '--yes', '--by', 'max')
    const { printed } = await sesame('changes', 'acme')
    expect(printed).toMatch(new RegExp(`zoe +webhook added +webhook: ${id}`))
    expect(printed).toMatch(new RegExp(`max +webhook removed +webhook: ${id}`))
    expect(printed).toContain('project added')
    for (const hidden of [secret, receiver.origin]) expect(printed).not.toContain(hidden)
  })
})

describe('the roles of webhooks', () => {
  const configOf = async (name: string) =>
    aws.clientConfig(
      await aws.assumeAsService('lambda.amazonaws.com', aws.functions.get(name)?.roleArn ?? '', `sesame-dev-${name}`),
    )
  const tableOf = async (name: string) => new DynamoDBClient(await configOf(name))
  const denied = { name: 'AccessDeniedException' }
  const query = (ProjectionExpression?: string) =>
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'id = :id',
      ExpressionAttributeValues: { ':id': { S: 'acme' } },
      ...(ProjectionExpression && { ProjectionExpression }),
    })
  const Key = { id: { S: 'acme' }, facet: { S: 'webhook#wh_0000000000' } }
  const update = (attribute: string, more: object = {}) =>
    new UpdateItemCommand({
      TableName: table,
      Key,
      UpdateExpression: `SET ${attribute} = :value`,
      ExpressionAttributeValues: { ':value': { S: 'x' } },
      ...more,
    })
  const eventOf = (DetailType: string, Source = 'sesame') =>
    new PutEventsCommand({ Entries: [{ EventBusName: 'sesame-dev', Source, DetailType, Detail: '{}' }] })

  test('the secret can be read by deliver-webhook, and is refused to manage-webhooks', async () => {
    const { secret } = await add('acme', '/kept')
    const { Items = [] } = await (await tableOf('deliver-webhook')).send(query())
    expect(Items.map((item) => item.secret?.S)).toContain(secret)
    const management = await tableOf('manage-webhooks')
    for (const attributes of [undefined, 'facet, secret', 'formerSecret'])
      await expect(management.send(query(attributes))).rejects.toMatchObject(denied)
    expect((await management.send(query('facet, target'))).Items?.length).toBeGreaterThan(0)
  })

  test('the operator is refused the table of webhooks and the function that signs', async () => {
    const RoleArn = `arn:aws:iam::${account}:role/sesame/sesame-dev-us-east-1-operator`
    const config = aws.clientConfig(await assume(aws, aws.credentials.root(account), { RoleArn }))
    await expect(new DynamoDBClient(config).send(query('facet, target'))).rejects.toMatchObject(denied)
    const signs = new InvokeCommand({ FunctionName: 'sesame-dev-deliver-webhook', Payload: '{}' })
    await expect(new LambdaClient(config).send(signs)).rejects.toMatchObject(denied)
  })

  test('deliver-webhook may record an outcome, and is refused a URL, a secret, an old item and an item of its own', async () => {
    const delivery = await tableOf('deliver-webhook')
    for (const attribute of ['target', 'secret', 'formerSecret', 'eventTypes'])
      await expect(delivery.send(update(attribute))).rejects.toMatchObject(denied)
    await expect(delivery.send(update('answer', { ReturnValues: 'ALL_OLD' }))).rejects.toMatchObject(denied)
    await expect(delivery.send(new PutItemCommand({ TableName: table, Item: Key }))).rejects.toMatchObject(denied)
    await delivery.send(update('answer'))
  })

  test('manage-webhooks is refused a write outside of a transaction, and a condition on what it may not know', async () => {
    const management = await tableOf('manage-webhooks')
    await expect(management.send(update('target'))).rejects.toMatchObject(denied)
    await expect(management.send(new PutItemCommand({ TableName: table, Item: Key }))).rejects.toMatchObject(denied)
    await expect(management.send(new DeleteItemCommand({ TableName: table, Key }))).rejects.toMatchObject(denied)
    const check = (ConditionExpression: string) =>
      new TransactWriteItemsCommand({
        TransactItems: [
          {
            ConditionCheck: {
              TableName: 'sesame-dev-projects',
              Key: { id: { S: 'acme' }, facet: { S: 'settings' } },
              ConditionExpression,
            },
          },
        ],
      })
    await expect(management.send(check('attribute_exists(externalId)'))).rejects.toMatchObject(denied)
    await management.send(check('attribute_exists(settings)'))
  })

  test('each function may publish its one event, and is refused every other', async () => {
    for (const [name, own, other] of [
      ['deliver-webhook', 'Webhook Switched Off', 'Webhook Test Requested'],
      ['manage-webhooks', 'Webhook Test Requested', 'Webhook Switched Off'],
    ] as const) {
      const events = new EventBridgeClient(await configOf(name))
      await expect(events.send(eventOf(other))).rejects.toMatchObject(denied)
      await expect(events.send(eventOf(own, 'another'))).rejects.toMatchObject(denied)
      expect((await events.send(eventOf(own))).FailedEntryCount).toBe(0)
    }
  })

  test('deliver-webhook is refused every other queue, and nobody but the rule may send events into its queue', async () => {
    const config = await configOf('deliver-webhook')
    const sqs = new SQSClient(config)
    const to = (queue: string) => `${config.endpoint}/${account}/sesame-dev-${queue}`
    for (const queue of ['feedback', 'deliver-webhook-dead-letters'])
      await expect(sqs.send(new SendMessageCommand({ QueueUrl: to(queue), MessageBody: '{}' }))).rejects.toMatchObject({
        name: expect.stringMatching(/AccessDenied/),
      })
    const send = (rule: string) =>
      aws.callAsService(
        'events.amazonaws.com',
        { sourceAccount: account, sourceArn: `arn:aws:events:us-east-1:${account}:rule/sesame-dev/${rule}` },
        'sqs',
        'SendMessage',
        { QueueUrl: to('webhooks'), MessageBody: '{}' },
      )
    await expect(send('sesame-dev-another')).rejects.toMatchObject({ code: expect.stringMatching(/AccessDenied/) })
  })
})
