import { expect, test } from 'vitest'
import { type ConnectedStack, days, minutes, startConnectedStack } from '../../bench/connected-stack.ts'
import { registerReconcile } from '../../src/cli/reconcile.ts'
import { run } from '../cli/operator.ts'

const listInAccount = (
  stack: ConnectedStack,
  address: string,
  reason: 'BOUNCE' | 'COMPLAINT' = 'BOUNCE',
  at = stack.clock.now(),
) => stack.sesAccount('p000').accountList.set(address, { address, reason, at })

const reconcile = (stack: ConnectedStack, ...more: string[]) =>
  run(stack.aws, registerReconcile, 'reconcile', 'p000', ...more)

/** A stack whose two lists differ in every way that the reconcile knows. */
async function startDifferingLists(): Promise<ConnectedStack> {
  const stack = await startConnectedStack(1, { withoutTriggers: ['propagate-suppression'] })
  const now = stack.clock.now().getTime()
  await stack.receive('p000', 'missing@example.com', 'hard')
  await stack.receive('p000', 'weightier@example.com', 'complaint')
  listInAccount(stack, 'weightier@example.com', 'BOUNCE')
  await stack.receive('p000', 'other@example.com', 'hard')
  listInAccount(stack, 'other@example.com', 'COMPLAINT')
  listInAccount(stack, 'Unknown@Example.com', 'COMPLAINT', new Date(now - days(400)))
  await stack.receive('p000', 'back@example.com', 'hard', new Date(now - days(9)))
  listInAccount(stack, 'Back@example.com', 'BOUNCE', new Date(now - days(9)))
  listInAccount(stack, 'back@example.com', 'BOUNCE', new Date(now - days(9)))
  await stack.reinstate('p000', 'back@example.com')
  await stack.reinstate('p000', 'again@example.com', new Date(now - days(5)))
  listInAccount(stack, 'again@example.com', 'BOUNCE', new Date(now - days(2)))
  for (const ago of [60, 61, 62]) await stack.receive('p000', 'ended@example.com', 'soft', new Date(now - days(ago)))
  listInAccount(stack, 'ended@example.com', 'BOUNCE', new Date(now - days(59)))
  await stack.receive('p000', 'fine@example.com', 'hard')
  listInAccount(stack, 'fine@example.com')
  return stack
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
  'not removable': 0,
  'not readable': 0,
}

/** Each count as it is printed. */
const countTexts = {
  there: 'entries of the account list read',
  here: 'addresses of our list read',
  'in step': 'equal on both lists',
  suppressed: 'added to the account list',
  corrected: 'reason corrected on the account list',
  lifted: 'removed from the account list',
  adopted: 'added from the account list',
  conflicts: 'conflicting, left unchanged',
  'not addresses': 'skipped, not an address',
  'not removable': 'refused by SES, still on the account list',
  'not readable': 'not readable, left unchanged',
}
/** A count that is not printed is 0. */
function numbersIn(printed: string) {
  const counts = new Map(
    [...printed.matchAll(/^ {2}(\D+?) +(\d+)$/gm)].map(([, text = '', count]) => [text, Number(count)]),
  )
  return Object.fromEntries(Object.entries(countTexts).map(([what, text]) => [what, counts.get(text) ?? 0]))
}

test('a reconcile corrects both lists, by reason and time', async () => {
  const stack = await startDifferingLists()
  const { printed, ok } = await reconcile(stack)
  expect(ok).toBe(true)
  expect(numbersIn(printed)).toEqual(counts)
  expect(stack.accountList('p000')).toEqual({
    'missing@example.com': 'BOUNCE',
    'weightier@example.com': 'COMPLAINT',
    'other@example.com': 'COMPLAINT',
    'Unknown@Example.com': 'COMPLAINT',
    'again@example.com': 'BOUNCE',
    'fine@example.com': 'BOUNCE',
  })
  const unknown = await stack.suppressions.itemsOf('p000', 'unknown@example.com')
  expect(unknown).toMatchObject([
    { manual: `${new Date(stack.clock.now().getTime() - days(400)).toISOString()} account-list COMPLAINT` },
  ])
  expect(printed).toContain('other@example.com  left unchanged (a complaint on the account list only)')
})

test('a second reconcile changes nothing and reports the conflict again', async () => {
  const stack = await startDifferingLists()
  await reconcile(stack)
  const before = stack.accountList('p000')
  const { printed } = await reconcile(stack)
  expect(numbersIn(printed)).toMatchObject({ suppressed: 0, corrected: 0, lifted: 0, adopted: 0, conflicts: 1 })
  expect(stack.accountList('p000')).toEqual(before)
})

