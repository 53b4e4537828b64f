/**
 * Any order, duplication and crash of record-activity and seal-counts leads to sealed counts that are those of the distinct events.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { type Day, dayOf } from '../../src/activity/bucket.ts'
import { type Counts, sumOf } from '../../src/activity/counts.ts'
import { createActivityReader } from '../../src/activity/read.ts'
import { createStoredCounts } from '../../src/activity/stored-counts.ts'
import { verifiedOf } from '../../src/activity/verify.ts'
import { dayMs } from '../../src/time.ts'
import { runsOf } from '../runs.ts'
import { account, route } from '../suppression/feedback.ts'
import { bounce, complaint, delivery, open, send } from './mail-event.ts'
import { fireSchedule } from './seal.ts'

const name = 'sesame-dev-record-activity'
const sealing = 'sesame-dev-seal-counts'

const unsealedOf = (items: readonly { readonly counts?: { S?: string } }[]) =>
  items.filter(({ counts }) => counts?.S?.startsWith('unsealed#'))

/** What happens to one mail. */
const fate = fc.record({
  recipients: fc.integer({ min: 1, max: 4 }),
  end: fc.constantFrom('delivered', 'bounced', 'complained', 'nothing'),
  opens: fc.integer({ min: 0, max: 3 }),
})
type Fate = typeof fate extends fc.Arbitrary<infer One> ? One : never

function eventsOf({ recipients, end, opens }: Fate, nth: number, at: Date): object[] {
  const to = Array.from({ length: recipients }, (_, index) => `r${index}@example.com`)
  const mail = { nth, at, to }
  const ends = {
    delivered: [delivery(mail)],
    bounced: [bounce('Permanent', 'General', mail)],
    complained: [complaint(mail)],
    nothing: [],
  }
  const opened = Array.from({ length: opens }, (_, second) =>
    open('Unlikely', mail, new Date(at.getTime() + (second + 1) * 1_000).toISOString()),
  )
  return [send(mail), ...ends[end], ...opened]
}

/** By arithmetic on the plan, not by the code under test. */
function truthOf(fates: readonly Fate[]): Record<string, number> {
  const sum = (of: (one: Fate) => number) => fates.reduce((total, one) => total + of(one), 0)
  const truth = {
    Send: sum(({ recipients }) => recipients),
    Delivery: sum(({ end, recipients }) => (end === 'delivered' ? recipients : 0)),
    Bounce: sum(({ end, recipients }) => (end === 'bounced' ? recipients : 0)),
    Complaint: sum(({ end }) => Number(end === 'complained')),
    Open: sum(({ opens }) => opens),
  }
  return Object.fromEntries(Object.entries(truth).filter(([, count]) => count > 0))
}

test('any order, duplication and crash gives sealed counts that are those of the distinct events', async () => {
  const clock = createManualClock(new Date('2026-03-02T12:00:00Z'))
  const aws = await startAws({ account, clock, env: { SESAME_ACTIVITY_DAYS: '3650' } })
  await route(aws, 'sesame-acme', 'acme')
  const dynamodb = new DynamoDBClient(aws.clientConfig(aws.credentials.root(aws.account)))
  const reader = createActivityReader(dynamodb, 'sesame-dev-activity')
  const publish = (event: object) =>
    aws.callAsService(
      'ses.amazonaws.com',
      { sourceAccount: account, sourceArn: `arn:aws:ses:us-east-1:${account}:configuration-set/sesame-acme` },
      'sns',
      'Publish',
      { TopicArn: `arn:aws:sns:us-east-1:${aws.account}:sesame-dev-activity`, Message: JSON.stringify(event) },
    )
  const stored = createStoredCounts(dynamodb, 'sesame-dev-counts')
  const storedOf = async (day: Day) => {
    const [one] = await stored.daysOf('acme', [day])
    if (!one) throw new Error('no day')
    return one
  }
  const byType = (counts: Counts) => {
    const numbers: Record<string, number> = {}
    for (const { type, count } of counts.values()) numbers[type] = (numbers[type] ?? 0) + count
    return numbers
  }
  /** The schedule has fired, and every retry is done. */
  const seal = async () => {
    clock.advance(3_600_000)
    await fireSchedule(aws, sealing)
  }

  let run = 0
  let crashed = 0
  let sealCrashed = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fate, { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(50), { maxLength: 6 }),
      fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 2 }),
      fc.func(fc.integer()),
      fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 2 }),
      async (fates, again, crashes, rank, sealCrashes) => {
        // Each run has a day of its own, so one stack serves all of them.
        const at = new Date(Date.parse('2025-01-01T10:00:00Z') + run++ * dayMs)
        const events = fates.flatMap((one, nth) => eventsOf(one, nth, at))
        const copies = again.map((index) => events[index % events.length] ?? {})
        const shuffled = [...events, ...copies]
          .map((event, index) => ({ event, rank: rank(index) }))
          .sort((one, other) => one.rank - other.rank)
        for (const afterCalls of crashes) aws.lambda.crash(name, afterCalls)
        crashed += crashes.length
        const half = Math.floor(shuffled.length / 2)
        for (const { event } of shuffled.slice(0, half)) await publish(event)
        // The second half is late: it makes a sealed day count again. Crashes cut the batches in another way.
        for (const afterCalls of sealCrashes) aws.lambda.crash(sealing, afterCalls)
        sealCrashed += sealCrashes.length
        await seal()
        for (const { event } of shuffled.slice(half)) await publish(event)
        await aws.settled()
        const truth = truthOf(fates)
        const live = byType((await storedOf(dayOf(at))).counts)
        // Each event was delivered once, again for each copy, and again for each crash: never more often is it counted.
        const deliveries = (copies.length + 1) * (1 + crashes.length)
        for (const [type, count] of Object.entries(truth)) {
          expect(live[type]).toBeGreaterThanOrEqual(count)
          expect(live[type]).toBeLessThanOrEqual(count * deliveries)
        }
        for (let runs = 0; runs <= sealCrashes.length; runs++) await seal()
        const sealed = await storedOf(dayOf(at))
        expect(sealed.isExact).toBe(true)
        expect(byType(sealed.counts)).toEqual(truth)
        expect(byType(sumOf([...sealed.sets.values()]))).toEqual(truth)
        const { counted } = await reader.countDay('acme', dayOf(at))
        expect(verifiedOf(sealed, counted, false)).toMatchObject({ state: 'equal', differences: [] })
        const domains = await stored.domainsOf('acme', [dayOf(at)])
        expect(domains.get('example.com')).toMatchObject({ sent: truth.Send ?? 0, bounces: truth.Bounce ?? 0 })
        expect(unsealedOf(await aws.dynamodb.items('sesame-dev-counts'))).toEqual([])
      },
    ),
    { numRuns: runsOf(40) },
  )
  expect(crashed).toBeGreaterThan(0)
  expect(sealCrashed).toBeGreaterThan(0)
})
