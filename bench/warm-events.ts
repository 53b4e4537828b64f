/**
 * CPU of warm events. Runs as a process of its own: everything that this process burns is the function's doing, garbage collection
 * and all. It takes bundles in turns, round by round, and reports the microseconds of CPU for one event in each round.
 * What the function logs goes to standard output, as on Lambda.
 */
import { createRequire } from 'node:module'
import { eventOf, type LambdaEvent, type Situation } from './messages.ts'

export const situations = {
  '1 recipient': { kind: 'hard', recipients: 1 },
  '10 recipients, per address': { kind: 'hard', recipients: 10 },
  'soft bounce': { kind: 'soft', recipients: 1 },
  complaint: { kind: 'complaint', recipients: 1 },
  'ignored echo': { kind: 'echo', recipients: 1 },
} as const satisfies Record<string, Situation>

export type Measured = keyof typeof situations | 'parse' | 'plain put' | 'put with the settings of our client'

/** What the parent asks for; the answer is microseconds by round. */
export type WarmEvents = {
  readonly bundles: { readonly bounce: string; readonly complaint: string; readonly plainPut: string }
  /** What the plain put puts: the item that the function under test leaves in the table, as DynamoDB's JSON. */
  readonly item: object
  readonly rounds: number
  readonly events: number
}
export type WarmResult = Record<Measured, number[]>

/** One event of what is measured, and how many addresses it is about. */
type Task = {
  readonly once: (n: number) => Promise<unknown>
  readonly addresses: number
  /** Cheap ones are done more often, for the clock's sake. */
  readonly times: number
}

/** Other people in each event, but not forever others: made before the clock runs. */
const distinct = 50

/** Events before the clock runs, so that what is measured is compiled as in a function that has been warm for a while. */
const warmUp = 1_500

process.on('message', async (order: WarmEvents) => {
  const tasks = tasksOf(order)
  for (const task of tasks.values()) await cpuOf(task, warmUp)
  const result = Object.fromEntries([...tasks.keys()].map((name) => [name, [] as number[]])) as WarmResult
  for (let round = 0; round < order.rounds; round += 1) {
    for (const [name, task] of inTurn(tasks, round)) result[name].push(await cpuOf(task, order.events))
  }
  process.send?.(result, () => process.disconnect())
})

function tasksOf({ bundles, item }: WarmEvents): Map<Measured, Task> {
  const tasks = new Map<Measured, Task>()
  for (const [name, situation] of Object.entries(situations) as [keyof typeof situations, Situation][]) {
    const { handler } = loadAnew(situation.kind === 'complaint' ? bundles.complaint : bundles.bounce)
    const events = eventsOf(situation)
    const once = (n: number) => handler(events[n], {})
    const { recipients } = situation
    tasks.set(name, { once, addresses: recipients, times: situation.kind === 'echo' ? 10 : 1 / recipients })
  }
  const messages = eventsOf(situations['1 recipient']).map((event) => event.Records[0]?.Sns.Message ?? '')
  tasks.set('parse', { once: async (n) => JSON.parse(messages[n] ?? ''), addresses: 1, times: 50 })
  const plainPut = loadAnew(bundles.plainPut).handler
  tasks.set('plain put', { once: () => plainPut(item), addresses: 1, times: 1 })
  const tunedPut = loadAnew(bundles.plainPut).putWith({ cacheMiddleware: true })
  tasks.set('put with the settings of our client', { once: () => tunedPut(item), addresses: 1, times: 1 })
  return tasks
}

const require = createRequire(import.meta.url)

/** Each task has a bundle of its own: else the one that shares code with most others would be compiled best. */
function loadAnew(bundle: string) {
  delete require.cache[require.resolve(bundle)]
  return require(bundle)
}

const eventsOf = (situation: Situation): LambdaEvent[] =>
  Array.from({ length: distinct }, (_, n) => eventOf(situation, n))

/** Each round begins with another task, so that none is always measured right after the same other. */
function inTurn<Key, Value>(map: ReadonlyMap<Key, Value>, round: number): [Key, Value][] {
  const entries = [...map]
  const first = round % entries.length
  return [...entries.slice(first), ...entries.slice(0, first)]
}

async function cpuOf({ once, addresses, times }: Task, events: number): Promise<number> {
  const count = Math.ceil(events * times)
  const before = process.cpuUsage()
  for (let n = 0; n < count; n += 1) await once(n % distinct)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count / addresses
}
