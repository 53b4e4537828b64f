import { expect, test } from 'vitest'
import { days, minutes, worldOf } from './world.ts'

const ann = 'ann@example.com'

test('A hard bounce, a complaint and an entry by hand stand on the account list with the reason that SES knows', async () => {
  const world = await worldOf()
  await world.hears('p000', 'hard@example.com', 'hard')
  await world.hears('p000', 'complaint@example.com', 'complaint')
  await world.hears('p000', 'uncertain@example.com', 'uncertain')
  await world.suppresses('p000', 'hand@example.com')
  await world.aws.settled()
  expect(world.accountList('p000')).toEqual({
    'hard@example.com': 'BOUNCE',
    'complaint@example.com': 'COMPLAINT',
    'uncertain@example.com': 'COMPLAINT',
    'hand@example.com': 'BOUNCE',
  })
  expect(world.calls()).toEqual({ 'ses:PutSuppressedDestination': 4 })
  expect(world.sessions() - startedFunctions(world)).toBe(1)
  expect(new Set(world.outcomes())).toEqual(new Set(['suppressed there']))
})

test('A complaint after a bounce gives the entry the weightier reason', async () => {
  const world = await worldOf()
  await world.hears('p000', ann, 'hard')
  await world.aws.settled()
  await world.hears('p000', ann, 'complaint')
  await world.aws.settled()
  expect(world.accountList('p000')).toEqual({ [ann]: 'COMPLAINT' })
})

test('Soft bounces concern no account list until they suppress, and a clear address costs no call there', async () => {
  const world = await worldOf()
  for (const day of [0, 1]) {
    await world.hears('p000', ann, 'soft', new Date(world.clock.now().getTime() + days(day)))
    await world.aws.settled()
  }
  expect(world.calls()).toEqual({})
  await world.hears('p000', ann, 'soft', new Date(world.clock.now().getTime() + days(2)))
  await world.aws.settled()
  expect(world.accountList('p000')).toEqual({ [ann]: 'BOUNCE' })
  expect(world.outcomes()).toEqual(['nothing to carry', 'nothing to carry', 'suppressed there'])
})

test('A suppression that ends by time is taken off the account list by the next round after its end', async () => {
  const world = await worldOf()
  for (const day of [0, 1, 2]) await world.hears('p000', ann, 'soft', new Date(world.clock.now().getTime() - days(day)))
  await world.aws.settled()
  await world.round()
  await world.aws.pass(days(29))
  await world.round()
  expect(world.accountList('p000')).toEqual({ [ann]: 'BOUNCE' })
  await world.aws.pass(days(1))
  await world.round()
  expect(world.accountList('p000')).toEqual({})
  expect(world.said('reconcile-suppressions').map(({ outcome }) => outcome)).toContain('lifted there')
})

test('An end that was put off is not carried out', async () => {
  const world = await worldOf()
  for (const day of [0, 1, 2]) await world.hears('p000', ann, 'soft', new Date(world.clock.now().getTime() - days(day)))
  await world.aws.settled()
  await world.aws.pass(days(20))
  await world.hears('p000', ann, 'hard')
  await world.aws.settled()
  await world.aws.pass(days(11))
  await world.round()
  expect(world.accountList('p000')).toEqual({ [ann]: 'BOUNCE' })
})

test('A reinstated address leaves the account list in every spelling that came there with its bounces', async () => {
  const world = await worldOf()
  await world.hears('p000', ann, 'hard')
  await world.aws.settled()
  const { accountList } = world.ses('p000')
  // SES itself put the address there as it was written to.
  accountList.set('Ann@Example.com', { address: 'Ann@Example.com', reason: 'BOUNCE', at: world.clock.now() })
  accountList.set('bob@example.com', { address: 'bob@example.com', reason: 'BOUNCE', at: world.clock.now() })
  await world.aws.pass(days(3))
  await world.reinstates('p000', ann)
  await world.aws.settled()
  expect(world.accountList('p000')).toEqual({ 'bob@example.com': 'BOUNCE' })
})

test('A not-spam report takes back a complaint, there as well', async () => {
  const world = await worldOf()
  await world.hears('p000', ann, 'complaint')
  await world.aws.settled()
  world.clock.advance(minutes(5))
  await world.hears('p000', ann, 'not-spam')
  await world.aws.settled()
  expect(world.accountList('p000')).toEqual({})
})

test('The same bounce once more changes nothing and calls nobody', async () => {
  const world = await worldOf()
  const bounce = world.piece('hard')
  await world.hearsOf('p000', ann, bounce)
  await world.aws.settled()
  const before = world.aws.record.filter(({ service }) => service === 'ses' || service === 'sts').length
  await world.hearsOf('p000', ann, bounce)
  await world.aws.settled()
  expect(world.aws.record.filter(({ service }) => service === 'ses' || service === 'sts')).toHaveLength(before)
})

test('No line of the log holds an address or an external id', async () => {
  const world = await worldOf()
  await world.hears('p000', ann, 'hard')
  await world.reinstates('p000', ann)
  await world.aws.settled()
  const lines = JSON.stringify(world.said())
  expect(lines).not.toContain('ann')
  expect(lines).not.toContain(world.connectionOf('p000').externalId)
  expect(world.said()[0]).toEqual({
    outcome: expect.any(String),
    project: 'p000',
    address: expect.stringMatching(/^[0-9a-f]{8}$/),
  })
})

test('The session may put and nothing else: its policy names the one operation', async () => {
  const world = await worldOf()
  await world.hears('p000', ann, 'hard')
  await world.aws.settled()
  const put = world.aws.record.find(({ action }) => action === 'ses:PutSuppressedDestination')
  expect(put).toMatchObject({ account: world.accountOf('p000'), verdict: 'allowed', role: 'sesame-p000' })
})

/** Sessions that Lambda opened to start functions. */
const startedFunctions = (world: Awaited<ReturnType<typeof worldOf>>) =>
  world.aws.record.filter(({ operation, role }) => operation === 'AssumeRole' && role === 'lambda.amazonaws.com').length
