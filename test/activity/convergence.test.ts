/**
 * Any order, duplication and crash of record-activity leads to the counts of the distinct events.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { type Day, dayOf } from '../../src/activity/bucket.ts'
import { createActivityReader } from '../../src/activity/read.ts'
import { dayMs } from '../../src/time.ts'
import { runsOf } from '../runs.ts'
import { account, route } from '../suppression/feedback.ts'
import { bounce, complaint, delivery, open, send } from './mail-event.ts'

const name = 'sesame-dev-record-activity'

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

test('any order, duplication and crash of record-activity gives the counts of the distinct events', async () => {
  const clock = createManualClock(new Date('2026-03-02T12:00:00Z'))
  const aws = await startAws({ account, clock })
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
  const countsOf = async (day: Day): Promise<Record<string, number>> => {
    const { byDay } = await reader.countsOf('acme', [day])
    const counts = [...(byDay.get(day)?.values() ?? [])]
    return Object.fromEntries(counts.map(({ type, count }) => [type, count]))
  }

  let run = 0
  let crashed = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fate, { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(50), { maxLength: 6 }),
      fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 2 }),
      fc.func(fc.integer()),
      async (fates, again, crashes, rank) => {
        // Each run has a day of its own, so one stack serves all of them.
        const at = new Date(Date.parse('2025-01-01T10:00:00Z') + run++ * dayMs)
        const events = fates.flatMap((one, nth) => eventsOf(one, nth, at))
        const copies = again.map((index) => events[index % events.length] ?? {})
        const shuffled = [...events, ...copies]
          .map((event, index) => ({ event, rank: rank(index) }))
          .sort((one, other) => one.rank - other.rank)
        for (const afterCalls of crashes) aws.lambda.crash(name, afterCalls)
        crashed += crashes.length
        for (const { event } of shuffled) await publish(event)
        await aws.settled()
        expect(await countsOf(dayOf(at))).toEqual(truthOf(fates))
      },
    ),
    { numRuns: runsOf(40) },
  )
  expect(crashed).toBeGreaterThan(0)
})
