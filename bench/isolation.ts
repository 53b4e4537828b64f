/**
 * `npm run bench:isolation`: whether projects in trouble delay the others. Prints the tables and writes bench/ISOLATION.md.
 *
 * Three scenarios: changes that are propagated, on the embedded AWS under the deployed roles; the scheduled run, with the code of the function
 * and a customer's account that answers in virtual time; and a day of proofs, in virtual time as well.
 */
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { type ProofRun, proveDue } from '../src/access/proof/prove-due.ts'
import type { Connection, UsableConnection } from '../src/projects/connection.ts'
import type { DueEntry } from '../src/projects/due-work.ts'
import { readProject } from '../src/projects/project.ts'
import { nextProofAt } from '../src/projects/proof-schedule.ts'
import type { AccountList } from '../src/propagation/account-list.ts'
import { createAccountTokenBuckets } from '../src/propagation/account-token-buckets.ts'
import { createScheduledRun } from '../src/propagation/scheduled-run.ts'
import { minutes, startConnectedStack } from './connected-stack.ts'
import { markdown, type Table } from './report.ts'
import { createVirtualTime } from './virtual-time.ts'

const start = new Date('2026-03-04T00:00:00.000Z')
const roundMs = 810_000

const connectionOf = (project: string, account: string): UsableConnection => ({
  project,
  account,
  region: 'us-east-1',
  roleArn: `arn:aws:iam::${account}:role/sesame/sesame-${project}`,
  externalId: '0'.repeat(32),
  topics: 'ours',
  features: ['reading', 'suppression'],
  state: 'proven',
  revision: 'r1',
})

export type Flood = {
  readonly projects: number
  readonly events: number
  /** Projects whose bounce is on their account list, of those that are not in trouble. */
  readonly served: number
  readonly invocations: number
  /** Messages of the flooding project in the shared retry queue, at most. */
  readonly messages: number
  readonly seconds: number
}

/** One project receives many events at once, in front of the single events of all others. One project has lost its role. */
export async function flood(projects: number, events: number): Promise<Flood> {
  const stack = await startConnectedStack(projects)
  const [flooding = '', dead = '', ...others] = stack.ids
  stack.sesAccount(flooding).throttle.perSecond = 1
  stack.deleteRole(stack.connectionOf(dead))
  const began = performance.now()
  for (let from = 0; from < events; from += 100)
    await Promise.all(
      Array.from({ length: Math.min(100, events - from) }, (_, i) =>
        stack.receive(flooding, `person${from + i}@example.com`, 'hard'),
      ),
    )
  await Promise.all([dead, ...others].map((id) => stack.receive(id, 'ann@example.com', 'hard')))
  await stack.aws.settled()
  const served = others.filter((id) => 'ann@example.com' in stack.accountList(id)).length
  const name = 'sesame-dev-propagate-suppression'
  return {
    projects,
    events,
    served,
    invocations: stack.aws.lambda.attempts.filter(({ functionName }) => functionName === name).length,
    messages: stack.retryMessages().length,
    seconds: (performance.now() - began) / 1_000,
  }
}

export type Round = {
  readonly projects: number
  /** Times after the beginning of the round at which the others were done, in seconds. */
  readonly median: number
  readonly last: number
  readonly unserved: number
  /** Calls to the account that does not answer, and what the project with many expiries achieved. */
  readonly callsToDead: number
  readonly lifted: number
}

/**
 * One scheduled run: every project is due and needs one page of its account list.
 * @param trouble one project whose account does not answer, and one with so many suppressions that have expired
 */
