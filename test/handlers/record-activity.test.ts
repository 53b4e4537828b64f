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
import { registerCommands } from '../../src/cli/commands.ts'
import { bounce, complaint, delivery, messageIdOf, open, send } from '../activity/mail-event.ts'
import { fireSchedule } from '../activity/seal.ts'
import { run } from '../cli/operator.ts'
import { account } from '../suppression/feedback.ts'

const table = 'sesame-dev-activity'
let aws: Aws
const clock = createManualClock(new Date('2026-03-02T12:00:00Z'))
beforeAll(async () => {
  aws = await startAws({ account, clock })
  await run(aws, registerCommands, 'project', 'add', 'acme', '--account', account, '--configuration-set', 'sesame-acme')
})

const source = (set = 'sesame-acme') => ({
  sourceAccount: account,
  sourceArn: `arn:aws:ses:us-east-1:${account}:configuration-set/${set}`,
})
const publishAs = (from: ReturnType<typeof source>, event: unknown) =>
  aws.callAsService('ses.amazonaws.com', from, 'sns', 'Publish', {
    TopicArn: `arn:aws:sns:us-east-1:${aws.account}:${table}`,
    Message: typeof event === 'string' ? event : JSON.stringify(event),
  })
/** SES publishes the events, and everything that follows is done. */
async function publish(...events: readonly unknown[]): Promise<void> {
  for (const event of events) await publishAs(source(), event)
  await aws.settled()
}
const stored = () => aws.dynamodb.items(table)
const logged = () =>
  aws.lambda
    .logLines('sesame-dev-record-activity')
    .map((line) => JSON.parse(line))
    .filter((line) => !line._aws)
const letters = () => run(aws, registerCommands, 'dead-letters', 'list', '--each', '--json')
const sesame = (...args: string[]) => run(aws, registerCommands, ...args)

