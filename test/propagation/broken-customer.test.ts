import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'
import { type ConnectedStack, minutes, startConnectedStack } from '../../bench/connected-stack.ts'

const ann = 'ann@example.com'
const last = (lines: string[]) => lines.at(-1)

async function bounceInEach(stack: ConnectedStack, address = ann, ids = stack.ids): Promise<void> {
  await Promise.all(ids.map((id) => stack.receive(id, address, 'hard')))
  await stack.aws.settled()
}
const reached = (stack: ConnectedStack, address = ann) => stack.ids.filter((id) => address in stack.accountList(id))

test('one account of 100 whose role is refused does not delay the others, is not called for a while, and catches up when repaired', async () => {
  const stack = await startConnectedStack(100)
  const broken = 'p077'
  stack.deleteRole(stack.connectionOf(broken))
  await bounceInEach(stack)
  expect(reached(stack)).toEqual(stack.ids.filter((id) => id !== broken))
  expect(stack.outcomes(broken)).toEqual(['left to the reconcile: trust: TrustRefusedError'])
  expect(stack.deadLetters('propagate-suppression')).toEqual([])

  // The circuit breaker is open: no further calls are made for a while.
  const countEntries = () =>
    stack.aws.record.filter(({ operation, resource }) => operation === 'AssumeRole' && resource.includes(broken)).length
  const before = countEntries()
  await bounceInEach(stack, 'bob@example.com', ['p076', broken, 'p078'])
  expect(countEntries()).toBe(before)
  expect(reached(stack, 'bob@example.com')).toEqual(['p076', 'p078'])

  stack.createRole(stack.connectionOf(broken))
  await stack.aws.advance(minutes(15))
  await stack.runSchedule()
  expect(stack.accountList(broken)).toEqual({ [ann]: 'BOUNCE', 'bob@example.com': 'BOUNCE' })
}, 120_000)

test('one throttled account of 20 does not delay the others, and catches up through the retry queue', async () => {
  const stack = await startConnectedStack(20)
  const slow = 'p007'
  stack.sesAccount(slow).throttle.next = Number.POSITIVE_INFINITY
  await bounceInEach(stack)
  await bounceInEach(stack, 'bob@example.com')
  expect(reached(stack)).toHaveLength(19)
  expect(stack.outcomes(slow)).toEqual(['parked: throttling: ThrottledError', 'parked: throttling: ThrottledError'])
  expect(stack.retryMessages()).toHaveLength(2)
  await stack.aws.advance(minutes(1))
  expect(stack.retryMessages()).toHaveLength(2)
  stack.sesAccount(slow).throttle.next = 0
  await stack.aws.advance(minutes(2))
  expect(stack.retryMessages()).toEqual([])
  expect(stack.accountList(slow)).toEqual({ [ann]: 'BOUNCE', 'bob@example.com': 'BOUNCE' })
})

test('an address that is throttled for hours leaves the retry queue, and the reconcile applies its verdict', async () => {
  const stack = await startConnectedStack(1)
  stack.sesAccount('p000').throttle.next = Number.POSITIVE_INFINITY
  await bounceInEach(stack)
  for (let quarter = 0; quarter < 16; quarter++) await stack.aws.advance(minutes(15))
  expect(stack.retryMessages()).toEqual([])
  expect(last(stack.outcomes('p000'))).toBe('left to the reconcile: throttling: ThrottledError')
  stack.sesAccount('p000').throttle.next = 0
  await stack.runSchedule()
  expect(stack.accountList('p000')).toEqual({ [ann]: 'BOUNCE' })
})

test('an account that allows one call a second receives all changes in the end', async () => {
  const stack = await startConnectedStack(1)
  stack.sesAccount('p000').throttle.perSecond = 1
  const people = Array.from({ length: 12 }, (_, i) => `person${i}@example.com`)
  for (const address of people) await stack.receive('p000', address, 'hard')
  await stack.aws.settled()
  for (let second = 0; second < 900 && stack.retryMessages().length > 0; second++) await stack.aws.advance(5_000)
  expect(Object.keys(stack.accountList('p000')).sort()).toEqual(people.sort())
})