test('a dry run reports the same steps and changes nothing', async () => {
  const stack = await startDifferingLists()
  const before = { there: stack.accountList('p000'), here: await stack.aws.dynamodb.items('sesame-dev-suppressions') }
  const { printed, ok } = await reconcile(stack, '--dry-run')
  expect(ok).toBe(true)
  expect(numbersIn(printed)).toMatchObject({ lifted: 3, corrected: 1, adopted: 2, suppressed: 1, conflicts: 1 })
  expect(stack.accountList('p000')).toEqual(before.there)
  expect(await stack.aws.dynamodb.items('sesame-dev-suppressions')).toEqual(before.here)
})

test('a dry run predicts what SES refuses: an address that it does not take, and one that it cannot remove', async () => {
  const stack = await startConnectedStack(1, { withoutTriggers: ['propagate-suppression'] })
  await stack.receive('p000', '"front desk"@example.com', 'hard')
  await stack.reinstate('p000', 'a/b@example.com')
  listInAccount(stack, 'a/b@example.com', 'BOUNCE', new Date(stack.clock.now().getTime() - days(9)))
  const steps = (printed: string) => printed.split('\n').filter((line) => line.includes('@'))
  const dry = await reconcile(stack, '--dry-run')
  const real = await reconcile(stack)
  expect(steps(dry.printed)).toEqual(steps(real.printed))
  expect(numbersIn(dry.printed)).toEqual(numbersIn(real.printed))
  expect(numbersIn(dry.printed)).toMatchObject({ 'not addresses': 1, 'not removable': 1 })
})

test('a dry run predicts that an account in the SES sandbox stops the run', async () => {
  const stack = await startConnectedStack(1, { withoutTriggers: ['propagate-suppression'] })
  await stack.receive('p000', 'missing@example.com', 'hard')
  stack.sesAccount('p000').productionAccess = false
  const dry = await reconcile(stack, '--dry-run')
  const real = await reconcile(stack)
  expect(dry.printed.replace('dry run, ', '')).toBe(real.printed)
  expect(dry.code).toBe(1)
})

test('an entry imported from the account list is not put there again', async () => {
  const stack = await startConnectedStack(1)
  listInAccount(stack, 'Unknown@Example.com', 'COMPLAINT')
  await reconcile(stack)
  await stack.aws.settled()
  expect(stack.customerCalls()['ses:PutSuppressedDestination']).toBeUndefined()
  expect(stack.accountList('p000')).toEqual({ 'Unknown@Example.com': 'COMPLAINT' })
  expect(stack.aws.eventbridge.events).toMatchObject([
    { 'detail-type': 'Address Suppressed', detail: { reason: 'manual' } },
  ])
})

test('a reconcile whose function dies continues from the last saved page or address', async () => {
  // The clock does not move while the token bucket waits, so the rate must not matter.
  const fast = { SESAME_SES_CALLS_PER_SECOND: '100000' }
  const stack = await startConnectedStack(1, { withoutTriggers: ['propagate-suppression'], env: fast })
  for (let i = 0; i < 30; i++) listInAccount(stack, `there${i}@example.com`)
  for (let i = 0; i < 30; i++) await stack.receive('p000', `here${i}@example.com`, 'hard')
  for (const after of [6, 20, 45, 80, 120]) {
    stack.aws.lambda.crash('sesame-dev-reconcile-suppressions', after)
    await reconcile(stack).catch(() => undefined)
    // The lease of the function that died must expire first.
    await stack.aws.advance(minutes(5))
  }
  const { ok } = await reconcile(stack)
  expect(ok).toBe(true)
  expect(Object.keys(stack.accountList('p000'))).toHaveLength(60)
  expect(await stack.suppressions.itemsOf('p000', 'there7@example.com')).toHaveLength(1)
})

/** A reconcile that stops in its second phase: the account list was read, and our list was not. */
async function startUnfinished() {
  const fast = { SESAME_SES_CALLS_PER_SECOND: '100000' }
  const stack = await startConnectedStack(1, { withoutTriggers: ['propagate-suppression'], env: fast })
  for (let i = 0; i < 6; i++) await stack.receive('p000', `here${i}@example.com`, 'hard')
  for (let i = 0; i < 6; i++) listInAccount(stack, `here${i}@example.com`)
  for (let calls = 4; ; calls++) {
    stack.aws.lambda.crash('sesame-dev-reconcile-suppressions', calls)
    await reconcile(stack).catch(() => undefined)
    await stack.aws.advance(minutes(5))
    const items = await stack.aws.dynamodb.items('sesame-dev-projects')
    const state = items.find(({ facet, id }) => facet?.S === 'p000' && id?.S === 'propagation#state')
    if (JSON.stringify(state ?? '').includes('phase\\":\\"here')) return stack
    if (calls > 60) throw new Error('The second phase was not reached')
  }
}

