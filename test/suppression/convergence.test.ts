import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createListReader } from '../../src/suppression/read-list.ts'
import { defaultRules } from '../../src/suppression/rules.ts'
import { runsOf } from '../runs.ts'
import { type Feedback, invoke, route, sesEvent, snsRecord, table } from './feedback.ts'

let aws: Aws
let runs = 0
beforeAll(async () => {
  aws = await startAws({ withoutTriggers: ['propagate-suppression'] })
})

const addresses = [
  'a@example.com',
  'b@example.com',
  'a@example.com.au',
  '"a soft 2026-03-02"@example.com',
  'x@example.co',
]
const anyFeedback = fc.record({
  kind: fc.constantFrom<Feedback['kind']>('hard', 'rejected', 'blocked', 'soft', 'complaint', 'not-spam'),
  addresses: fc.uniqueArray(fc.constantFrom(...addresses), { minLength: 1, maxLength: 3 }),
  at: fc.integer({ min: 0, max: 24 * 20 }).map((hour) => new Date(Date.UTC(2026, 2, 1, hour))),
})
const anyHistory = fc
  .array(anyFeedback, { minLength: 1, maxLength: 10 })
  .map((all) => all.map((one, i): Feedback => ({ ...one, feedbackId: `0100feedback-${i}` })))

/** Ways for the same events to arrive: order, copies, batches and failures. */
const anyDelivery = (history: readonly Feedback[]) =>
  fc.record({
    order: fc
      .shuffledSubarray([...history, ...history], { minLength: history.length })
      .map((some) => [...some, ...history.filter((one) => !some.includes(one))]),
    batch: fc.integer({ min: 1, max: 4 }),
    failures: fc.array(
      fc.record({
        batch: fc.nat({ max: 19 }),
        how: fc.constantFrom('before a write', 'after a write', 'sandbox dies'),
        calls: fc.integer({ min: 0, max: 5 }),
      }),
      { maxLength: 4 },
    ),
  })

type Delivery = typeof anyDelivery extends (history: never) => fc.Arbitrary<infer D> ? D : never

/** Delivers to a new project, each failed batch again until it succeeds. Returns the project. */
async function deliver({ order, batch, failures }: Delivery): Promise<string> {
  aws.dynamodb.failWrites(0, 'before')
  const project = `run-${runs++}`
  await route(aws, project, project)
  const records = order.map((feedback) => sesEvent(feedback, project))
  for (let i = 0; i * batch < records.length; i++) {
    const events = records.slice(i * batch, (i + 1) * batch)
    for (const { how, calls } of failures.filter((failure) => failure.batch === i)) {
      if (how === 'sandbox dies') aws.lambda.crash('sesame-dev-record-bounce', calls)
      else aws.dynamodb.failWrites(1, how === 'before a write' ? 'before' : 'after', table)
    }
    await invokeUntilAccepted(events)
  }
  return project
}

/** As Lambda and SNS do: delivers the events again until the invocation succeeds. */
async function invokeUntilAccepted(events: readonly object[]): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt++) if (await invoke(aws, events.map(snsRecord))) return
  throw new Error('the invocation never succeeded')
}

async function itemsOf(project: string): Promise<string> {
  const items = (await aws.dynamodb.items(table)).filter((item) => item.project?.S === project)
  return JSON.stringify(items).replaceAll(`"${project}"`, '"project"')
}

async function verdictsOf(project: string): Promise<unknown> {
  const dynamodb = new DynamoDBClient(aws.clientConfig(aws.credentials.root(aws.account)))
  return Array.fromAsync(createListReader(dynamodb, table).all(project, defaultRules, new Date('2026-03-21T00:00:00Z')))
}

