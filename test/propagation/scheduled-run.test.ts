import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { type ConnectedStack, days, minutes, projectsTable, startConnectedStack } from '../../bench/connected-stack.ts'
import { dueItemOf, newDueEntry } from '../../src/projects/due-work.ts'
import { createExpiries } from '../../src/propagation/expiry.ts'
import { createOutOfSync } from '../../src/propagation/out-of-sync.ts'

const ann = 'ann@example.com'
const name = 'reconcile-suppressions'
const outcomes = (stack: ConnectedStack) =>
  stack.logLines(name).flatMap(({ project, outcome }) => (outcome ? [`${project} ${outcome}`] : []))
const put = (stack: ConnectedStack, Item: Record<string, { S: string }>) =>
  stack.dynamodb.send(new PutItemCommand({ TableName: projectsTable, Item }))
const keysUnder = async (stack: ConnectedStack, prefix: string) =>
  (await stack.aws.dynamodb.items(projectsTable)).flatMap(({ id, facet }) =>
    String(id?.S).startsWith(prefix) ? [String(facet?.S)] : [],
  )
/** Runs the schedule until the next day, so that nothing is due because the stack is new. */
async function settleDown(stack: ConnectedStack) {
  await stack.runSchedule()
  await stack.runSchedule()
}

type BrokenItem = { readonly id?: string; readonly facet: string; readonly attribute?: string; readonly text: string }

test.each<[string, BrokenItem]>([
  ['whose settings are no JSON', { facet: 'settings', text: '{"id":"p001"' }],
  ['whose state is no JSON', { id: 'propagation#state', facet: 'p001', attribute: 'finished', text: '{' }],
  ['whose connection has no account', { facet: 'connection', attribute: 'region', text: 'us-east-1' }],
])('a project %s fails alone, and is due again later', async (_, broken) => {
  const stack = await startConnectedStack(3, { withoutTriggers: ['propagate-suppression'] })
  for (const id of stack.ids) await stack.receive(id, ann, 'hard')
  const { id = 'p001', facet, attribute = 'settings', text } = broken
  await put(stack, { id: { S: id }, facet: { S: facet }, [attribute]: { S: text } })
  await stack.runSchedule()
  expect(stack.ids.filter((project) => ann in stack.accountList(project))).toEqual(['p000', 'p002'])
  expect(outcomes(stack).filter((line) => line.startsWith('p001'))).toEqual([
    expect.stringMatching(/^p001 failed: (SyntaxError|ValiError)$/),
  ])
  // The run fails after it, so that the alarm is raised; the retries of Lambda do not try the project again.
  expect(stack.deadLetters(name)).toEqual([])
  await stack.aws.advance(minutes(30))
  await stack.runSchedule()
  expect(outcomes(stack).filter((line) => line.startsWith('p001')).length).toBeGreaterThan(1)
})

test('a field that a newer version has written stops no project', async () => {
  const stack = await startConnectedStack(2, { withoutTriggers: ['propagate-suppression'] })
  for (const id of stack.ids) await stack.receive(id, ann, 'hard')
  const settings = { id: 'p001', account: stack.accountOf('p001'), quota: 7 }
  await put(stack, { id: { S: 'p001' }, facet: { S: 'settings' }, settings: { S: JSON.stringify(settings) } })
  await stack.runSchedule()
  expect(stack.ids.filter((project) => ann in stack.accountList(project))).toEqual(stack.ids)
})

test('a reconcile whose progress a newer version stored starts again', async () => {
  const stack = await startConnectedStack(1, { withoutTriggers: ['propagate-suppression'] })
  await stack.receive('p000', ann, 'hard')
  const run = { id: 'r', startedAt: stack.clock.now().toISOString(), phase: 'sorting', pages: 1, counts: {} }
  await put(stack, { id: { S: 'propagation#state' }, facet: { S: 'p000' }, run: { S: JSON.stringify(run) } })
  await stack.runSchedule()
  expect(stack.accountList('p000')).toEqual({ [ann]: 'BOUNCE' })
})

test('a project without an entry in the index, as version 0.2 leaves it, is found by the pass over all projects', async () => {
  const stack = await startConnectedStack(2, { withoutTriggers: ['propagate-suppression'] })
  for (const item of await stack.aws.dynamodb.items(projectsTable)) {
    const [id, facet] = [String(item.id?.S), String(item.facet?.S)]
    if (!id.startsWith('propagation#due')) continue
    const Key = { id: { S: id }, facet: { S: facet } }
    await stack.dynamodb.send(new DeleteItemCommand({ TableName: projectsTable, Key }))
  }
  await stack.receive('p001', ann, 'hard')
  await stack.runSchedule()
  expect(stack.accountList('p001')).toEqual({ [ann]: 'BOUNCE' })
  expect((await keysUnder(stack, 'propagation#due')).map((facet) => facet.split(' ')[1]).sort()).toEqual(stack.ids)
})

