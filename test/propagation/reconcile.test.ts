import { expect, test } from 'vitest'
import { registerReconcile } from '../../src/cli/reconcile.ts'
import { run } from '../cli/operator.ts'
import { days, minutes, type World, worldOf } from './world.ts'

const there = (world: World, address: string, reason: 'BOUNCE' | 'COMPLAINT' = 'BOUNCE', at = world.clock.now()) =>
  world.ses('p000').accountList.set(address, { address, reason, at })

const reconcile = (world: World, ...more: string[]) => run(world.aws, registerReconcile, 'reconcile', 'p000', ...more)

/** Both lists out of step in every way that there is. */
async function outOfStep(): Promise<World> {
  const world = await worldOf(1, { undriven: ['propagate-suppression'] })
  const now = world.clock.now().getTime()
  await world.hears('p000', 'missing@example.com', 'hard')
  await world.hears('p000', 'weightier@example.com', 'complaint')
  there(world, 'weightier@example.com', 'BOUNCE')
  await world.hears('p000', 'other@example.com', 'hard')
  there(world, 'other@example.com', 'COMPLAINT')
  there(world, 'Unknown@Example.com', 'COMPLAINT', new Date(now - days(400)))
  await world.hears('p000', 'back@example.com', 'hard', new Date(now - days(9)))
  there(world, 'Back@example.com', 'BOUNCE', new Date(now - days(9)))
  there(world, 'back@example.com', 'BOUNCE', new Date(now - days(9)))
  await world.reinstates('p000', 'back@example.com')
  await world.reinstates('p000', 'again@example.com', new Date(now - days(5)))
  there(world, 'again@example.com', 'BOUNCE', new Date(now - days(2)))
  for (const ago of [60, 61, 62]) await world.hears('p000', 'ended@example.com', 'soft', new Date(now - days(ago)))
  there(world, 'ended@example.com', 'BOUNCE', new Date(now - days(59)))
  await world.hears('p000', 'fine@example.com', 'hard')
  there(world, 'fine@example.com')
  return world
}

const counts = {
  there: 8,
  here: 8,
  'in step': 1,
  suppressed: 1,
  corrected: 1,
  lifted: 3,
  adopted: 2,
  conflicts: 1,
  'not addresses': 0,
}

const numbersIn = (printed: string) =>
  Object.fromEntries([...printed.matchAll(/^ {2}(\D+?) +(\d+)$/gm)].map(([, what, count]) => [what, Number(count)]))

test('Each list gets what it lacks, by reason and time', async () => {
  const world = await outOfStep()
  const { printed, ok } = await reconcile(world)
  expect(ok).toBe(true)
  expect(numbersIn(printed)).toEqual(counts)
  expect(world.accountList('p000')).toEqual({
    'missing@example.com': 'BOUNCE',
    'weightier@example.com': 'COMPLAINT',
    'other@example.com': 'COMPLAINT',
    'Unknown@Example.com': 'COMPLAINT',
    'again@example.com': 'BOUNCE',
    'fine@example.com': 'BOUNCE',
  })
  const unknown = await world.suppressions.itemsOf('p000', 'unknown@example.com')
  expect(unknown).toMatchObject([
    { manual: `${new Date(world.clock.now().getTime() - days(400)).toISOString()} account-list COMPLAINT` },
  ])
  expect(printed).toContain('other@example.com  left as it is (a complaint there, none here)')
})

test('A second time there is nothing to do but the conflict, which is reported again', async () => {
  const world = await outOfStep()
  await reconcile(world)
  const before = world.accountList('p000')
  const { printed } = await reconcile(world)
  expect(numbersIn(printed)).toMatchObject({ suppressed: 0, corrected: 0, lifted: 0, adopted: 0, conflicts: 1 })
  expect(world.accountList('p000')).toEqual(before)
})

