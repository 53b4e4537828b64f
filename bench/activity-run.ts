/**
 * A million events through record-activity and seal-counts, 1 % of them twice, in any order, with crashes. The functions are the real ones, with the
 * client of DynamoDB that they use. The table is in memory, in this process.
 */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { Context } from 'aws-lambda'
import { createRequestHandler } from '../local/wire/request-handler.ts'
import type { Counts } from '../src/activity/counts.ts'
import { createStoredCounts } from '../src/activity/stored-counts.ts'
import { recordActivity } from '../src/handlers/record-activity.ts'
import { sealCounts } from '../src/handlers/seal-counts.ts'
import { createMailEvents, type Message, type SentMessage } from './activity-events.ts'
import { createMemoryDynamodb } from './memory-dynamodb.ts'
import { account, configurationSet, project } from './messages.ts'

export type ActivityFigures = {
  readonly events: number
  /** With copies, and with what was delivered again after a crash. */
  readonly deliveries: number
  readonly invocations: number
  readonly crashes: number
  readonly seals: number
  /** Largest difference of a live number from the truth before the last seal, as a part of the truth. */
  readonly liveError: number
  /** Kinds of events and days whose sealed number is not the truth. */
  readonly wrong: readonly string[]
  readonly kinds: number
  readonly units: ReturnType<typeof createMemoryDynamodb>['units']
  readonly sealReads: number
  readonly logBytes: number
  /** Microseconds of CPU time. */
  readonly cpuPerEvent: number
  readonly cpuPerPut: number
}

const batchSize = 100
const hourMs = 3_600_000
const tables = { ACTIVITY_TABLE: 'activity', COUNTS_TABLE: 'counts', PROJECTS_TABLE: 'projects' }

/** The same numbers in each run. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** In the order of arrival, the last first: half a day late at random, and one of a hundred up to three days. One of a hundred arrives twice. */
function arrivalsOf(messages: readonly SentMessage[], random: () => number): Message[] {
  const arrivals = [...messages, ...messages.filter(() => random() < 0.01)].map(({ message, sentAtMs }) => {
    const late = random() < 0.01 ? 72 : 12
    return { message, at: sentAtMs + random() * late * hourMs }
  })
  return arrivals.sort((one, other) => other.at - one.at).map(({ message }) => message)
}

function createBenchStack() {
  const memory = createMemoryDynamodb(
    { activity: ['bucket', 'event'], counts: ['counts', 'day'], projects: ['id', 'facet'] },
    'person',
  )
  memory.put('projects', { id: { S: `route#${account}` }, facet: { S: configurationSet }, project: { S: project } })
  const state = { at: Date.parse('2026-03-01T00:00:00Z'), logBytes: 0 }
  const client = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'bench' },
    requestHandler: createRequestHandler(memory.handle),
  }
  const log = (line: string) => {
    state.logBytes += line.length + 1
  }
  const runtime = {
    env: { ...tables, ACTIVITY_DAYS: '90' },
    client,
    log,
    now: () => new Date(state.at),
  }
  return { memory, state, client, record: recordActivity(runtime), seal: sealCounts(runtime) }
}

const context: Context = {
  awsRequestId: 'bench',
  getRemainingTimeInMillis: () => 900_000,
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'bench',
  functionVersion: '1',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:sesame-dev-bench',
  memoryLimitInMB: '256',
  logGroupName: 'bench',
  logStreamName: 'bench',
  done: () => {},
  fail: () => {},
  succeed: () => {},
}

