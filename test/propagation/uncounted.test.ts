/** Evidence that no rule counts reaches the list and costs nothing in the customer's account. */
import { expect, test } from 'vitest'
import { startConnectedStack } from '../../bench/connected-stack.ts'
import type { Evidence } from '../../src/suppression/evidence.ts'
import { defaultRules } from '../../src/suppression/rules.ts'

const ann = 'ann@example.com'
const echo = (at: Date, feedbackId: string): Evidence => ({
  kind: 'echo',
  cause: 'Permanent/OnAccountSuppressionList',
  at,
  feedbackId,
})
const block = (at: Date): Evidence => ({
  kind: 'blocked',
  cause: 'Permanent/General',
  status: '5.7.1',
  at,
  feedbackId: 'b',
})

test('an echo for a suppressed address is stored, and causes no session and no call in the account', async () => {
  const stack = await startConnectedStack()
  await stack.receive('p000', ann, 'hard')
  await stack.aws.settled()
  const [calls, sessions] = [stack.customerCalls(), stack.countSessions()]
  expect(calls).toMatchObject({ 'ses:PutSuppressedDestination': 1 })
  for (const id of ['e1', 'e2']) {
    stack.clock.advance(60_000)
    await stack.addEvidence('p000', ann, echo(stack.clock.now(), id))
  }
  await stack.aws.settled()
  expect(stack.customerCalls()).toEqual(calls)
  expect(stack.countSessions()).toBe(sessions)
  const verdict = await stack.suppressions.verdictOn('p000', ann, defaultRules, stack.clock.now())
  expect(verdict.evidence.map(({ kind }) => kind)).toContain('echo')
})

test('a block suppresses and reaches the account list if the project’s rules are stricter', async () => {
  const stack = await startConnectedStack(0)
  await stack.addProject('p000', { rules: { blocked: 'suppress' } })
  await stack.addProject('p001')
  for (const id of ['p000', 'p001']) {
    await stack.storeConnection(stack.connectionOf(id))
    stack.createRole(stack.connectionOf(id))
    await stack.addEvidence(id, ann, block(stack.clock.now()))
  }
  await stack.aws.settled()
  expect(stack.accountList('p000')).toEqual({ [ann]: 'BOUNCE' })
  expect(stack.accountList('p001')).toEqual({})
})
