/**
 * Whatever happens, in whatever order, with whatever copies and crashes: in the end the account list is what the verdicts say.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wantedEntry } from '../../src/propagation/account-entry.ts'
import { judge } from '../../src/suppression/judge.ts'
import { recordOf } from '../../src/suppression/read-list.ts'
import { defaultRules } from '../../src/suppression/rules.ts'
import { days, minutes, type World, worldOf } from './world.ts'

const addresses = ['ann@example.com', 'bob@example.com', 'ann@example.com.au']

const happening = fc.oneof(
  fc.record({
    do: fc.constant('hear' as const),
    address: fc.constantFrom(...addresses),
    kind: fc.constantFrom('hard', 'soft', 'soft', 'soft', 'complaint', 'uncertain', 'not-spam', 'rejected'),
    daysAgo: fc.integer({ min: 0, max: 12 }),
  }),
  fc.record({ do: fc.constantFrom('suppress' as const, 'reinstate' as const), address: fc.constantFrom(...addresses) }),
  fc.record({ do: fc.constant('throttle' as const), calls: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('crash' as const), after: fc.integer({ min: 0, max: 9 }) }),
  fc.record({ do: fc.constant('pass' as const), minutes: fc.integer({ min: 1, max: 300 }) }),
  fc.record({ do: fc.constant('settle' as const) }),
)
type Happening = typeof happening extends fc.Arbitrary<infer One> ? One : never

async function live(world: World, what: Happening): Promise<void> {
  switch (what.do) {
    case 'hear':
      return world.hears('p000', what.address, what.kind, new Date(world.clock.now().getTime() - days(what.daysAgo)))
    case 'suppress':
      return void (await world.suppresses('p000', what.address))
    case 'reinstate':
      return void (await world.reinstates('p000', what.address))
    case 'throttle':
      world.ses('p000').throttle.next = what.calls
      return
    case 'crash':
      return world.aws.lambda.crash('sesame-dev-propagate-suppression', what.after)
    case 'pass':
      return world.aws.pass(minutes(what.minutes))
    case 'settle':
      return world.aws.settled()
  }
}

/** From here on no reconcile is due for some days, but for what was left to it. */
async function reconciled(): Promise<World> {
  const world = await worldOf(1)
  await world.round()
  return world
}

async function wanted(world: World): Promise<Record<string, string>> {
  const list: Record<string, string> = {}
  for (const address of addresses) {
    const record = recordOf(await world.suppressions.itemsOf('p000', address))
    const entry = wantedEntry(judge(record, defaultRules, world.clock.now()), record)
    if (entry) list[address] = entry
  }
  return list
}

test('the account list becomes what the verdicts say', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 25 }), async (happenings) => {
      const world = await reconciled()
      for (const one of happenings) await live(world, one)
      world.ses('p000').throttle.next = 0
      await world.aws.settled()
      for (let quarter = 0; quarter < 12 && world.parked().length > 0; quarter++) await world.aws.pass(minutes(15))
      await world.round()
      expect(world.accountList('p000')).toEqual(await wanted(world))
      expect(world.deadLetters('propagate-suppression')).toEqual([])
    }),
    { seed: 1, numRuns: 40 },
  )
}, 120_000)

test('a stream that is worked off again from any point changes nothing in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 12 }), fc.nat(), async (happenings, from) => {
      const world = await reconciled()
      for (const one of happenings) await live(world, one)
      world.ses('p000').throttle.next = 0
      await world.aws.settled()
      for (let quarter = 0; quarter < 12 && world.parked().length > 0; quarter++) await world.aws.pass(minutes(15))
      await world.round()
      const events = world.aws.lambda.attempts.map(({ event }) => event)
      const fn = world.aws.lambda.functions.get('sesame-dev-propagate-suppression')
      for (const event of events.slice(from % Math.max(1, events.length)).reverse())
        if (fn && isBatch(event)) await world.aws.lambda.runner.run(fn, event, 'again')
      await world.aws.settled()
      for (let quarter = 0; quarter < 12 && world.parked().length > 0; quarter++) await world.aws.pass(minutes(15))
      await world.round()
      expect(world.accountList('p000')).toEqual(await wanted(world))
    }),
    { seed: 2, numRuns: 20 },
  )
}, 120_000)

const isBatch = (event: unknown): boolean => typeof event === 'object' && event !== null && 'Records' in event
