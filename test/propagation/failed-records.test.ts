import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { type ConnectedStack, minutes, projectsTable, startConnectedStack } from '../../bench/connected-stack.ts'
import { requestOperation } from '../../src/cli/invoke.ts'
import { DeadLettersAnswer, DropDeadLettersAnswer, ReplayDeadLettersAnswer } from '../../src/operations/answers.ts'
import { operatorOf } from '../cli/operator.ts'

const ann = 'ann@example.com'
const propagation = 'role/sesame/sesame-dev-us-east-1-suppression-propagation'

/** Refuses actions to propagate-suppression, as an outage of these services does, until the returned function is called. */
function refuse({ aws }: ConnectedStack, statements: Readonly<Record<string, string>>): () => void {
  const role = `arn:aws:iam::${aws.account}:${propagation}`
  const Statement = Object.entries(statements).map(([Action, Resource]) => ({ Effect: 'Deny', Action, Resource }))
  aws.roles.putPolicy(role, 'outage', { Version: '2012-10-17', Statement })
  return () => aws.roles.deletePolicy(role, 'outage')
}
const anything = '*'
const retryQueue = 'arn:aws:sqs:*:*:sesame-dev-propagation-retry'
const listTable = 'arn:aws:dynamodb:*:*:table/sesame-dev-suppressions'
const allDown = { 'sqs:SendMessage': retryQueue, 'events:PutEvents': anything, 'dynamodb:Query': anything }

const published = ({ aws }: ConnectedStack) =>
  aws.eventbridge.events.map(({ 'detail-type': type, detail }) => `${type} ${Object(detail).address}`)
const ask = async (stack: ConnectedStack, request: { do: string; [field: string]: unknown }) =>
  requestOperation(
    await operatorOf(stack.aws),
    'manage-dead-letters',
    { by: 'ann', ...request },
    request.do === 'drop' ? DropDeadLettersAnswer : ReplayDeadLettersAnswer,
  )
const letters = async (stack: ConnectedStack) =>
  (
    await requestOperation(
      await operatorOf(stack.aws),
      'manage-dead-letters',
      { by: 'ann', do: 'list' },
      DeadLettersAnswer,
    )
  ).letters

test('a record that fails because the list is refused waits in the retry queue, holds up no other, and its event is published', async () => {
  const stack = await startConnectedStack(2)
  const end = refuse(stack, { 'dynamodb:Query': listTable })
  await stack.receive('p000', ann, 'hard')
  await stack.aws.settled()
  expect(stack.logLines().at(-1)).toMatchObject({ outcome: 'failed', kept: 'in the retry queue', project: 'p000' })
  expect(stack.deadLetters('propagate-suppression')).toEqual([])
  end()
  await stack.receive('p001', ann, 'hard')
  await stack.aws.settled()
  expect(Object.keys(stack.accountList('p001'))).toEqual([ann])
  await stack.aws.advance(5_000)
  expect(published(stack)).toEqual([`Address Suppressed ${ann}`, `Address Suppressed ${ann}`])
  expect(Object.keys(stack.accountList('p000'))).toEqual([ann])
  expect(stack.retryMessages()).toEqual([])
})

test('a kept record that fails for long becomes a dead letter with its project, and the replay publishes its event', async () => {
  const stack = await startConnectedStack(1)
  const end = refuse(stack, { 'dynamodb:Query': listTable })
  await stack.receive('p000', ann, 'hard')
  await stack.aws.settled()
  for (let i = 0; i < 6; i++) await stack.aws.advance(minutes(6))
  expect(await letters(stack)).toMatchObject([
    { queue: 'propagate-suppression', project: 'p000', event: 'change of the list' },
  ])
  // The replay fails as long as the cause is there, and the letter stays.
  expect(await ask(stack, { do: 'replay', all: true })).toMatchObject({
    results: [{ outcome: 'failed', why: expect.stringContaining('log of propagate-suppression') }],
  })
  expect(await letters(stack)).toHaveLength(1)
  end()
  expect(await ask(stack, { do: 'replay', project: 'p000' })).toMatchObject({ results: [{ outcome: 'applied' }] })
  expect(published(stack)).toEqual([`Address Suppressed ${ann}`])
  expect(Object.keys(stack.accountList('p000'))).toEqual([ann])
  expect(await letters(stack)).toEqual([])
})

