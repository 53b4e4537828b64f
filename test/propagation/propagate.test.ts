import { expect, test } from 'vitest'
import { days, minutes, startConnectedStack } from '../../bench/connected-stack.ts'

const ann = 'ann@example.com'

test('a hard bounce, a complaint and a manual suppression are put on the account list with the matching SES reason', async () => {
  const stack = await startConnectedStack()
  await stack.receive('p000', 'hard@example.com', 'hard')
  await stack.receive('p000', 'complaint@example.com', 'complaint')
  await stack.receive('p000', 'uncertain@example.com', 'uncertain')
  await stack.suppress('p000', 'hand@example.com')
  await stack.aws.settled()
  expect(stack.accountList('p000')).toEqual({
    'hard@example.com': 'BOUNCE',
    'complaint@example.com': 'COMPLAINT',
    'uncertain@example.com': 'COMPLAINT',
    'hand@example.com': 'BOUNCE',
  })
  expect(stack.customerCalls()).toEqual({ 'ses:PutSuppressedDestination': 4 })
  expect(stack.countSessions() - countFunctionSessions(stack)).toBe(1)
  expect(new Set(stack.outcomes())).toEqual(new Set(['suppressed there']))
})

test('a complaint after a bounce changes the reason of the entry to COMPLAINT', async () => {
  const stack = await startConnectedStack()
  await stack.receive('p000', ann, 'hard')
  await stack.aws.settled()
  await stack.receive('p000', ann, 'complaint')
  await stack.aws.settled()
  expect(stack.accountList('p000')).toEqual({ [ann]: 'COMPLAINT' })
})

test('soft bounces cause no call to the account until they suppress the address', async () => {
  const stack = await startConnectedStack()
  for (const day of [2, 1]) {
    await stack.receive('p000', ann, 'soft', new Date(stack.clock.now().getTime() - days(day)))
    await stack.aws.settled()
  }
  expect(stack.customerCalls()).toEqual({})
  await stack.receive('p000', ann, 'soft')
  await stack.aws.settled()
  expect(stack.accountList('p000')).toEqual({ [ann]: 'BOUNCE' })
  // One is the expiry of the week, and the last one the note of the outcome in the item of the address: they cause no call.
  const nothing = 'nothing to carry'
  expect(stack.outcomes().filter((outcome) => outcome !== nothing)).toEqual(['suppressed there'])
  expect(stack.outcomes().at(-1)).toBe(nothing)
  expect(stack.customerCalls()).toEqual({ 'ses:PutSuppressedDestination': 1 })
})

test('an expired suppression is removed from the account list by the next scheduled run', async () => {
  const stack = await startConnectedStack()
  for (const day of [0, 1, 2])
    await stack.receive('p000', ann, 'soft', new Date(stack.clock.now().getTime() - days(day)))
  await stack.aws.settled()
  await stack.runSchedule()
  await stack.aws.advance(days(29))
  await stack.runSchedule()
  expect(stack.accountList('p000')).toEqual({ [ann]: 'BOUNCE' })
  await stack.aws.advance(days(1))
  await stack.runSchedule()
  expect(stack.accountList('p000')).toEqual({})
  expect(stack.logLines('reconcile-suppressions').map(({ outcome }) => outcome)).toContain('lifted there')
})

test('an address whose suppression was extended is not removed at the earlier expiry', async () => {
  const stack = await startConnectedStack()
  for (const day of [0, 1, 2])
    await stack.receive('p000', ann, 'soft', new Date(stack.clock.now().getTime() - days(day)))
  await stack.aws.settled()
  await stack.aws.advance(days(20))
  await stack.receive('p000', ann, 'hard')
  await stack.aws.settled()
  await stack.aws.advance(days(11))
  await stack.runSchedule()
  expect(stack.accountList('p000')).toEqual({ [ann]: 'BOUNCE' })
})

test('a reinstated address is removed from the account list in every spelling that its bounces added', async () => {
  const stack = await startConnectedStack()
  await stack.receive('p000', ann, 'hard')
  await stack.aws.settled()
  const { accountList } = stack.sesAccount('p000')
  // SES lists an address in the spelling to which the mail was sent.
  accountList.set('Ann@Example.com', { address: 'Ann@Example.com', reason: 'BOUNCE', at: stack.clock.now() })
  accountList.set('bob@example.com', { address: 'bob@example.com', reason: 'BOUNCE', at: stack.clock.now() })
  await stack.aws.advance(days(3))
  await stack.reinstate('p000', ann)
  await stack.aws.settled()
  expect(stack.accountList('p000')).toEqual({ 'bob@example.com': 'BOUNCE' })
})

test('a not-spam report removes a complaint from the account list', async () => {
  const stack = await startConnectedStack()
  await stack.receive('p000', ann, 'complaint')
  await stack.aws.settled()
  stack.clock.advance(minutes(5))
  await stack.receive('p000', ann, 'not-spam')
  await stack.aws.settled()
  expect(stack.accountList('p000')).toEqual({})
})

test('a duplicate bounce causes no call to the account', async () => {
  const stack = await startConnectedStack()
  const bounce = stack.evidenceOf('hard')
  await stack.addEvidence('p000', ann, bounce)
  await stack.aws.settled()
  const before = stack.aws.record.filter(({ service }) => service === 'ses' || service === 'sts').length
  await stack.addEvidence('p000', ann, bounce)
  await stack.aws.settled()
  expect(stack.aws.record.filter(({ service }) => service === 'ses' || service === 'sts')).toHaveLength(before)
})

test('no log line contains an address or an external id', async () => {
  const stack = await startConnectedStack()
  await stack.receive('p000', ann, 'hard')
  await stack.reinstate('p000', ann)
  await stack.aws.settled()
  const lines = JSON.stringify(stack.logLines())
  expect(lines).not.toContain('ann')
  expect(lines).not.toContain(stack.connectionOf('p000').externalId)
  expect(stack.logLines()[0]).toEqual({
    outcome: expect.any(String),
    project: 'p000',
    address: expect.stringMatching(/^[0-9a-f]{8}$/),
  })
})

test('the session that puts an entry runs as the customer role in the project account', async () => {
  const stack = await startConnectedStack()
  await stack.receive('p000', ann, 'hard')
  await stack.aws.settled()
  const put = stack.aws.record.find(({ action }) => action === 'ses:PutSuppressedDestination')
  expect(put).toMatchObject({ account: stack.accountOf('p000'), verdict: 'allowed', role: 'sesame-p000' })
})

/** Sessions that Lambda opens to start functions. */
const countFunctionSessions = (stack: Awaited<ReturnType<typeof startConnectedStack>>) =>
  stack.aws.record.filter(({ operation, role }) => operation === 'AssumeRole' && role === 'lambda.amazonaws.com').length