describe('the suppression list', () => {
  test('the same events give the same suppression list in any order, with any copies, batches and crashes', async () => {
    const histories = anyHistory.chain((history) => fc.tuple(fc.constant(history), anyDelivery(history)))
    await fc.assert(
      fc.asyncProperty(histories, async ([history, delivery]) => {
        const plain = await deliver({ order: [...history], batch: 1, failures: [] })
        const rough = await deliver(delivery)
        expect(await itemsOf(rough)).toBe(await itemsOf(plain))
        expect(await verdictsOf(rough)).toEqual(await verdictsOf(plain))
      }),
      { seed: 20260301, numRuns: runsOf(120) },
    )
  }, 120_000)

  test('every order of a few events gives the same suppression list', async () => {
    const at = (day: number) => new Date(Date.UTC(2026, 2, day, 8))
    const history: Feedback[] = [
      { kind: 'hard', addresses: ['a@example.com', 'b@example.com'], at: at(2), feedbackId: 'f1' },
      { kind: 'hard', addresses: ['a@example.com'], at: at(3), feedbackId: 'f2' },
      { kind: 'hard', addresses: ['a@example.com'], at: at(1), feedbackId: 'f3' },
      { kind: 'soft', addresses: ['b@example.com'], at: at(2), feedbackId: 'f4' },
      { kind: 'soft', addresses: ['b@example.com'], at: new Date(at(2).getTime() + 1), feedbackId: 'f5' },
    ]
    const tables = new Set<string>()
    for (const order of permutations(history))
      tables.add(await itemsOf(await deliver({ order, batch: 2, failures: [] })))
    expect(tables.size).toBe(1)
  }, 60_000)

  test('a duplicate does not change the suppression list and emits no stream record', async () => {
    const history = await Promise.all(fc.sample(anyHistory, { seed: 7, numRuns: 20 }))
    let records = 0
    aws.dynamodb.onRecord(() => records++)
    for (const feedback of history.map((events) => events.slice(0, 2))) {
      const project = `run-${runs++}`
      await route(aws, project, project)
      const events = feedback.map((one) => sesEvent(one, project))
      await invoke(aws, events.map(snsRecord))
      const before = records
      expect(before).toBeGreaterThan(0)
      await invoke(aws, events.map(snsRecord))
      await invoke(aws, events.toReversed().map(snsRecord))
      expect(records).toBe(before)
    }
  })

  test('recorded feedback costs one write unit per address, and no read once the routes are cached', async () => {
    const project = `run-${runs++}`
    await route(aws, project, project)
    const ten = Array.from({ length: 10 }, (_, i) => `${'long-'.repeat(8)}${i}@example.com`)
    for (const kind of ['hard', 'rejected', 'blocked', 'complaint', 'not-spam', 'soft'] as const) {
      for (const feedbackId of [
        '0100019a5f3c7e21-5f6a7b8c-9d0e-4f1a-8b2c-3d4e5f6a7b8c-000000',
        '0100019a5f3c7e21-5f6a7b8c-9d0e-4f1a-8b2c-3d4e5f6a7b8c-000001',
      ]) {
        const feedback: Feedback = { kind, addresses: ten, at: new Date('2026-03-05T08:00:00Z'), feedbackId }
        await invoke(aws, [snsRecord(sesEvent(feedback, project))])
        aws.dynamodb.resetMeter()
        await invoke(aws, [snsRecord(sesEvent(feedback, project))])
        // A rule may count the days of rejected addresses, so these are kept by day too.
        const writes = kind === 'rejected' ? 20 : 10
        expect({ kind, ...aws.dynamodb.meter(table) }).toMatchObject({ kind, reads: 0, writes, writeUnits: writes })
        expect(aws.dynamodb.meter('sesame-dev-projects')).toMatchObject({ reads: 0, writes: 0 })
      }
    }
  })

  test('an item stays under 1 KB however much is known about the address', async () => {
    const project = `run-${runs++}`
    await route(aws, project, project)
    const kinds = ['hard', 'rejected', 'blocked', 'complaint', 'not-spam', 'soft'] as const
    const everything = kinds.flatMap((kind) =>
      Array.from(
        { length: 21 },
        (_, i): Feedback => ({
          kind,
          addresses:
            kind === 'complaint' && i % 2 === 0
              ? ['someone.with.a.name@mail.example.com', 'b@example.com']
              : ['someone.with.a.name@mail.example.com'],
          at: new Date(Date.UTC(2026, 2, 2 + (i % 7), i)),
          feedbackId: `0100019a5f3c7e21-5f6a7b8c-9d0e-4f1a-8b2c-3d4e5f6a7b${String(i).padStart(2, '0')}-000000`,
        }),
      ),
    )
    for (const feedback of everything) await invoke(aws, [snsRecord(sesEvent(feedback, project))])
    const items = (await aws.dynamodb.items(table)).filter((item) => item.project?.S === project)
    expect(items.length).toBeGreaterThan(2)
    for (const item of items) expect(bytesOf(item)).toBeLessThan(1024)
  })
})

/** As DynamoDB counts: names and values in UTF-8, a set as the sum of its elements. */
const bytesOf = (item: Record<string, { S?: string; SS?: string[]; N?: string }>): number =>
  Object.entries(item).reduce(
    (sum, [name, { S = '', SS = [], N }]) => sum + Buffer.byteLength([name, S, ...SS].join('')) + (N ? 21 : 0),
    0,
  )

function permutations<T>(all: readonly T[]): T[][] {
  return all.length < 2
    ? [[...all]]
    : all.flatMap((one, i) => permutations(all.toSpliced(i, 1)).map((rest) => [one, ...rest]))
}
