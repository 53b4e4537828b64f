import { DescribeTableCommand, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createEvidenceWriter } from '../../src/suppression/add-evidence.ts'
import { createListReader } from '../../src/suppression/read-list.ts'
import { createRulings } from '../../src/suppression/rule-by-hand.ts'
import { defaultRules } from '../../src/suppression/rules.ts'
import { createServerClock, ServerTimeError } from '../../src/suppression/server-clock.ts'
import { invoke, route, sesEvent, snsRecord, table } from './feedback.ts'

let aws: Aws
beforeAll(async () => {
  aws = await startAws({ withoutTriggers: ['propagate-suppression'] })
  await route(aws, 'sesame-acme', 'acme')
})
const clientOf = () => new DynamoDBClient(aws.clientConfig(aws.credentials.root(aws.account)))
const minutes = (count: number) => count * 60_000

describe('the time of a ruling', () => {
  test.each([
    ['14 minutes fast', minutes(14)],
    ['an hour slow', minutes(-60)],
    ['ten years fast', minutes(10 * 365 * 24 * 60)],
  ])('a machine whose clock is %s rules at the time of the server', async (_, offMs) => {
    const dynamodb = clientOf()
    const machineMs = () => Date.now() + offMs
    const serverTime = createServerClock(dynamodb, machineMs)
    await dynamodb.send(new DescribeTableCommand({ TableName: table }))
    const ruled = serverTime(new Date(machineMs())).getTime()
    expect(Math.abs(ruled - Date.now())).toBeLessThan(3_000)
  })

  test('a machine whose clock is right keeps its milliseconds', async () => {
    const dynamodb = clientOf()
    const serverTime = createServerClock(dynamodb)
    await dynamodb.send(new DescribeTableCommand({ TableName: table }))
    expect(serverTime(new Date('2026-03-01T10:00:00.123Z'))).toEqual(new Date('2026-03-01T10:00:00.123Z'))
  })

  test('without an answer of the server there is no time, and nothing is ruled', () => {
    expect(() => createServerClock(clientOf())(new Date())).toThrow(ServerTimeError)
  })
})

describe('a time from the future', () => {
  const verdictOn = (address: string) =>
    createListReader(clientOf(), table).verdictOn('acme', address, defaultRules, aws.clock.now())
  const bounce = (address: string, at: Date, feedbackId: string) =>
    invoke(aws, [snsRecord(sesEvent({ kind: 'hard', addresses: [address], at, feedbackId }, 'sesame-acme'))])
  const from = (ms: number) => new Date(aws.clock.now().getTime() + ms)

  test('a stored ruling from the future stands in the way of no later ruling', async () => {
    const rulings = createRulings(clientOf(), table, () => aws.clock.now())
    await bounce('a@example.com', from(minutes(-5)), 'a1')
    await rulings.reinstate('acme', 'a@example.com', { at: new Date('9999-01-01T00:00:00Z'), by: 'ann', why: 'x' })
    expect(await verdictOn('a@example.com')).toMatchObject({ state: 'suppressed' })
    expect(await rulings.reinstate('acme', 'a@example.com', { at: from(0), by: 'ann', why: 'x' })).toBe('recorded')
    expect(await verdictOn('a@example.com')).toMatchObject({ state: 'clear' })
  })

  test('a bounce that is hours ahead does not outlive a reinstatement that came after it', async () => {
    const rulings = createRulings(clientOf(), table, () => aws.clock.now())
    expect(await bounce('b@example.com', from(minutes(6 * 60)), 'b1')).toBe(true)
    expect(await verdictOn('b@example.com')).toMatchObject({ state: 'suppressed' })
    await rulings.reinstate('acme', 'b@example.com', { at: from(1), by: 'ann', why: 'x' })
    expect(await verdictOn('b@example.com')).toMatchObject({ state: 'clear' })
    const later = new Date(from(minutes(24 * 60)))
    expect(
      await createListReader(clientOf(), table).verdictOn('acme', 'b@example.com', defaultRules, later),
    ).toMatchObject({ state: 'clear' })
  })

  test('a bounce of more than a day ahead is refused, and one of an hour ago is not', async () => {
    expect(await bounce('c@example.com', from(minutes(25 * 60)), 'c1')).toBe(false)
    expect(await verdictOn('c@example.com')).toMatchObject({ state: 'clear' })
    expect(await bounce('c@example.com', from(minutes(-60)), 'c2')).toBe(true)
    expect(await verdictOn('c@example.com')).toMatchObject({ state: 'suppressed' })
  })

  test('evidence from the future that version 0.2.0 stored is replaced by new evidence', async () => {
    const writer = createEvidenceWriter(clientOf(), table, () => new Date('9999-12-30T00:00:00Z'))
    const piece = {
      kind: 'hard',
      at: new Date('9999-01-01T00:00:00Z'),
      feedbackId: 'd1',
      cause: 'Permanent/General',
    } as const
    await writer.add('acme', new Map([['d@example.com', piece]]))
    expect(await verdictOn('d@example.com')).toMatchObject({ state: 'clear' })
    await bounce('d@example.com', from(minutes(-1)), 'd2')
    expect(await verdictOn('d@example.com')).toMatchObject({ state: 'suppressed', reason: 'hard bounce' })
    const { Items = [] } = await clientOf().send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: '#p = :p AND address = :a',
        ExpressionAttributeNames: { '#p': 'project' },
        ExpressionAttributeValues: { ':p': { S: 'acme' }, ':a': { S: 'd@example.com' } },
      }),
    )
    expect(Items[0]?.lastHard?.S).toContain(' d2 ')
  })
})