test.each([
  [
    'was never connected',
    async (stack: ConnectedStack) => void (await stack.addProject('p001')),
    'p001',
    'skipped: not connected',
  ],
  [
    'was never proven',
    async (stack: ConnectedStack) => {
      const { provenAt: _, ...waiting } = stack.connectionOf('p000')
      await stack.storeConnection(waiting)
    },
    'p000',
    'skipped: not connected',
  ],
  [
    'is quarantined',
    (stack: ConnectedStack) =>
      stack.storeConnection(stack.connectionOf('p000', { quarantine: { since: stack.clock.now(), why: 'loose' } })),
    'p000',
    'left to the reconcile: settings: QuarantinedError',
  ],
  [
    'leaves suppression out',
    (stack: ConnectedStack) => stack.storeConnection(stack.connectionOf('p000', { features: ['reading'] })),
    'p000',
    'skipped: the connection leaves suppression out',
  ],
  [
    'is in the sandbox',
    async (stack: ConnectedStack) => {
      stack.sesAccount('p000').productionAccess = false
    },
    'p000',
    'left to the reconcile: account: in the sandbox',
  ],
  [
    'no longer permits writes to its list',
    async (stack: ConnectedStack) => {
      const connection = stack.connectionOf('p000')
      stack.deleteRole(connection)
      stack.createRole({ ...connection, features: ['reading'] })
    },
    'p000',
    'left to the reconcile: permission: PermissionMissingError',
  ],
])(
  'a project that %s does not fail the record: the outcome is logged and the event is published',
  async (_, arrange, id, outcome) => {
    const stack = await startConnectedStack(1)
    await arrange(stack)
    await stack.receive(id, ann, 'hard')
    await stack.aws.settled()
    expect(stack.outcomes(id)).toEqual([outcome])
    expect(stack.aws.eventbridge.events).toHaveLength(1)
    expect(stack.accountList('p000')).toEqual({})
    expect(stack.deadLetters('propagate-suppression')).toEqual([])
  },
)

test('a project that connects later receives the whole list in the next scheduled run', async () => {
  const stack = await startConnectedStack(0)
  await stack.addProject('p005')
  await stack.receive('p005', ann, 'hard')
  await stack.aws.settled()
  await stack.storeConnection(stack.connectionOf('p005'))
  stack.createRole(stack.connectionOf('p005'))
  await stack.runSchedule()
  expect(stack.accountList('p005')).toEqual({ [ann]: 'BOUNCE' })
})

test('a session that is revoked during a batch is replaced', async () => {
  const stack = await startConnectedStack(1)
  await bounceInEach(stack)
  stack.deleteRole(stack.connectionOf('p000'))
  stack.createRole(stack.connectionOf('p000'))
  await stack.receive('p000', 'bob@example.com', 'hard')
  await stack.aws.settled()
  expect(stack.accountList('p000')).toEqual({ [ann]: 'BOUNCE', 'bob@example.com': 'BOUNCE' })
})

test('an event that the bus rejects is published later, and the account list does not wait for it', async () => {
  const stack = await startConnectedStack(1)
  stack.aws.eventbridge.failEntries(2)
  await bounceInEach(stack)
  expect(stack.outcomes()).toEqual(['suppressed there'])
  expect(stack.logLines().at(-1)).toMatchObject({ event: 'waits: NotPublishedError' })
  expect(stack.accountList('p000')).toEqual({ [ann]: 'BOUNCE' })
  await stack.aws.advance(5_000)
  expect(stack.outcomes().at(-1)).toBe('event parked')
  await stack.aws.advance(10_000)
  expect(stack.outcomes().at(-1)).toBe('event published')
  expect(stack.aws.eventbridge.events).toMatchObject([
    { 'detail-type': 'Address Suppressed', detail: { address: ann, reason: 'hard bounce' } },
  ])
  expect(stack.retryMessages()).toEqual([])
})

test('after the bus was down for a day, every event is published once and nothing is in a dead-letter queue', async () => {
  const stack = await startConnectedStack(2)
  stack.aws.eventbridge.failEntries(Number.POSITIVE_INFINITY)
  await bounceInEach(stack)
  for (let quarter = 0; quarter < 96; quarter++) await stack.aws.advance(minutes(15))
  expect(reached(stack)).toEqual(stack.ids)
  expect(stack.aws.eventbridge.events).toEqual([])
  stack.aws.eventbridge.failEntries(0)
  await stack.aws.advance(minutes(15))
  expect(stack.aws.eventbridge.events.map(({ detail }) => Object(detail).project).sort()).toEqual(stack.ids)
  expect(stack.deadLetters('propagate-suppression')).toEqual([])
}, 60_000)

