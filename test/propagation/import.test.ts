/** What an import writes reaches the account list by the reconcile, not address by address. */
import { expect, test } from 'vitest'
import { type ConnectedStack, minutes, startConnectedStack, suppressionsTable } from '../../bench/connected-stack.ts'
import { importCost } from '../../bench/propagation.ts'
import { type ImportCause, importRulingTextsOf } from '../../src/suppression/import-ruling.ts'
import { createRulings } from '../../src/suppression/rule-by-hand.ts'

function importTo(
  { dynamodb, clock }: ConnectedStack,
  address: string,
  cause: ImportCause,
  source = 'sendgrid',
  detail = '',
) {
  const rulings = createRulings(dynamodb, suppressionsTable, () => clock.now())
  return rulings.suppress('p000', address, {
    at: new Date('2024-03-01T10:00:00Z'),
    ...importRulingTextsOf({ source, cause, detail }),
  })
}
const addressEvents = ({ aws }: ConnectedStack) =>
  aws.eventbridge.events
    .filter((one) => one['detail-type'].startsWith('Address'))
    .map(({ detail }) => Object(detail).address)

test('an import calls nothing in the account and publishes no event, and the reconcile lists each address with its kind', async () => {
  const stack = await startConnectedStack()
  await stack.runSchedule()
  await stack.suppress('p000', 'before@example.com')
  await stack.aws.settled()
  const events = addressEvents(stack)
  const [calls, sessions] = [stack.customerCalls(), stack.countSessions()]
  await importTo(stack, 'gone@example.com', 'hard bounce')
  await importTo(stack, 'angry@example.com', 'complaint')
  await importTo(stack, 'left@example.com', 'unsubscribe')
  await importTo(stack, 'echo@example.com', 'manual', 'account-list', 'COMPLAINT')
  await stack.aws.settled()
  expect(stack.customerCalls()).toEqual(calls)
  expect(stack.countSessions()).toBe(sessions)
  expect(addressEvents(stack)).toEqual(events)
  expect(stack.outcomes('p000').slice(1)).toEqual(Array.from({ length: 4 }, () => 'left to the reconcile: imported'))
  stack.clock.advance(minutes(16))
  await stack.runSchedule()
  expect(stack.accountList('p000')).toEqual({
    'before@example.com': 'BOUNCE',
    'gone@example.com': 'BOUNCE',
    'angry@example.com': 'COMPLAINT',
    'left@example.com': 'BOUNCE',
    'echo@example.com': 'COMPLAINT',
  })
})

test('a bounce, a ruling of a person and a reinstatement of an imported address are propagated at once', async () => {
  const stack = await startConnectedStack()
  await importTo(stack, 'ann@example.com', 'hard bounce')
  await stack.aws.settled()
  await stack.receive('p000', 'ann@example.com', 'complaint')
  await stack.suppress('p000', 'bob@example.com')
  await stack.aws.settled()
  expect(stack.accountList('p000')).toEqual({ 'ann@example.com': 'COMPLAINT', 'bob@example.com': 'BOUNCE' })
  expect(addressEvents(stack).sort()).toEqual(['ann@example.com', 'bob@example.com'])
  stack.clock.advance(minutes(1))
  await stack.reinstate('p000', 'ann@example.com')
  await stack.aws.settled()
  expect(stack.accountList('p000')).toEqual({ 'bob@example.com': 'BOUNCE' })
})

test('a mass import reaches the account list at the rate that SES takes, with few sessions and no refused call', async () => {
  const cost = await importCost(120)
  expect(cost.callsAtOnce).toBe(0)
  expect(cost.eventsPerAddress).toBe(0)
  expect(cost.throttled).toBeLessThanOrEqual(1)
  // One for the list, one for the entries, and one to prove that SES may be asked.
  expect(cost.sessions).toBeLessThanOrEqual(4)
  // The pace: 120 entries take two minutes, less the few calls that a full bucket allows at once.
  expect(cost.hours * 3_600 - 900).toBeGreaterThan(100)
})