export async function round(projects: number, trouble?: { expiries: number }): Promise<Round> {
  const time = createVirtualTime(start)
  const { now, sleep } = time
  const [dead, flooding] = trouble ? ['p0', 'p1'] : [undefined, undefined]
  const ids = Array.from({ length: projects }, (_, i) => `p${i}`)
  const expiries = new Map(flooding === undefined ? [] : [[flooding, trouble?.expiries ?? 0]])
  if (dead !== undefined) expiries.set(dead, 270)
  const bucketOf = createAccountTokenBuckets({ perSecond: 1, now, wait: sleep })
  const doneAt = new Map<string, number>()
  let [callsToDead, lifted] = [0, 0]

  const accountOf = (id: string) => String(100_000_000_000 + Number(id.slice(1)))
  /** A call to SES: it waits for its turn. An account that does not answer takes the timeout of 3 s. */
  async function call(id: string): Promise<void> {
    await bucketOf({ account: accountOf(id), region: 'us-east-1' }).take()
    await sleep(id === dead ? 3_000 : 80)
    if (id !== dead) return
    callsToDead++
    throw Object.assign(new Error('no answer'), { name: 'TimeoutError' })
  }
  const read = async <T>(value: T): Promise<T> => {
    await sleep(5)
    return value
  }
  const unused = () => Promise.reject(new Error('The round does not call it'))
  const list: AccountList = {
    put: unused,
    remove: unused,
    readPage: unused,
    findSpellings: unused,
    hasProductionAccess: unused,
  }

  const run = createScheduledRun({
    projects: { find: (id) => read(readProject({ id, account: accountOf(id) })) },
    connections: { find: (id) => read(connectionOf(id, accountOf(id))) },
    states: { find: () => read({}) },
    expired: {
      listDue: (id, at, limit) =>
        read(
          Array.from({ length: Math.min(limit, expiries.get(id) ?? 0) }, (_, i) => ({
            project: id,
            address: `a${i}@example.com`,
            at,
          })),
        ),
      remove: async (due) => {
        const [first] = due
        if (first) expiries.set(first.project, (expiries.get(first.project) ?? 0) - due.length)
        await sleep(due.length / 2)
      },
      moveOld: async () => undefined,
    },
    outOfSync: { mark: () => read(undefined) },
    applier: {
      read: () => read([]),
      apply: async ({ project }) => {
        await call(project.id)
        return 'lifted there'
      },
    },
    listOf: () => list,
    // One page; and for the project with the expiries, a removal per call.
    reconcile: async ({ id, until }) => {
      await call(id)
      while (id === flooding && lifted < (trouble?.expiries ?? 0)) {
        if (now() >= until) return { state: 'going on' }
        await call(id)
        lifted++
      }
      doneAt.set(id, now().getTime() - start.getTime())
      return { state: 'finished' }
    },
    listDue: () => read(new Map<string, readonly DueEntry[]>(ids.map((id) => [id, []]))),
    nextSlice: async () => ({ projects: [], next: undefined }),
    due: { add: () => read(undefined) },
    done: { remove: () => read(undefined), savePass: () => read(undefined) },
    now,
  })
  await time.run(() => run(new Date(start.getTime() + roundMs), () => undefined))
  const others = ids.filter((id) => id !== dead && id !== flooding)
  const seconds = others.flatMap((id) => doneAt.get(id) ?? []).sort((a, b) => a - b)
  return {
    projects,
    median: (seconds[Math.floor(seconds.length / 2)] ?? 0) / 1_000,
    last: (seconds.at(-1) ?? 0) / 1_000,
    unserved: others.length - seconds.length,
    callsToDead,
    lifted,
  }
}

export type ProofDay = {
  readonly connections: number
  readonly proven: number
  readonly left: number
  readonly longestRun: number
}

/**
 * A day of runs, each of at most 810 s. A proof takes 10 s: some 40 calls, and the pauses that SES's rate demands.
 * @param slow so many of the connections take 60 s, because their accounts throttle each call
 */