test('a late event is followed by the event of the present verdict', async () => {
  const stack = await startConnectedStack(1)
  stack.aws.eventbridge.failEntries(1)
  await bounceInEach(stack)
  stack.clock.advance(1_000)
  await stack.reinstate('p000', ann)
  await stack.aws.settled()
  await stack.aws.advance(minutes(1))
  const types = stack.aws.eventbridge.events.map((event) => event['detail-type'])
  expect(types).toEqual(['Address Reinstated', 'Address Suppressed', 'Address Reinstated'])
  expect(new Set(stack.aws.eventbridge.events.map(({ detail }) => Object(detail).id)).size).toBe(2)
})

test('a message of the retry queue that cannot be read fails alone', async () => {
  const stack = await startConnectedStack(1)
  await stack.suppress('p000', ann)
  const sqs = new SQSClient(stack.aws.clientConfig(stack.aws.credentials.root(stack.aws.account)))
  const QueueUrl = `http://sesame.localhost:4566/${stack.aws.account}/sesame-dev-propagation-retry`
  const bodies = [
    '{"project":"p000"}',
    'not JSON',
    ...Array.from({ length: 8 }, (_, i) =>
      JSON.stringify({ project: 'p000', address: `a${i}@example.com`, attempt: 1 }),
    ),
  ]
  for (let i = 0; i < 8; i++) await stack.receive('p000', `a${i}@example.com`, 'hard')
  await stack.aws.settled()
  stack.sesAccount('p000').accountList.clear()
  await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl,
      Entries: bodies.map((MessageBody, i) => ({ Id: String(i), MessageBody })),
    }),
  )
  await stack.aws.settled()
  expect(Object.keys(stack.accountList('p000'))).toHaveLength(8)
  expect(stack.deadLetters('propagate-suppression')).toHaveLength(2)
  expect(stack.logLines().filter(({ error }) => error === 'MalformedTaskError').length).toBeGreaterThanOrEqual(2)
})

test('an address that SES refuses to remove is reported, and never as removed', async () => {
  const stack = await startConnectedStack(1)
  const archive = 'billing/archive@example.com'
  await stack.suppress('p000', archive)
  await stack.suppress('p000', 'plain@example.com')
  await stack.aws.settled()
  stack.clock.advance(minutes(1))
  await stack.reinstate('p000', archive)
  await stack.reinstate('p000', 'plain@example.com')
  await stack.aws.settled()
  expect(stack.outcomes().slice(-2).sort()).toEqual(['cannot be lifted there', 'lifted there'])
  await stack.runSchedule()
  expect(stack.logLines('reconcile-suppressions').map(({ outcome }) => outcome)).toContain(
    'newly connected: finished, 1 there 2 here 1 not removable',
  )
  expect(stack.accountList('p000')).toEqual({ [archive]: 'BOUNCE' })
})

test('retries of an account that accepts ten calls a second are spaced by that rate', async () => {
  const fast = { SESAME_SES_CALLS_PER_SECOND: '10' }
  const stack = await startConnectedStack(1, { env: fast })
  stack.sesAccount('p000').throttle.perSecond = 10
  for (let i = 0; i < 50; i++) await stack.receive('p000', `person${i}@example.com`, 'hard')
  await stack.aws.settled()
  let seconds = 0
  for (; seconds < 100 && Object.keys(stack.accountList('p000')).length < 50; seconds++) await stack.aws.advance(1_000)
  // One after another, a second apart, they would take 40 s and more.
  expect(seconds).toBeLessThan(30)
})

test('a record that ends in the dead-letter queue is applied by the next scheduled run, once its project can be read', async () => {
  const stack = await startConnectedStack(2)
  await stack.runSchedule()
  const key = { id: { S: 'p000' }, facet: { S: 'settings' } }
  const store = (settings: string) =>
    stack.dynamodb.send(
      new PutItemCommand({ TableName: 'sesame-dev-projects', Item: { ...key, settings: { S: settings } } }),
    )
  await store('{')
  await bounceInEach(stack)
  expect(reached(stack)).toEqual(['p001'])
  for (let i = 0; i < 6; i++) await stack.aws.advance(minutes(6))
  expect(stack.deadLetters('propagate-suppression')).toHaveLength(1)
  await store(JSON.stringify({ id: 'p000', account: stack.accountOf('p000') }))
  await stack.aws.advance(minutes(15))
  await stack.runSchedule()
  expect(reached(stack)).toEqual(['p000', 'p001'])
})