test('an unfinished reconcile does not continue with another connection: another account list is read from its beginning', async () => {
  const stack = await startUnfinished()
  stack.sesAccount('p000').accountList.clear()
  await stack.storeConnection(stack.connectionOf('p000', { revision: 'r2' }))
  await reconcile(stack)
  expect(Object.keys(stack.accountList('p000'))).toHaveLength(6)
})

test('an unfinished reconcile does not continue with other rules', async () => {
  const stack = await startUnfinished()
  await stack.addProject('p000', { rules: { hardBounce: 'ignore' } })
  await reconcile(stack)
  expect(stack.accountList('p000')).toEqual({})
})

test('an unfinished reconcile continues with the same connection and the same rules', async () => {
  const stack = await startUnfinished()
  const before = stack.customerCalls()['ses:ListSuppressedDestinations'] ?? 0
  await reconcile(stack)
  expect(stack.customerCalls()['ses:ListSuppressedDestinations']).toBe(before)
})

test('an entry with a reason that Sesame does not know is counted and left as it is', async () => {
  const stack = await startConnectedStack(1, { withoutTriggers: ['propagate-suppression'] })
  await stack.receive('p000', 'ann@example.com', 'hard')
  const entry = { address: 'ann@example.com', reason: 'BOUNCE' as const, at: stack.clock.now() }
  stack.sesAccount('p000').accountList.set('ann@example.com', Object.assign(entry, { reason: 'REPUTATION' }))
  const { printed } = await reconcile(stack)
  expect(numbersIn(printed)).toMatchObject({ there: 1, 'not readable': 1, suppressed: 0 })
  expect(stack.accountList('p000')).toEqual({ 'ann@example.com': 'REPUTATION' })
})

test('only one reconcile of an account runs at a time', async () => {
  const stack = await startConnectedStack(1)
  stack.aws.lambda.crash('sesame-dev-reconcile-suppressions', 8)
  await reconcile(stack).catch(() => undefined)
  await stack.runSchedule()
  expect(stack.logLines('reconcile-suppressions').at(-2)?.outcome).toMatch(/: busy$/)
})

test('a reconcile of a project whose account cannot be accessed is refused with the reason', async () => {
  const stack = await startConnectedStack(1)
  stack.deleteRole(stack.connectionOf('p000'))
  await expect(reconcile(stack)).rejects.toMatchObject({ name: 'RefusedError', error: 'TrustRefusedError' })
  await stack.addProject('p001')
  await expect(run(stack.aws, registerReconcile, 'reconcile', 'p001')).rejects.toThrow('Project p001 is not connected')
  await expect(run(stack.aws, registerReconcile, 'reconcile', 'p404')).rejects.toThrow('p404 does not exist')
})

test('a project is due once a week, and at once when its rules or its connection change', async () => {
  const stack = await startConnectedStack(1, { withoutTriggers: ['propagate-suppression'] })
  const runReasons = async () => {
    const before = stack.logLines('reconcile-suppressions').length
    await stack.runSchedule()
    return stack
      .logLines('reconcile-suppressions')
      .slice(before)
      .filter(({ outcome }) => outcome)
      .map(({ outcome = '' }) => outcome.split(':')[0])
  }
  expect(await runReasons()).toEqual(['newly connected'])
  expect(await runReasons()).toEqual([])
  await stack.aws.advance(days(5))
  expect(await runReasons()).toEqual([])
  await stack.aws.advance(days(2))
  expect(await runReasons()).toEqual(['a week'])
  await stack.addProject('p000', { rules: { hardBounce: 'ignore' } })
  expect(await runReasons()).toEqual(['other rules'])
  await stack.storeConnection(stack.connectionOf('p000', { revision: 'r2' }))
  expect(await runReasons()).toEqual(['newly connected'])
})

test('an address that new rules no longer suppress is removed from the account list', async () => {
  const stack = await startConnectedStack(1)
  await stack.receive('p000', 'ann@example.com', 'hard')
  await stack.aws.settled()
  await stack.addProject('p000', { rules: { hardBounce: 'ignore' } })
  await stack.runSchedule()
  expect(stack.accountList('p000')).toEqual({})
})
