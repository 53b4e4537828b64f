import {
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { createActivityReader } from '../../src/activity/read.ts'
import { createSealing } from '../../src/activity/seal-days.ts'
import { isSealDue } from '../../src/activity/seal-due.ts'
import { registerCommands } from '../../src/cli/commands.ts'
import { bounce, send, sentAt } from '../activity/mail-event.ts'
import { fireSchedule } from '../activity/seal.ts'
import { run } from '../cli/operator.ts'
import { account, route } from '../suppression/feedback.ts'

const name = 'sesame-dev-seal-counts'
const tables = { activity: 'sesame-dev-activity', counts: 'sesame-dev-counts' }
let aws: Aws
let root: DynamoDBClient
const clock = createManualClock(new Date('2026-03-02T12:00:00Z'))
const period = ['--from', '2026-03-01', '--to', '2026-03-01']
const sesame = (...args: string[]) => run(aws, registerCommands, ...args)
const logged = () => aws.lambda.logLines(name).map((line) => JSON.parse(line))

const report = async () => JSON.parse((await sesame('report', 'acme', ...period, '--json')).printed)
const sealedItem = async () =>
  (await aws.dynamodb.items(tables.counts)).find(({ counts }) => counts?.S === 'sealed#acme')

async function publish(...events: readonly object[]): Promise<void> {
  const from = { sourceAccount: account, sourceArn: `arn:aws:ses:us-east-1:${account}:configuration-set/sesame-acme` }
  const TopicArn = `arn:aws:sns:us-east-1:${aws.account}:sesame-dev-activity`
  for (const event of events)
    await aws.callAsService('ses.amazonaws.com', from, 'sns', 'Publish', { TopicArn, Message: JSON.stringify(event) })
  await aws.settled()
}

beforeAll(async () => {
  aws = await startAws({ account, clock })
  root = new DynamoDBClient(aws.clientConfig(aws.credentials.root(aws.account)))
  await run(aws, registerCommands, 'project', 'add', 'acme', '--account', account, '--configuration-set', 'sesame-acme')
  await route(aws, 'sesame-acme', 'acme')
})

describe('seal-counts', () => {
  test('seal-counts counts an event once that was delivered three times, by set and domain, and a late event makes it count again', async () => {
    await publish(send(), send(), send(), bounce('Permanent', 'General'))
    expect((await report()).counts).toContainEqual({ type: 'Send', count: 3 })
    await fireSchedule(aws, name)
    expect((await report()).counts).toContainEqual({ type: 'Send', count: 1 })
    expect((await report()).failingDomains).toEqual([
      { domain: 'example.com', recipients: 1, bounces: 1, complaints: 0 },
    ])
    expect(JSON.parse(String((await sealedItem())?.sets?.S))).toEqual([
      [
        'sesame-acme',
        expect.arrayContaining([
          ['Send', '', '', 1],
          ['Bounce', 'Permanent General', '', 1],
        ]),
      ],
    ])
    await publish(send({ nth: 2 }))
    expect((await report()).counts).toContainEqual({ type: 'Send', count: 4 })
    await fireSchedule(aws, name)
    expect((await report()).counts).toContainEqual({ type: 'Send', count: 2 })
    expect(logged().at(-1)).toMatchObject({ sealed: 1, events: 3, unchanged: 0, putOff: 0, overtaken: 0, failed: 0 })
  })

  test('seal-counts does nothing for a day without new events', async () => {
    const before = await sealedItem()
    await fireSchedule(aws, name)
    expect(await sealedItem()).toEqual(before)
    expect(logged().at(-1)).toMatchObject({ sealed: 0, events: 0, unchanged: 1 })
  })

  test('a mark that somebody may rely on stays, and an older one is removed', async () => {
    const marks = async () =>
      (await aws.dynamodb.items(tables.counts)).filter(({ counts }) => String(counts?.S).startsWith('unsealed#'))
    expect(await marks()).toHaveLength(1)
    clock.advance(9 * 60_000)
    await fireSchedule(aws, name)
    expect(await marks()).toHaveLength(1)
    clock.advance(60_000)
    await fireSchedule(aws, name)
    expect(await marks()).toEqual([])
  })

  test('an item that cannot be read hides no other, and is reported', async () => {
    const Item = { bucket: { S: 'acme#2026-03-01#0' }, event: { S: 'foreign' }, type: { S: 'Teleported' } }
    await root.send(new PutItemCommand({ TableName: tables.activity, Item }))
    await publish(send({ nth: 3 }))
    await fireSchedule(aws, name)
    expect((await report()).counts).toContainEqual({ type: 'Send', count: 3 })
    expect(logged().at(-2)).toMatchObject({ project: 'acme', day: '2026-03-01', unreadable: '1' })
    await root.send(
      new DeleteItemCommand({ TableName: tables.activity, Key: { bucket: Item.bucket, event: Item.event } }),
    )
  })

  test('counts stay when their events have expired, also if a late event makes the day count again', async () => {
    const items = (await aws.dynamodb.items(tables.activity)).filter(({ type }) => type?.S === 'Send')
    for (const { bucket, event } of items.slice(1)) {
      const Key = { bucket: { S: String(bucket?.S) }, event: { S: String(event?.S) } }
      await root.send(new DeleteItemCommand({ TableName: tables.activity, Key }))
    }
    await publish(bounce('Permanent', 'General', { nth: 3 }))
    await fireSchedule(aws, name)
    const { counts } = await report()
    expect(counts).toContainEqual({ type: 'Send', count: 3 })
    expect(counts).toContainEqual({ type: 'Bounce', detail: 'Permanent General', count: 2 })
  })

  test('a seal that another one has overtaken is not stored, and the mark that the other leaves stays', async () => {
    const reader = createActivityReader(root, tables.activity)
    const sealing = createSealing(root, tables.counts, reader.countDay, clock.now)
    const slow = createSealing(
      root,
      tables.counts,
      async (project, day) => {
        const counted = await reader.countDay(project, day)
        await publish(send({ nth: 4 }))
        await sealing.seal(project, day, true)
        return counted
      },
      clock.now,
    )
    await publish(send({ nth: 5 }))
    const mark = { project: 'acme', day: '2026-03-01', markedAt: new Date(0) }
    expect(await slow.sealMarked(mark)).toEqual({ outcome: 'overtaken' })
    const { counted } = await reader.countDay('acme', '2026-03-01')
    expect((await report()).counts.find(({ type }: { type: string }) => type === 'Send').count).toBeGreaterThanOrEqual(
      counted.counts.get('Send||')?.count ?? Number.POSITIVE_INFINITY,
    )
  })
})

describe('when a day is sealed again', () => {
  const hours = (count: number) => new Date(sentAt.getTime() + count * 3_600_000)
  const sealedWith = (liveTotal: number) => ({ sealedAt: sentAt, liveTotal })
  test.each([
    ['a small day at once', 19_999, 20_000, hours(0.1), true],
    ['a big day not at once', 20_000, 20_001, hours(0.1), false],
    ['a big day that has grown by half', 20_000, 30_000, hours(0.1), true],
    ['a big day that has waited for half of its age', 20_000, 20_001, hours(24), true],
    ['a big day that has not', 20_000, 20_001, hours(5), false],
  ] as const)('%s', (_, before, total, now, isDue) => {
    expect(isSealDue('2026-03-01', sealedWith(before), total, now)).toBe(isDue)
  })
})

describe('sesame recount', () => {
  test('sesame recount --verify compares the sealed counts with the events, and fails when they differ', async () => {
    await publish(send({ nth: 9, at: new Date('2026-02-27T10:00:00Z') }))
    const verify = () => sesame('recount', 'acme', '--from', '2026-02-27', '--to', '2026-02-27', '--verify', '--json')
    expect(JSON.parse((await verify()).printed)).toMatchObject({ day: '2026-02-27', state: 'equal', events: 1 })
    await fireSchedule(aws, name)
    const stored = (await aws.dynamodb.items(tables.counts)).find(
      ({ counts, day }) => counts?.S === 'sealed#acme' && day?.S === '2026-02-27',
    )
    expect(stored).toBeDefined()
    await root.send(
      new UpdateItemCommand({
        TableName: tables.counts,
        Key: { counts: { S: 'sealed#acme' }, day: { S: '2026-02-27' } },
        UpdateExpression: 'SET #rows = :rows',
        ExpressionAttributeNames: { '#rows': 'rows' },
        ExpressionAttributeValues: { ':rows': { S: '[["Send","","",7]]' } },
      }),
    )
    const { printed, code } = await verify()
    expect(JSON.parse(printed)).toMatchObject({
      state: 'different',
      differences: [{ type: 'Send', stored: 7, counted: 1 }],
    })
    expect(code).toBe(1)
  })

  test('sesame recount counts through the function, by day', async () => {
    const { printed } = await sesame('recount', 'acme', ...period, '--output', 'csv')
    expect(printed.split('\n')).toEqual([
      'day,events,state,differences',
      expect.stringMatching(/^2026-03-01,\d+,sealed,$/),
    ])
  })
})

describe('the role count-sealing', () => {
  test('the role count-sealing reads activity and stores exact counts, and is refused to change activity, live counts or anything else', async () => {
    const role = aws.functions.get('seal-counts')?.roleArn ?? ''
    const dynamodb = new DynamoDBClient(
      aws.clientConfig(await aws.assumeAsService('lambda.amazonaws.com', role, 'test')),
    )
    const day = { S: '2020-01-01' }
    const Key = { bucket: { S: 'acme#2020-01-01#0' }, event: { S: 'x' } }
    const query = (TableName: string, key: string, value: string, IndexName?: string) =>
      new QueryCommand({
        TableName,
        IndexName,
        KeyConditionExpression: '#key = :key',
        ExpressionAttributeNames: { '#key': key },
        ExpressionAttributeValues: { ':key': { S: value } },
      })
    const put = (counts: string) =>
      new PutItemCommand({ TableName: tables.counts, Item: { counts: { S: counts }, day } })
    const remove = (counts: string) =>
      new DeleteItemCommand({ TableName: tables.counts, Key: { counts: { S: counts }, day } })
    await dynamodb.send(query(tables.activity, 'bucket', 'acme#2020-01-01#0'))
    await dynamodb.send(query(tables.counts, 'counts', 'live#acme'))
    for (const key of ['sealed#acme', 'domains#acme']) await dynamodb.send(put(key))
    await dynamodb.send(remove('unsealed#1'))
    for (const refused of [
      dynamodb.send(new PutItemCommand({ TableName: tables.activity, Item: Key })),
      dynamodb.send(new DeleteItemCommand({ TableName: tables.activity, Key })),
      dynamodb.send(query(tables.activity, 'person', 'acme#ada@example.com', 'recipient-index')),
      dynamodb.send(put('live#acme')),
      dynamodb.send(put('unsealed#1')),
      dynamodb.send(remove('sealed#acme')),
      dynamodb.send(query('sesame-dev-suppressions', 'project', 'acme')),
      dynamodb.send(query('sesame-dev-projects', 'id', 'acme')),
    ])
      await expect(refused).rejects.toMatchObject({ name: 'AccessDeniedException' })
  })
})
