/**
 * Any order, duplication, crash and throttling of the same events leads to the account list that the verdicts require.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ConnectedStack, days, minutes, startConnectedStack } from '../../bench/connected-stack.ts'
import { wantedReasonOf } from '../../src/propagation/account-entry.ts'
import { judge } from '../../src/suppression/judge.ts'
import { recordOf } from '../../src/suppression/read-list.ts'
import { defaultRules } from '../../src/suppression/rules.ts'
import { runsOf } from '../runs.ts'

const addresses = ['ann@example.com', 'bob@example.com', 'ann@example.com.au']

const step = fc.oneof(
  fc.record({
    do: fc.constant('receive' as const),
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
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

async function perform(stack: ConnectedStack, step: Step): Promise<void> {
  switch (step.do) {
    case 'receive':
      return stack.receive('p000', step.address, step.kind, new Date(stack.clock.now().getTime() - days(step.daysAgo)))
    case 'suppress':
      return void (await stack.suppress('p000', step.address))
    case 'reinstate':
      return void (await stack.reinstate('p000', step.address))
    case 'throttle':
      stack.sesAccount('p000').throttle.next = step.calls
      return
    case 'crash':
      return stack.aws.lambda.crash('sesame-dev-propagate-suppression', step.after)
    case 'pass':
      return stack.aws.advance(minutes(step.minutes))
    case 'settle':
      return stack.aws.settled()
  }
}

/** A stack whose first reconcile is done: for some days only an out-of-sync project is due. */
async function startReconciledStack(): Promise<ConnectedStack> {
  const stack = await startConnectedStack(1)
  await stack.runSchedule()
  return stack
}

async function wantedList(stack: ConnectedStack): Promise<Record<string, string>> {
  const list: Record<string, string> = {}
  for (const address of addresses) {
    const record = recordOf(await stack.suppressions.itemsOf('p000', address))
    const reason = wantedReasonOf(judge(record, defaultRules, stack.clock.now()), record)
    if (reason) list[address] = reason
  }
  return list
}

test('the account list becomes what the verdicts require', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const stack = await startReconciledStack()
      for (const one of steps) await perform(stack, one)
      stack.sesAccount('p000').throttle.next = 0
      await stack.aws.settled()
      for (let quarter = 0; quarter < 12 && stack.retryMessages().length > 0; quarter++)
        await stack.aws.advance(minutes(15))
      await stack.runSchedule()
      expect(stack.accountList('p000')).toEqual(await wantedList(stack))
      expect(stack.deadLetters('propagate-suppression')).toEqual([])
    }),
    { seed: 1, numRuns: runsOf(40) },
  )
}, 120_000)

test('processing the stream again from any point does not change the final account list', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), fc.nat(), async (steps, from) => {
      const stack = await startReconciledStack()
      for (const one of steps) await perform(stack, one)
      stack.sesAccount('p000').throttle.next = 0
      await stack.aws.settled()
      for (let quarter = 0; quarter < 12 && stack.retryMessages().length > 0; quarter++)
        await stack.aws.advance(minutes(15))
      await stack.runSchedule()
      const events = stack.aws.lambda.attempts.map(({ event }) => event)
      const fn = stack.aws.lambda.functions.get('sesame-dev-propagate-suppression')
      for (const event of events.slice(from % Math.max(1, events.length)).reverse())
        if (fn && isBatch(event)) await stack.aws.lambda.runner.run(fn, event, 'again')
      await stack.aws.settled()
      for (let quarter = 0; quarter < 12 && stack.retryMessages().length > 0; quarter++)
        await stack.aws.advance(minutes(15))
      await stack.runSchedule()
      expect(stack.accountList('p000')).toEqual(await wantedList(stack))
    }),
    { seed: 2, numRuns: runsOf(20) },
  )
}, 120_000)

const isBatch = (event: unknown): boolean => typeof event === 'object' && event !== null && 'Records' in event