test('A dry run says the same and changes nothing', async () => {
  const world = await outOfStep()
  const before = { there: world.accountList('p000'), here: await world.aws.dynamodb.items('sesame-dev-suppressions') }
  const { printed, ok } = await reconcile(world, '--dry-run')
  expect(ok).toBe(true)
  expect(numbersIn(printed)).toMatchObject({ lifted: 3, corrected: 1, adopted: 2, suppressed: 1, conflicts: 1 })
  expect(world.accountList('p000')).toEqual(before.there)
  expect(await world.aws.dynamodb.items('sesame-dev-suppressions')).toEqual(before.here)
})

test('An entry that was taken over from the account list is not put there once more', async () => {
  const world = await worldOf(1)
  there(world, 'Unknown@Example.com', 'COMPLAINT')
  await reconcile(world)
  await world.aws.settled()
  expect(world.calls()['ses:PutSuppressedDestination']).toBeUndefined()
  expect(world.accountList('p000')).toEqual({ 'Unknown@Example.com': 'COMPLAINT' })
  expect(world.aws.eventbridge.events).toMatchObject([
    { 'detail-type': 'Address Suppressed', detail: { reason: 'manual' } },
  ])
})

test('It goes on where it stopped when its function dies, from page to page and from address to address', async () => {
  // A clock that stands still lets nobody wait for the rate.
  const fast = { SESAME_SES_CALLS_PER_SECOND: '100000' }
  const world = await worldOf(1, { undriven: ['propagate-suppression'], env: fast })
  for (let i = 0; i < 30; i++) there(world, `there${i}@example.com`)
  for (let i = 0; i < 30; i++) await world.hears('p000', `here${i}@example.com`, 'hard')
  for (const after of [6, 20, 45, 80, 120]) {
    world.aws.lambda.crash('sesame-dev-reconcile-suppressions', after)
    await reconcile(world).catch(() => undefined)
    // The lease of the one that died must end first.
    await world.aws.pass(minutes(5))
  }
  const { ok } = await reconcile(world)
  expect(ok).toBe(true)
  expect(Object.keys(world.accountList('p000'))).toHaveLength(60)
  expect(await world.suppressions.itemsOf('p000', 'there7@example.com')).toHaveLength(1)
})

test('Only one reconcile of an account is under way', async () => {
  const world = await worldOf(1)
  world.aws.lambda.crash('sesame-dev-reconcile-suppressions', 8)
  await reconcile(world).catch(() => undefined)
  await world.round()
  expect(world.said('reconcile-suppressions').at(-1)?.outcome).toMatch(/: busy$/)
})

test('A project without a way in is refused with the reason', async () => {
  const world = await worldOf(1)
  world.removeRole(world.connectionOf('p000'))
  await expect(reconcile(world)).rejects.toMatchObject({ name: 'RefusedError', error: 'TrustRefusedError' })
  await world.addProject('p001')
  await expect(run(world.aws, registerReconcile, 'reconcile', 'p001')).rejects.toThrow('Project p001 is not connected')
  await expect(run(world.aws, registerReconcile, 'reconcile', 'p404')).rejects.toThrow('p404 does not exist')
})

test('By the clock each project has its turn once a week, and at once when its rules change', async () => {
  const world = await worldOf(1, { undriven: ['propagate-suppression'] })
  const turns = async () => {
    const before = world.said('reconcile-suppressions').length
    await world.round()
    return world
      .said('reconcile-suppressions')
      .slice(before)
      .map(({ outcome = '' }) => outcome.split(':')[0])
  }
  expect(await turns()).toEqual(['newly connected'])
  expect(await turns()).toEqual([])
  await world.aws.pass(days(5))
  expect(await turns()).toEqual([])
  await world.aws.pass(days(2))
  expect(await turns()).toEqual(['a week'])
  await world.addProject('p000', { rules: { hardBounce: 'ignore' } })
  expect(await turns()).toEqual(['other rules'])
  await world.storeConnection(world.connectionOf('p000', { revision: 'r2' }))
  expect(await turns()).toEqual(['newly connected'])
})

test('Rules that no longer suppress an address lift it there', async () => {
  const world = await worldOf(1)
  await world.hears('p000', 'ann@example.com', 'hard')
  await world.aws.settled()
  await world.addProject('p000', { rules: { hardBounce: 'ignore' } })
  await world.round()
  expect(world.accountList('p000')).toEqual({})
})