export async function dayOfProofs(connections: number, slow = 0): Promise<ProofDay> {
  const time = createVirtualTime(start)
  const { now, sleep } = time
  const checkedAt = new Map<string, Date>()
  const due = new Map<string, DueEntry[]>()
  const entryAt = (project: string, at: Date): DueEntry => ({ project, at, stamp: '', tries: 0 })
  for (let i = 0; i < connections; i++) due.set(`p${i}`, [entryAt(`p${i}`, nextProofAt(`p${i}`, start))])
  const actor = { by: 'bench' }
  const deployment = { partition: 'aws', region: 'us-east-1', account: '123456789012' }
  let [proven, longestRun] = [0, 0]
  let last: ProofRun = { proven: 0, left: 0 }
  for (let quarter = 1; quarter <= 96; quarter++) {
    const began = new Date(start.getTime() + minutes(15 * quarter))
    time.moveTo(began)
    last = await time.run(() =>
      proveDue(
        {
          connections: {
            find: async (project): Promise<Connection> => {
              const at = checkedAt.get(project)
              return { ...connectionOf(project, '111122223333'), ...(at && { checkedAt: at }) }
            },
          },
          listDue: async (at) => new Map([...due].filter(([, entries]) => entries.some((entry) => entry.at <= at))),
          nextSlice: async () => ({ projects: [], next: undefined }),
          schedule: {
            move: async (project, _, at) => void due.set(project, at ? [entryAt(project, at)] : []),
            savePass: async () => undefined,
          },
          prove: async ({ project }) => {
            await sleep(Number(project.slice(1)) < slow ? 60_000 : 10_000)
            return { at: now(), steps: [], usedNextId: false }
          },
          settle: async ({ project }) => {
            checkedAt.set(project, now())
            return { conclusion: 'passed', state: 'proven' }
          },
          report: () => undefined,
          tally: () => undefined,
          now,
          hasTimeLeft: () => now().getTime() < began.getTime() + roundMs,
        },
        deployment,
        actor,
      ),
    )
    proven += last.proven
    longestRun = Math.max(longestRun, (now().getTime() - began.getTime()) / 1_000)
  }
  return { connections, proven, left: last.left, longestRun }
}

/** `bench/ISOLATION.md`, from the figures of the three scenarios. */
export function isolationPage(floods: readonly Flood[], rounds: readonly Round[], days: readonly ProofDay[]): string {
  const tables: Table[] = [
    {
      title: 'Changes: one project is flooded, one has lost its role',
      head: [
        'projects',
        'events of the flooded one',
        'others served',
        'invocations',
        'its messages in the retry queue',
        'seconds of this machine',
      ],
      rows: floods.map((one) =>
        [
          one.projects,
          one.events,
          `${one.served} of ${one.projects - 2}`,
          one.invocations,
          one.messages,
          one.seconds.toFixed(0),
        ].map(String),
      ),
    },
    {
      title: 'One scheduled run: every project is due',
      head: [
        'projects',
        'in trouble',
        'others done: median',
        'last',
        'others not done',
        'calls to the account that does not answer',
        'expired addresses lifted',
      ],
      rows: rounds.map((one, i) => [
        String(one.projects),
        i === 0 ? 'none' : 'one does not answer, one has 5,000 expiries',
        `${one.median.toFixed(1)} s`,
        `${one.last.toFixed(1)} s`,
        String(one.unserved),
        String(one.callsToDead),
        String(one.lifted),
      ]),
    },
    {
      title: 'A day of proofs of 10 s each',
      head: ['connections', 'proven in the day', 'left at its end', 'longest run'],
      rows: days.map((one, i) => [
        `${one.connections}${i === 2 ? ', 5,000 of them take 60 s' : ''}`,
        String(one.proven),
        String(one.left),
        `${one.longestRun.toFixed(0)} s`,
      ]),
    },
  ]
  return `${intro}\n${tables.map(markdown).join('\n\n')}\n`
}

const intro = `# Isolation

Whether projects in trouble delay the others. \`npm run bench:isolation\` writes this page. Why it is built so:
[docs/design/propagation.md](../docs/design/propagation.md#how-are-the-projects-found-that-are-due).

The first table runs the deployed functions on the embedded AWS, whose clock stands still: the flooded account accepts one call, and the
others follow in the same stream. The second and the third run the code of the scheduled functions against accounts that answer in virtual
time: a call of SES takes 80 ms and its turn in the token bucket, a read of our table 5 ms, and an account that does not answer 3 s.
`

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const rounds = [await round(9_998), await round(10_000, { expiries: 5_000 })]
  const days = [await dayOfProofs(10_000), await dayOfProofs(100_000), await dayOfProofs(100_000, 5_000)]
  const floods = [await flood(200, 10_000), await flood(10_000, 100_000)]
  const page = isolationPage(floods, rounds, days)
  writeFileSync(new URL('ISOLATION.md', import.meta.url), page)
  console.log(page)
}
