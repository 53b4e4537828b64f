/**
 * Measures the CPU time of warm events. It runs as a process of its own, so all CPU time of the process, including garbage collection, belongs to
 * the function. The bundles take turns, and each round gives the microseconds of CPU time per event. The function logs to standard output, as
 * on Lambda.
 */
import { createRequire } from 'node:module'
import { eventOf, type LambdaEvent, type Situation } from './messages.ts'

export const situations = {
  '1 recipient': { kind: 'hard', recipients: 1 },
  '10 recipients, per address': { kind: 'hard', recipients: 10 },
  '50 recipients, per address': { kind: 'hard', recipients: 50 },
  'soft bounce': { kind: 'soft', recipients: 1 },
  complaint: { kind: 'complaint', recipients: 1 },
  'stored echo': { kind: 'echo', recipients: 1 },
} as const satisfies Record<string, Situation>

export type Measured = keyof typeof situations | 'parse' | 'plain put' | 'raw signed request'

/** The request of the parent process. The response is WarmResult. */
export type WarmEvents = {
  readonly bundles: { readonly [name in 'bounce' | 'complaint' | 'plainPut' | 'rawPut']: string }
  /** The item that the plain put writes, which is the item that the function under test writes, as DynamoDB's JSON. */
  readonly item: object
  readonly rounds: number
  readonly events: number
}
/** Microseconds of CPU time per event and address, by round. */
export type WarmResult = Record<Measured, number[]>

/** Something to measure. */
type MeasuredTask = {
  /** Handles one event. */
  readonly once: (n: number) => Promise<unknown>
  /** The number of addresses in an event. */
  readonly addresses: number
  /** Cheap events are repeated, because the clock is coarse. */
  readonly times: number
}

/** Number of different events, made before the measurement begins. */
const distinctEvents = 50

/** Events before the measurement begins, so that the code is compiled as in a function that has been warm for a while. */
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

function tasksOf({ bundles, item }: WarmEvents): Map<Measured, MeasuredTask> {
  const tasks = new Map<Measured, MeasuredTask>()
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
  const rawPut = loadAnew(bundles.rawPut).handler
  tasks.set('raw signed request', { once: () => rawPut(item), addresses: 1, times: 1 })
  return tasks
}

const require = createRequire(import.meta.url)

/** Loads a separate copy of the bundle for each task. With a shared copy, the task that shares most code would be compiled best. */
function loadAnew(bundle: string) {
  delete require.cache[require.resolve(bundle)]
  return require(bundle)
}

const eventsOf = (situation: Situation): LambdaEvent[] =>
  Array.from({ length: distinctEvents }, (_, n) => eventOf(situation, n))

/** Each round begins with another task, so that no task always follows the same other task. */
function inTurn<Key, Value>(map: ReadonlyMap<Key, Value>, round: number): [Key, Value][] {
  const entries = [...map]
  const first = round % entries.length
  return [...entries.slice(first), ...entries.slice(0, first)]
}

async function cpuOf({ once, addresses, times }: MeasuredTask, events: number): Promise<number> {
  const count = Math.ceil(events * times)
  const before = process.cpuUsage()
  for (let n = 0; n < count; n += 1) await once(n % distinctEvents)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count / addresses
}