test('an expiry that version 0.2 stored is applied', async () => {
  const stack = await startConnectedStack(1)
  await settleDown(stack)
  stack.sesAccount('p000').accountList.set(ann, { address: ann, reason: 'BOUNCE', at: stack.clock.now() })
  const at = new Date(stack.clock.now().getTime() - minutes(1))
  await stack.receive('p000', ann, 'soft', new Date(stack.clock.now().getTime() - days(40)))
  await stack.aws.settled()
  const day = at.toISOString().slice(0, 10)
  await put(stack, { id: { S: `propagation#ends#${day}` }, facet: { S: `${at.toISOString()} p000 ${ann}` } })
  await put(stack, { id: { S: `propagation#ends#${day}` }, facet: { S: 'no expiry at all' } })
  await stack.runSchedule()
  await stack.aws.advance(minutes(15))
  await stack.runSchedule()
  expect(await keysUnder(stack, 'propagation#ends')).toEqual(['no expiry at all'])
  expect(await keysUnder(stack, 'propagation#expiries')).toEqual([])
  expect(
    outcomes(stack)
      .filter((line) => line.startsWith('p000 '))
      .at(-1),
  ).toMatch(/lifted there|was not there/)
})

test('a project with many expiries at once is reconciled as a whole, and another with one is served in the same run', async () => {
  const stack = await startConnectedStack(2, { env: { SESAME_SES_CALLS_PER_SECOND: '100000' } })
  await settleDown(stack)
  const expiries = createExpiries(stack.dynamodb, projectsTable)
  const at = new Date(stack.clock.now().getTime() + minutes(5))
  for (let i = 0; i < 150; i++) {
    await expiries.store('p000', `a${i}@example.com`, at)
    stack.sesAccount('p000').accountList.set(`a${i}@example.com`, {
      address: `a${i}@example.com`,
      reason: 'BOUNCE',
      at: new Date(stack.clock.now().getTime() - days(1)),
    })
    await stack.reinstate('p000', `a${i}@example.com`)
  }
  await expiries.store('p001', ann, at)
  await stack.aws.settled()
  await stack.aws.advance(minutes(15))
  await stack.runSchedule()
  expect(outcomes(stack)).toContain('p000 left to the reconcile: many expired at once, 150 expired')
  expect(outcomes(stack).some((line) => line.startsWith('p000 behind: finished'))).toBe(true)
  expect(outcomes(stack)).toContain('p001 was not there')
  expect(stack.accountList('p000')).toEqual({})
  expect(await keysUnder(stack, 'propagation#expiries')).toEqual([])
}, 60_000)

test('an account that is gone is called once in a run, however many of its suppressions have expired', async () => {
  const stack = await startConnectedStack(2)
  await settleDown(stack)
  const expiries = createExpiries(stack.dynamodb, projectsTable)
  const at = new Date(stack.clock.now().getTime() + minutes(5))
  for (let i = 0; i < 20; i++) await expiries.store('p000', `a${i}@example.com`, at)
  await expiries.store('p001', ann, at)
  stack.deleteRole(stack.connectionOf('p000'))
  await stack.aws.advance(minutes(60))
  const attempts = () =>
    stack.aws.record.filter(({ operation, resource }) => operation === 'AssumeRole' && resource.includes('p000')).length
  const before = attempts()
  await stack.runSchedule()
  expect(attempts() - before).toBe(1)
  expect(outcomes(stack)).toContain('p001 was not there')
  expect(await keysUnder(stack, 'propagation#expiries')).toEqual([])
  // The repaired account catches up by its reconcile.
  stack.createRole(stack.connectionOf('p000'))
  await stack.aws.advance(minutes(15))
  await stack.runSchedule()
  expect(outcomes(stack).at(-1)).toMatch(/^p000 behind: finished/)
})

test('an account that stays out of reach is tried less and less often', async () => {
  const stack = await startConnectedStack(1)
  stack.deleteRole(stack.connectionOf('p000'))
  for (let quarter = 0; quarter < 24; quarter++) {
    await stack.runSchedule()
    await stack.aws.advance(minutes(15))
  }
  const tries = outcomes(stack).filter((line) => line.includes('not now')).length
  // After 15, 30, 60 minutes, and then once an hour.
  expect(tries).toBeGreaterThanOrEqual(6)
  expect(tries).toBeLessThanOrEqual(9)
})

test('a mark that is made while the project is reconciled is not lost', async () => {
  const stack = await startConnectedStack(1)
  await settleDown(stack)
  const outOfSync = createOutOfSync(stack.dynamodb, projectsTable)
  await outOfSync.mark('p000', stack.clock.now())
  const stale = newDueEntry('p000', stack.clock.now())
  await stack.dynamodb.send(new PutItemCommand({ TableName: projectsTable, Item: dueItemOf('reconcile', stale) }))
  await stack.runSchedule()
  expect(outcomes(stack).at(-1)).toMatch(/^p000 behind: finished/)
  stack.clock.advance(1_000)
  await outOfSync.mark('p000', stack.clock.now())
  await stack.runSchedule()
  expect(outcomes(stack).at(-1)).toMatch(/^p000 behind: finished/)
})

test('a run without due work reads the index and nothing of the projects', async () => {
  const stack = await startConnectedStack(30, { env: { SESAME_SES_CALLS_PER_SECOND: '100000' } })
  await settleDown(stack)
  stack.aws.dynamodb.resetMeter()
  await stack.runSchedule()
  // 16 keys of the index, four days of old expiries, and the state of the pass.
  expect(stack.aws.dynamodb.meter(projectsTable)).toMatchObject({ reads: 21, writes: 0 })
}, 30_000)