test('records that bus, queue and tables refuse are read from the stream again by the replay, and end with the present verdict', async () => {
  const stack = await startConnectedStack(2)
  const end = refuse(stack, allDown)
  for (const address of [ann, 'bob@example.com']) await stack.receive('p000', address, 'hard')
  await stack.receive('p001', ann, 'complaint')
  await stack.aws.settled()
  expect(stack.logLines().at(-1)).toMatchObject({ outcome: 'failed', notKept: expect.stringMatching(/AccessDenied/) })
  const [letter] = await letters(stack)
  expect(letter).toMatchObject({
    queue: 'propagate-suppression',
    event: expect.stringMatching(/changes? of the list/),
    cause: 'RetryAttemptsExhausted: the log of propagate-suppression says why',
  })
  end()
  stack.clock.advance(minutes(10))
  await stack.reinstate('p000', ann)
  await stack.aws.settled()
  expect(published(stack)).toEqual([`Address Reinstated ${ann}`])

  const { results } = (await ask(stack, { do: 'replay', queue: 'propagate-suppression' })) as { results: unknown[] }
  expect(results.length).toBeGreaterThan(0)
  expect(await letters(stack)).toEqual([])
  const all = published(stack)
  expect(all.slice(1).sort()).toEqual([
    `Address Reinstated ${ann}`,
    `Address Suppressed ${ann}`,
    `Address Suppressed ${ann}`,
    'Address Suppressed bob@example.com',
  ])
  // The event of the reinstatement comes again after the late one, with its first id.
  expect(all.lastIndexOf(`Address Reinstated ${ann}`)).toBeGreaterThan(all.indexOf(`Address Suppressed ${ann}`))
  const reinstated = stack.aws.eventbridge.events.filter((event) => event['detail-type'] === 'Address Reinstated')
  expect(new Set(reinstated.map(({ detail }) => Object(detail).id)).size).toBe(1)
  expect(stack.accountList('p000')).toEqual({ 'bob@example.com': 'BOUNCE' })
  expect(stack.accountList('p001')).toEqual({ [ann]: 'COMPLAINT' })
})

test('a letter whose records the stream no longer has is refused by the replay with the reason in the log, stays, and can be dropped', async () => {
  const stack = await startConnectedStack(1)
  const end = refuse(stack, allDown)
  await stack.receive('p000', ann, 'hard')
  await stack.aws.settled()
  end()
  stack.clock.advance(minutes(60 * 25))
  await stack.aws.settled()
  expect(await ask(stack, { do: 'replay', all: true })).toMatchObject({ results: [{ outcome: 'failed' }] })
  expect(stack.logLines().at(-1)).toMatchObject({ error: 'StreamTrimmedError' })
  expect(await letters(stack)).toHaveLength(1)
  expect(await ask(stack, { do: 'drop', queue: 'propagate-suppression' })).toMatchObject({ dropped: [{}] })
  expect(await letters(stack)).toEqual([])
  // The account list does not depend on the letter.
  await stack.runSchedule()
  expect(Object.keys(stack.accountList('p000'))).toEqual([ann])
})

test('failed runs of schedules are listed and shown, and the replay leaves them to the next run', async () => {
  const stack = await startConnectedStack(1)
  const names = ['check-feeds', 'judge-rates', 'prove-connections', 'reconcile-suppressions', 'report', 'seal-counts']
  for (const name of names) {
    for (let attempt = 0; attempt < 3; attempt++) stack.aws.lambda.crash(`sesame-dev-${name}`, 0)
    const schedule = stack.aws.eventbridge.schedules.find(({ functionArn }) => functionArn.endsWith(name))
    if (schedule) await stack.aws.eventbridge.fire(schedule)
    await stack.aws.settled()
  }
  expect((await letters(stack)).map(({ queue, event }) => `${queue}: ${event}`).sort()).toEqual(
    names.map((name) => `${name}: scheduled run`),
  )
  expect(await ask(stack, { do: 'replay', all: true })).toMatchObject({
    results: Array(names.length).fill({ outcome: 'ignored', why: 'The next scheduled run does the same work' }),
  })
  expect(await letters(stack)).toEqual([])
})

test('a change of a project that was deleted meanwhile is ignored when it is tried again', async () => {
  const stack = await startConnectedStack(1)
  const Key = { id: { S: 'p000' }, facet: { S: 'settings' } }
  await stack.dynamodb.send(new PutItemCommand({ TableName: projectsTable, Item: { ...Key, settings: { S: '{' } } }))
  await stack.receive('p000', ann, 'hard')
  await stack.aws.settled()
  expect(stack.retryMessages()).toHaveLength(1)
  await stack.dynamodb.send(new DeleteItemCommand({ TableName: projectsTable, Key }))
  await stack.aws.advance(minutes(1))
  expect(stack.outcomes().at(-1)).toBe('ignored: there is no such project')
  expect(stack.retryMessages()).toEqual([])
})
