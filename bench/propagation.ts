/**
 * Counts what a propagation costs (sessions, calls in customers' accounts, requests to our tables), and measures its lag if an account allows
 * one call a second. Runs on the embedded AWS, under the deployed roles. The lag is in the time of the embedded AWS's clock.
 */
import { pathToFileURL } from 'node:url'
import { concurrently } from '../src/concurrently.ts'
import { importRulingTextsOf } from '../src/suppression/import-ruling.ts'
import { createRulings } from '../src/suppression/rule-by-hand.ts'
import {
  createPassingClock,
  minutes,
  projectsTable,
  startConnectedStack,
  suppressionsTable,
} from './connected-stack.ts'
import { markdown, type Table } from './report.ts'

export type PropagationCost = {
  readonly projects: number
  readonly changes: number
  readonly sessions: number
  readonly sesCalls: number
  readonly reads: number
  readonly writes: number
  readonly invocations: number
}

const addressOf = (n: number) => `some.customer.${n}@mail-${n % 7}.example.com`
/** Bounces that arrive at once. */
const burst = 100
const functionUnderTest = 'sesame-dev-propagate-suppression'

/**
 * Records hard bounces over the projects in turn, and waits until all are propagated.
 *
 * @param changes number of hard bounces
 */
export async function propagationCost(projects: number, changes: number): Promise<PropagationCost> {
  const stack = await startConnectedStack(projects)
  const { aws, ids } = stack
  const before = stack.countSessions()
  for (let from = 0; from < changes; from += burst)
    await Promise.all(
      Array.from({ length: burst }, (_, i) =>
        stack.receive(ids[(from + i) % projects] ?? '', addressOf(from + i), 'hard'),
      ),
    )
  // The cost of recording the bounces is counted in capacity.ts.
  const recorded = aws.dynamodb.meter(suppressionsTable).writes
  await aws.settled()
  const meters = [aws.dynamodb.meter(suppressionsTable), aws.dynamodb.meter(projectsTable)]
  const attempts = aws.lambda.attempts.filter(({ functionName }) => functionName === functionUnderTest)
  return {
    projects,
    changes,
    sessions: stack.countSessions() - before - attempts.filter(({ coldStart }) => coldStart).length,
    sesCalls: Object.values(stack.customerCalls()).reduce((sum, count) => sum + count, 0),
    reads: meters.reduce((sum, { reads }) => sum + reads, 0),
    writes: meters.reduce((sum, { writes }) => sum + writes, 0) - recorded - 3 * projects,
    invocations: attempts.length,
  }
}

/** Seconds until all bounces that arrive at once are on the account list. */
export async function lagSeconds(changes: number, callsPerSecond: number): Promise<number> {
  const stack = await startConnectedStack(1)
  const [id = ''] = stack.ids
  stack.sesAccount(id).throttle.perSecond = callsPerSecond
  const begun = stack.clock.now().getTime()
  for (let n = 0; n < changes; n++) await stack.receive(id, addressOf(n), 'hard')
  await stack.aws.settled()
  while (Object.keys(stack.accountList(id)).length < changes) await stack.aws.advance(1_000)
  return (stack.clock.now().getTime() - begun) / 1_000
}

export type ImportCost = {
  readonly rulings: number
  /** Calls in the customer's account before the reconcile. */
  readonly callsAtOnce: number
  readonly eventsPerAddress: number
  readonly sessions: number
  readonly sesCalls: number
  /** Calls that SES refused because of its rate. */
  readonly throttled: number
  readonly runs: number
  readonly hours: number
}

/** Imports rulings, and reconciles on schedule until the account list has all of them. SES takes one call a second. */
export async function importCost(rulings: number): Promise<ImportCost> {
  const stack = await startConnectedStack(1, { clock: createPassingClock(), env: { SESAME_SES_CALLS_PER_SECOND: '1' } })
  const { aws, clock } = stack
  const [id = ''] = stack.ids
  await stack.runSchedule()
  const before = { calls: stack.customerCalls(), sessions: stack.countSessions() }
  stack.sesAccount(id).throttle.perSecond = 1
  const writer = createRulings(stack.dynamodb, suppressionsTable, () => clock.now())
  const texts = importRulingTextsOf({ source: 'sendgrid', cause: 'hard bounce', detail: '' })
  await concurrently(Array.from({ length: rulings }).keys(), burst, async (n) => {
    await writer.suppress(id, addressOf(n), { at: new Date('2024-03-01T10:00:00Z'), ...texts })
  })
  await aws.settled()
  const sumOf = (calls: Readonly<Record<string, number>>) => Object.values(calls).reduce((sum, one) => sum + one, 0)
  const callsAtOnce = sumOf(stack.customerCalls()) - sumOf(before.calls)
  const begun = clock.now().getTime()
  let runs = 0
  await aws.advance(minutes(15))
  while (Object.keys(stack.accountList(id)).length < rulings) {
    const firedAt = clock.now().getTime()
    await stack.runSchedule()
    runs++
    await aws.advance(Math.max(0, firedAt + minutes(15) - clock.now().getTime()))
  }
  return {
    rulings,
    callsAtOnce,
    eventsPerAddress: aws.eventbridge.events.filter((one) => one['detail-type'].startsWith('Address')).length,
    sessions: stack.countSessions() - before.sessions,
    sesCalls: sumOf(stack.customerCalls()) - sumOf(before.calls),
    throttled: (stack.customerCalls()['ses:PutSuppressedDestination'] ?? 0) - rulings,
    runs,
    hours: (clock.now().getTime() - begun) / 3_600_000,
  }
}

const importedRulings = 1_000

const importRow = (cost: ImportCost): string[] => [
  cost.rulings.toLocaleString('en'),
  ...[cost.sessions, cost.sesCalls, cost.throttled, cost.eventsPerAddress, cost.runs].map((count) =>
    count.toLocaleString('en'),
  ),
  cost.hours.toFixed(2),
]

export async function propagationTables(): Promise<Table[]> {
  const costs: PropagationCost[] = []
  for (const projects of [1, 10, 500]) costs.push(await propagationCost(projects, 1_000))
  const each = (count: number, { changes }: PropagationCost) => (count / changes).toFixed(2)
  const lags: string[][] = []
  for (const changes of [1, 10, 50])
    lags.push([String(changes), String(await lagSeconds(changes, 1)), String(await lagSeconds(changes, 10))])
  return [
    {
      title: 'Propagation of 1,000 changes',
      head: ['projects', 'sessions', 'SES calls a change', 'reads a change', 'writes a change', 'invocations'],
      rows: costs.map((cost) => [
        String(cost.projects),
        String(cost.sessions),
        each(cost.sesCalls, cost),
        each(cost.reads, cost),
        each(cost.writes, cost),
        String(cost.invocations),
      ]),
    },
    {
      title: 'Import of rulings, if SES takes 1 call a second',
      head: [
        'rulings',
        'sessions',
        'SES calls',
        'of them refused',
        'events for single addresses',
        'scheduled runs',
        'hours',
      ],
      rows: [importRow(await importCost(importedRulings))],
    },
    {
      title: 'Lag of the last of so many changes at once, in seconds of the clock',
      head: ['changes of one project', 'SES takes 1 call a second', 'SES takes 10 calls a second'],
      rows: lags,
    },
  ]
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  console.log((await propagationTables()).map(markdown).join('\n\n'))