describe('record-activity', () => {
  test('record-activity stores each event once for each recipient, with the day of its mail and an expiry', async () => {
    await publish(send({ to: ['ada@example.com', 'bo@example.com'] }), delivery(), open('Likely'))
    const items = await stored()
    expect(items.map(({ type, address }) => `${type?.S} ${address?.S}`).sort()).toEqual([
      'Delivery ada@example.com',
      'Open ada@example.com',
      'Send ada@example.com',
      'Send bo@example.com',
    ])
    expect(new Set(items.map(({ bucket }) => bucket?.S))).toEqual(
      new Set([expect.stringMatching(/^acme#2026-03-01#[0-3]$/)]),
    )
    const ninetyDaysLater = String(Date.parse('2026-05-30T10:00:00Z') / 1000)
    expect(items.every(({ expiresAt }) => expiresAt?.N === ninetyDaysLater)).toBe(true)
  })

  test('a second copy of an event changes nothing', async () => {
    const before = await stored()
    expect(before.length).toBeGreaterThan(0)
    await publish(delivery(), open('Likely'), send({ to: ['ada@example.com', 'bo@example.com'] }))
    expect(await stored()).toEqual(before)
  })

  test('record-activity adds to the live counts once for each batch, and marks the day', async () => {
    const counts = await aws.dynamodb.items('sesame-dev-counts')
    const of = (key: string) => counts.find((item) => String(item.counts?.S).startsWith(key))
    expect(of('live#acme')).toMatchObject({ day: { S: '2026-03-01' }, Send: { N: '4' }, '10s': { N: '4' } })
    expect(of('unsealed#')).toMatchObject({
      day: { S: '2026-03-01#acme' },
      markedAt: { S: '2026-03-02T12:00:00.000Z' },
    })
    expect(JSON.stringify(counts)).not.toContain('@')
  })

  test('record-activity logs a line for each outcome with its number, and no address', async () => {
    const before = logged().length
    await publish(...Array.from({ length: 3 }, (_, index) => send({ nth: 50 + index })))
    const lines = logged().slice(before)
    expect(lines.every(({ outcome, type }) => outcome === 'recorded' && type === 'Send')).toBe(true)
    expect(lines.reduce((sum, { records }) => sum + records, 0)).toBe(3)
    expect(JSON.stringify(logged())).not.toMatch(/@/)
  })

  test('an event that no project owns is in the dead-letter queue with its cause, and the others of the batch are recorded', async () => {
    const before = (await stored()).length
    await publish(send({ nth: 60 }), send({ nth: 61, configurationSet: 'nobodys' }), send({ nth: 62 }), 'no event')
    expect((await stored()).length).toBe(before + 2)
    const listed = (await letters()).printed.split('\n').map((line) => JSON.parse(line))
    expect(listed.map(({ queue }) => queue)).toEqual(['record-activity', 'record-activity'])
    expect(JSON.stringify(listed)).toContain('No project owns')
  })

  test('a replay of a dead letter records its event once the project exists', async () => {
    await sesame('project', 'add', 'globex', '--account', account, '--configuration-set', 'nobodys')
    // A missing owner is cached for some seconds.
    clock.advance(60_000)
    const { printed } = await sesame('dead-letters', 'replay', '--project', 'globex', '--yes', '--json')
    expect(printed).toContain('applied')
    expect((await stored()).filter(({ bucket }) => String(bucket?.S).startsWith('globex#'))).toHaveLength(1)
  })

  test('the activity topic is refused to all publishers but SES for this account', async () => {
    await expect(publishAs({ ...source(), sourceAccount: '444455556666' }, send({ nth: 70 }))).rejects.toThrow()
    await publishAs(source(), send({ nth: 71 }))
    await aws.settled()
    const keys = (await stored()).map(({ event }) => String(event?.S))
    expect(keys.some((key) => key.startsWith(messageIdOf(71)))).toBe(true)
    expect(keys.some((key) => key.startsWith(messageIdOf(70)))).toBe(false)
  })
})

describe('what a project keeps', () => {
  const itemsOf = async (nth: number) =>
    (await stored()).filter(({ event }) => String(event?.S).startsWith(messageIdOf(nth)))

  test('a project keeps no IP address, no user agent and no index of opens unless it wants to, and its own number of days', async () => {
    await publish(open('Unlikely', { nth: 80 }), bounce('Permanent', 'General', { nth: 80 }))
    const [bounced, opened] = await itemsOf(80)
    expect(opened).toMatchObject({ type: { S: 'Open' } })
    expect(JSON.stringify([bounced, opened])).not.toMatch(/198\.51|Mozilla/)
    expect([opened?.person, bounced?.person]).toEqual([undefined, { S: 'acme#ada@example.com' }])

    const settings = ['--activity-days', '30', '--readers', 'keep', '--find-recipients', 'all']
    const { printed } = await sesame('project', 'set', 'acme', ...settings)
    expect(JSON.parse(printed)).toMatchObject({ activitySettings: { days: 30, readers: 'keep', recipients: 'all' } })
    // Settings are known for five minutes.
    clock.advance(6 * 60_000)
    await publish(open('Unlikely', { nth: 81 }))
    expect(await itemsOf(81)).toMatchObject([
      {
        ip: { S: '198.51.100.7' },
        userAgent: { S: 'Mozilla/5.0' },
        person: { S: 'acme#ada@example.com' },
        expiresAt: { N: String(Date.parse('2026-03-31T10:00:00Z') / 1000) },
      },
    ])
    await sesame(
      'project',
      'set',
      'acme',
      '--readers',
      'drop',
      '--find-recipients',
      'failures',
      '--activity-days',
      '90',
    )
    clock.advance(6 * 60_000)
    await publish(open('Unlikely', { nth: 82 }))
    expect(JSON.stringify(await itemsOf(82))).not.toMatch(/198\.51|Mozilla|person/)
  })

  test('an event of mail that is older than what is kept is not stored', async () => {
    const before = (await stored()).length
    await publish(open('Unlikely', { nth: 83, at: new Date('2025-11-01T10:00:00Z') }))
    expect(await stored()).toHaveLength(before)
    expect(logged().at(-1)).toMatchObject({ outcome: 'ignored: older than what is kept', project: 'acme', records: 1 })
  })

  test.each(['0', '3651', 'many'])('sesame project set refuses to keep activity for %s days', async (days) => {
    await expect(sesame('project', 'set', 'acme', '--activity-days', days)).rejects.toThrow()
  })

  test('sesame timeline --recipient shows what happened to mail for an address, the latest first, and names the messages', async () => {
    const { printed } = await sesame('timeline', 'acme', '--recipient', 'Ada@example.com')
    expect(printed).toContain(messageIdOf(80))
    expect(printed).toMatch(/Bounce +Permanent General/)
    const lines = (await sesame('timeline', 'acme', '--recipient', 'ada@example.com', '--json')).printed.split('\n')
    expect(lines.map((line) => JSON.parse(line).type)).toEqual(['Open', 'Bounce'])
    const nobody = await sesame('timeline', 'acme', '--recipient', 'nobody@example.com')
    expect(nobody.printed).toContain('No mail for this address failed')
  })
})

describe('the role analytics-processing', () => {
  const client = async () => {
    const role = aws.functions.get('record-activity')?.roleArn ?? ''
    return new DynamoDBClient(aws.clientConfig(await aws.assumeAsService('lambda.amazonaws.com', role, 'test')))
  }
  const Item = { bucket: { S: 'acme#2020-01-01#0' }, event: { S: 'x' } }
  const ask = (TableName: string, key: string, value: string) =>
    new QueryCommand({
      TableName,
      KeyConditionExpression: '#key = :key',
      ExpressionAttributeNames: { '#key': key },
      ExpressionAttributeValues: { ':key': { S: value } },
    })

  test('the role analytics-processing puts activity, and is refused what a put replaces', async () => {
    const dynamodb = await client()
    await dynamodb.send(new PutItemCommand({ TableName: table, Item }))
    await expect(
      dynamodb.send(new PutItemCommand({ TableName: table, Item, ReturnValues: 'ALL_OLD' })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' })
  })

  test('the role analytics-processing is refused to read activity, settings and the suppression list, and to write elsewhere', async () => {
    const dynamodb = await client()
    await dynamodb.send(ask('sesame-dev-projects', 'id', `route#${account}`))
    const suppression = { project: { S: 'acme' }, address: { S: 'a@example.com' } }
    for (const command of [
      ask(table, 'bucket', 'acme#2026-03-01#0'),
      ask('sesame-dev-projects', 'id', 'acme'),
      ask('sesame-dev-suppressions', 'project', 'acme'),
    ])
      await expect(dynamodb.send(command)).rejects.toMatchObject({ name: 'AccessDeniedException' })
    await expect(
      dynamodb.send(new PutItemCommand({ TableName: 'sesame-dev-suppressions', Item: suppression })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' })
  })

  test('the role analytics-processing adds to live counts and marks days, and is refused to read, seal or remove counts', async () => {
    const dynamodb = await client()
    const TableName = 'sesame-dev-counts'
    const day = { S: '2020-01-01' }
    const add = (counts: string, ReturnValues: 'NONE' | 'ALL_NEW' = 'NONE') =>
      new UpdateItemCommand({
        TableName,
        Key: { counts: { S: counts }, day },
        UpdateExpression: 'ADD #n :n',
        ExpressionAttributeNames: { '#n': 'n|Send||' },
        ExpressionAttributeValues: { ':n': { N: '1' } },
        ReturnValues,
      })
    const put = (counts: string) => new PutItemCommand({ TableName, Item: { counts: { S: counts }, day } })
    await dynamodb.send(add('live#acme'))
    await dynamodb.send(put('unsealed#3'))
    for (const refused of [
      dynamodb.send(add('live#acme', 'ALL_NEW')),
      dynamodb.send(add('sealed#acme')),
      dynamodb.send(put('sealed#acme')),
      dynamodb.send(put('live#acme')),
      dynamodb.send(new DeleteItemCommand({ TableName, Key: { counts: { S: 'unsealed#3' }, day } })),
      dynamodb.send(ask(TableName, 'counts', 'live#acme')),
    ])
      await expect(refused).rejects.toMatchObject({ name: 'AccessDeniedException' })
  })
})

describe('sesame report', () => {
  test('sesame report shows the counts of the days, and the rates with both of their numbers', async () => {
    const at = new Date('2026-02-01T08:00:00Z')
    await publish(
      send({ nth: 1, at }),
      send({ nth: 2, at }),
      bounce('Permanent', 'General', { nth: 1, at }),
      bounce('Permanent', 'OnAccountSuppressionList', { nth: 2, at }),
      complaint({ nth: 1, at }),
    )
    // Domains are counted by the seal.
    await fireSchedule(aws, 'sesame-dev-seal-counts')
    const period = ['--from', '2026-02-01', '--to', '2026-02-01']
    const { printed } = await sesame('report', 'acme', ...period)
    expect(printed).toContain('acme: mail sent from 2026-02-01 to 2026-02-01 (UTC)')
    expect(printed).toMatch(/bounce rate +none below 1,000 recipients \(1 of 1 recipients\)/)
    expect(printed).toMatch(/^Bounce +Permanent OnAccountSuppressionList +1 +SES sent nothing$/m)
    expect(printed).toMatch(/^example\.com +1 +1 +1$/m)
    expect(JSON.parse((await sesame('report', 'acme', ...period, '--json')).printed)).toMatchObject({
      project: 'acme',
      standing: 'unknown',
      failingDomains: [{ domain: 'example.com', recipients: 1, bounces: 1, complaints: 1 }],
      windows: [1, 7, 30].map((days) => ({ days, rates: { bounces: { events: 1, recipients: 1 } } })),
      rates: { complaints: { events: 1, recipients: 1 } },
      counts: expect.arrayContaining([{ type: 'Send', count: 2 }]),
    })
    const csv = (await sesame('report', 'acme', ...period, '--output', 'csv')).printed.split('\n')
    expect(csv[0]).toBe('event,detail,count,in no rate because')
    expect(csv).toContain('Send,,2,')
    const html = (await sesame('report', '--project', 'acme', ...period, '--output', 'html')).printed
    expect(html).toMatch(/^<!doctype html>/)
    expect(html).toContain('<h1>acme: mail sent from 2026-02-01 to 2026-02-01</h1>')
  })

  test('sesame report refuses to guess the project', async () => {
    await expect(sesame('report')).rejects.toThrow('Name a project')
    await expect(sesame('report', 'acme', '--project', 'globex')).rejects.toThrow('Name one project')
  })

  test('sesame report counts no mail of another day or project', async () => {
    expect((await sesame('report', 'acme', '--from', '2026-02-02', '--to', '2026-02-03')).printed).toContain(
      'No event is stored',
    )
    expect((await sesame('report', 'globex', '--to', '2026-02-10')).printed).toContain('No event is stored')
    expect((await sesame('report', 'acme', '--to', '2026-02-10')).printed).toMatch(/^Send +2/m)
  })

  test.each([
    [['--from', '2026-02-30'], 'Give a day of UTC'],
    [['--from', 'yesterday'], 'Give a day of UTC'],
    [['--from', '2026-03-02', '--to', '2026-03-01'], 'The period ends before it begins'],
    [['--from', '2020-01-01', '--to', '2026-03-01'], 'more than 400 days'],
  ])('sesame report refuses the period %j and says why', async (period, why) => {
    await expect(sesame('report', 'acme', ...period)).rejects.toThrow(why)
  })
})

describe('sesame timeline', () => {
  test('sesame timeline shows what happened to a message, oldest first', async () => {
    const { printed } = await sesame('timeline', 'acme', messageIdOf(1))
    const rows = printed.split('\n').map((row) => row.trim().split(/ {2,}/))
    expect(rows.map(([, type, recipient]) => [type, recipient])).toEqual([
      ['event', 'recipient'],
      ['Send', 'ada@example.com'],
      ['Send', 'bo@example.com'],
      ['Delivery', 'ada@example.com'],
      ['Open', 'ada@example.com'],
    ])
    expect(printed).toContain('probably a machine')
  })

  test('sesame timeline says which day it looked at if it finds nothing, and asks for the day if the id says none', async () => {
    expect((await sesame('timeline', 'acme', messageIdOf(999))).printed).toContain('that was sent on 2026-03-01')
    await expect(sesame('timeline', 'acme', 'EXAMPLE7c191be45')).rejects.toThrow('Give the day with --day')
  })
})