export async function measureActivity(events: number): Promise<ActivityFigures> {
  const random = createRandom(7)
  const { memory, state, client, record, seal } = createBenchStack()
  const { messages, truth } = createMailEvents(events, random)
  const queue = arrivalsOf(messages, random)
  // Three days of hourly runs.
  const sealEvery = Math.max(1, Math.ceil(queue.length / batchSize / 72))
  const figures = { deliveries: 0, invocations: 0, crashes: 0, seals: 0, sealReads: 0 }
  let cpuUs = 0
  let measured = 0

  async function sealAll(crashAfter?: number) {
    state.at += hourMs
    const before = memory.units.reads
    memory.crashAfter(crashAfter)
    await seal({}, context).catch(() => undefined)
    memory.crashAfter()
    figures.sealReads += memory.units.reads - before
    figures.seals++
    if (crashAfter !== undefined) figures.crashes++
  }

  while (queue.length > 0) {
    const batch = queue.splice(-batchSize)
    const crashes = random() < 0.005
    memory.crashAfter(crashes ? Math.floor(random() * batchSize) : undefined)
    const begun = process.cpuUsage()
    const { batchItemFailures } = await record({ Records: batch }, context)
    const { user, system } = process.cpuUsage(begun)
    memory.crashAfter()
    if (crashes) figures.crashes++
    else {
      cpuUs += user + system
      measured += batch.length
    }
    figures.invocations++
    figures.deliveries += batch.length
    // SQS delivers them again later, beside others.
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
    for (const message of batch)
      if (failed.has(message.messageId))
        queue.splice(Math.max(0, queue.length - Math.floor(random() * 5_000)), 0, message)
    if (figures.invocations % sealEvery === 0) await sealAll(random() < 0.1 ? Math.floor(random() * 20) : undefined)
  }
  const stored = createStoredCounts(new DynamoDBClient(client), tables.COUNTS_TABLE)
  const days = [...truth.keys()].sort()
  const live = await stored.daysOf(project, days)
  const liveError = Math.max(
    ...days.map((day, index) => largestError(live[index]?.counts ?? new Map(), truth.get(day))),
  )
  // A big day waits for half of its age.
  state.at += 40 * 24 * hourMs
  await sealAll()
  const sealed = await stored.daysOf(project, days)
  const wrong = sealed.flatMap(({ day, counts, isExact }) => [
    ...differencesOf(day, counts, truth.get(day)),
    ...(isExact ? [] : [`${day} is not sealed`]),
  ])
  const kinds = [...truth.values()].reduce((sum, ofDay) => sum + ofDay.size, 0)
  const units = { ...memory.units }
  const cpuPerPut = await plainPut(new DynamoDBClient({ ...client, cacheMiddleware: true }), events)
  return {
    events,
    ...figures,
    liveError,
    wrong,
    kinds,
    units,
    logBytes: state.logBytes,
    cpuPerEvent: cpuUs / measured,
    cpuPerPut,
  }
}

type OfDay = ReadonlyMap<string, number>

function numbersOf(counts: Counts): Map<string, number> {
  const numbers = new Map<string, number>()
  for (const { type, detail, count } of counts.values()) {
    const kind = detail === undefined ? type : `${type} ${detail}`
    numbers.set(kind, (numbers.get(kind) ?? 0) + count)
  }
  return numbers
}

function differencesOf(day: string, counts: Counts, truth: OfDay = new Map()): string[] {
  const numbers = numbersOf(counts)
  return [...new Set([...numbers.keys(), ...truth.keys()])].flatMap((kind) => {
    const [sealed, true_] = [numbers.get(kind) ?? 0, truth.get(kind) ?? 0]
    return sealed === true_ ? [] : [`${day} ${kind}: ${sealed}, not ${true_}`]
  })
}

const largestError = (counts: Counts, truth: OfDay = new Map()): number =>
  Math.max(...[...truth].map(([kind, number]) => Math.abs((numbersOf(counts).get(kind) ?? 0) - number) / number))

/** CPU microseconds of putting one item with the same client and table. */
async function plainPut(dynamodb: DynamoDBClient, events: number): Promise<number> {
  const puts = Math.min(20_000, events)
  const begun = process.cpuUsage()
  for (let n = 0; n < puts; n++) {
    const Item = {
      bucket: { S: 'other#2026-03-01#0' },
      event: {
        S: `0100019a5b000000-${String(n).padStart(8, '0')}-4f50-6172-8394-a5b6c7d8e9f0-000000#Send#some.customer.${n}@mail.example.com#`,
      },
      type: { S: 'Send' },
      at: { S: '2026-03-01T00:00:00.000Z' },
      nth: { N: '0' },
      hour: { N: '0' },
      expiresAt: { N: '1780000000' },
      address: { S: `some.customer.${n}@mail.example.com` },
      configurationSet: { S: configurationSet },
    }
    await dynamodb.send(new PutItemCommand({ TableName: tables.ACTIVITY_TABLE, Item }))
  }
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / puts
}
