import { expect, test } from 'vitest'
import { days, minutes, type World, worldOf } from './world.ts'

const ann = 'ann@example.com'
const last = (lines: string[]) => lines.at(-1)

async function bounceInEach(world: World, address = ann, ids = world.ids): Promise<void> {
  await Promise.all(ids.map((id) => world.hears(id, address, 'hard')))
  await world.aws.settled()
}
const reached = (world: World, address = ann) => world.ids.filter((id) => address in world.accountList(id))

test('One broken customer of 200 delays nobody, is left alone meanwhile, and catches up when mended', async () => {
  const world = await worldOf(200)
  const broken = 'p077'
  world.removeRole(world.connectionOf(broken))
  await bounceInEach(world)
  expect(reached(world)).toEqual(world.ids.filter((id) => id !== broken))
  expect(world.outcomes(broken)).toEqual(['left to the reconcile: trust: TrustRefusedError'])
  expect(world.deadLetters('propagate-suppression')).toEqual([])

  // For a while nobody knocks there again, whatever happens.
  const knocks = () =>
    world.aws.record.filter(({ operation, resource }) => operation === 'AssumeRole' && resource.includes(broken)).length
  const before = knocks()
  await bounceInEach(world, 'bob@example.com', ['p076', broken, 'p078'])
  expect(knocks()).toBe(before)
  expect(reached(world, 'bob@example.com')).toEqual(['p076', 'p078'])

  world.makeRole(world.connectionOf(broken))
  await world.aws.pass(minutes(15))
  await world.round()
  expect(world.accountList(broken)).toEqual({ [ann]: 'BOUNCE', 'bob@example.com': 'BOUNCE' })
}, 120_000)

test('One throttled customer of 20 delays nobody, and catches up by way of the retry queue', async () => {
  const world = await worldOf(20)
  const slow = 'p007'
  world.ses(slow).throttle.next = Number.POSITIVE_INFINITY
  await bounceInEach(world)
  await bounceInEach(world, 'bob@example.com')
  expect(reached(world)).toHaveLength(19)
  expect(world.outcomes(slow)).toEqual(['parked: throttling: ThrottledError', 'parked: throttling: ThrottledError'])
  expect(world.parked()).toHaveLength(2)
  await world.aws.pass(minutes(1))
  expect(world.parked()).toHaveLength(2)
  world.ses(slow).throttle.next = 0
  await world.aws.pass(minutes(2))
  expect(world.parked()).toEqual([])
  expect(world.accountList(slow)).toEqual({ [ann]: 'BOUNCE', 'bob@example.com': 'BOUNCE' })
})

test('What is throttled for hours leaves the queue to the reconcile, which waits its turn', async () => {
  const world = await worldOf(1)
  world.ses('p000').throttle.next = Number.POSITIVE_INFINITY
  await bounceInEach(world)
  for (let quarter = 0; quarter < 16; quarter++) await world.aws.pass(minutes(15))
  expect(world.parked()).toEqual([])
  expect(last(world.outcomes('p000'))).toBe('left to the reconcile: throttling: ThrottledError')
  world.ses('p000').throttle.next = 0
  await world.round()
  expect(world.accountList('p000')).toEqual({ [ann]: 'BOUNCE' })
})

test('An account that takes one call a second gets everything in the end', async () => {
  const world = await worldOf(1)
  world.ses('p000').throttle.perSecond = 1
  const people = Array.from({ length: 12 }, (_, i) => `person${i}@example.com`)
  for (const address of people) await world.hears('p000', address, 'hard')
  await world.aws.settled()
  for (let second = 0; second < 900 && world.parked().length > 0; second++) await world.aws.pass(5_000)
  expect(Object.keys(world.accountList('p000')).sort()).toEqual(people.sort())
})

test.each([
  [
    'was never connected',
    async (world: World) => void (await world.addProject('p001')),
    'p001',
    'skipped: not connected',
  ],
  [
    'was never proven',
    async (world: World) => {
      const { provenAt: _, ...waiting } = world.connectionOf('p000')
      await world.storeConnection(waiting)
    },
    'p000',
    'skipped: not connected',
  ],
  [
    'is quarantined',
    (world: World) =>
      world.storeConnection(world.connectionOf('p000', { quarantine: { since: world.clock.now(), why: 'loose' } })),
    'p000',
    'left to the reconcile: settings: QuarantinedError',
  ],
  [
    'leaves suppression out',
    (world: World) => world.storeConnection(world.connectionOf('p000', { features: ['reading'] })),
    'p000',
    'skipped: the connection leaves suppression out',
  ],
  [
    'is in the sandbox',
    async (world: World) => {
      world.ses('p000').productionAccess = false
    },
    'p000',
    'left to the reconcile: account: in the sandbox',
  ],
  [
    'no longer lets us write its list',
    async (world: World) => {
      const connection = world.connectionOf('p000')
      world.removeRole(connection)
      world.makeRole({ ...connection, features: ['reading'] })
    },
    'p000',
    'left to the reconcile: permission: PermissionMissingError',
  ],
])(
  'A project that %s is no error: it is counted, and its events are told all the same',
  async (_, arrange, id, outcome) => {
    const world = await worldOf(1)
    await arrange(world)
    await world.hears(id, ann, 'hard')
    await world.aws.settled()
    expect(world.outcomes(id)).toEqual([outcome])
    expect(world.aws.eventbridge.events).toHaveLength(1)
    expect(world.accountList('p000')).toEqual({})
    expect(world.deadLetters('propagate-suppression')).toEqual([])
  },
)

test('Whoever connects later has the whole list at the next round', async () => {
  const world = await worldOf(0)
  await world.addProject('p005')
  await world.hears('p005', ann, 'hard')
  await world.aws.settled()
  await world.storeConnection(world.connectionOf('p005'))
  world.makeRole(world.connectionOf('p005'))
  await world.round()
  expect(world.accountList('p005')).toEqual({ [ann]: 'BOUNCE' })
})

test('A session that is revoked in the midst of a batch is opened anew', async () => {
  const world = await worldOf(1)
  await bounceInEach(world)
  world.removeRole(world.connectionOf('p000'))
  world.makeRole(world.connectionOf('p000'))
  await world.hears('p000', 'bob@example.com', 'hard')
  await world.aws.settled()
  expect(world.accountList('p000')).toEqual({ [ann]: 'BOUNCE', 'bob@example.com': 'BOUNCE' })
})

test('When our own table or bus fails, the record comes again', async () => {
  const world = await worldOf(1)
  world.aws.eventbridge.failEntries(2)
  await bounceInEach(world)
  expect(world.outcomes()).toEqual(['failed', 'failed', 'suppressed there'])
  expect(world.aws.eventbridge.events).toHaveLength(1)
})

test('What cannot be told at all ends among the dead letters, and the shard goes on', async () => {
  const world = await worldOf(2)
  world.aws.eventbridge.failEntries(11)
  await world.hears('p000', ann, 'hard')
  await world.aws.settled()
  await world.hears('p001', ann, 'hard')
  await world.aws.settled()
  expect(world.deadLetters('propagate-suppression')).toHaveLength(1)
  expect(world.accountList('p000')).toEqual({})
  expect(world.accountList('p001')).toEqual({ [ann]: 'BOUNCE' })
  // The week's reconcile finds it.
  await world.aws.pass(days(7))
  await world.round()
  expect(world.accountList('p000')).toEqual({ [ann]: 'BOUNCE' })
})
