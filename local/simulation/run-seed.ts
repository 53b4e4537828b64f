/** One run of a seed: faults while customers, applications and readers act; then healing, until nothing is left to do. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { createListReader } from '../../src/suppression/read-list.ts'
import { defaultRules } from '../../src/suppression/rules.ts'
import type { Aws } from '../aws.ts'
import type { HandlerFactory } from '../lambda/function.ts'
import { type Actors, createActors } from './actors.ts'
import { createFaults } from './faults.ts'
import { createHistory } from './history.ts'
import { createMachine, type Machine } from './machine.ts'
import type { Outcome } from './outcome.ts'
import { type Act, parties, planOf, troubledMs } from './plan.ts'
import { profileOf } from './profile.ts'
import { createRandom, type Random } from './random.ts'
import { quiet, realPause, useMachine } from './take-over.ts'
import { createWorld, invoke, suppressionsTable, type World } from './world.ts'

export type RunOptions = {
  readonly seed: string
  readonly handlers: ReadonlyMap<string, HandlerFactory>
  /** The acts and the faults that happen. Default: all that the seed draws. */
  readonly acts?: ReadonlySet<number> | undefined
  readonly faults?: ReadonlySet<string> | undefined
  /** The first run of a process: the AWS SDK reads its configuration files, and the run waits for them in real time. */
  readonly isWarmUp?: boolean
}

const minuteMs = 60_000
/** After the faults, all must be well within this virtual time. */
const healingBoundMs = 26 * 60 * minuteMs

export async function runSeed(options: RunOptions): Promise<Outcome> {
  const { seed, handlers } = options
  const profile = profileOf(seed)
  const plan = planOf(seed, profile).filter(({ id }) => options.acts?.has(id) ?? true)
  const startMs = Date.UTC(2026, 2, 1) + createRandom(`${seed}/start`).below(30 * 86_400_000)
  const machine = createMachine(seed, startMs, quiet)
  useMachine(machine)
  const history = createHistory(machine)
  const faults = createFaults({ seed, profile, machine, only: options.faults, observe: history.observe })
  const world = await complete(machine, createWorld({ seed, machine, profile, faults, handlers }), options.isWarmUp)
  const actors = createActors(world, machine)
  world.aws.dynamodb.resetMeter()

  const startedMs = machine.now()
  await troubledPhase(machine, world, actors, plan, seed)
  faults.heal()
  const healed = await heal(machine, world, actors)
  const accountLists = accountListsOf(world.aws)
  const end = await complete(machine, readEnd(world, machine))
  const attempts = world.aws.lambda.attempts.map(({ functionName, number, finished }) => ({
    functionName,
    number,
    error: finished.failure?.errorType,
  }))
  useMachine(undefined)
  return {
    seed,
    profile,
    plan,
    faults: faults.happened,
    history,
    told: actors.told,
    ownersEntries: actors.ownersEntries,
    connections: world.connections,
    startedMs,
    endedMs: machine.now(),
    ...healed,
    accountLists,
    ...end,
    attempts,
    denials: denialsIn(world.aws),
    writeUnits: world.aws.dynamodb.meter(suppressionsTable).writeUnits,
    defects: [...machine.defects, ...world.aws.defects],
  }
}

/** A customer's role may be missing, and the probe tries what must be denied. Every other call of a function must be allowed. */
const denialsIn = (aws: Aws): string[] =>
  aws.record
    .filter(({ verdict, account, service }) => verdict === 'denied' && account === aws.account && service !== 'sts')
    .map(({ role, action }) => `${role} ${action}`)

/** Runs the machine until a promise is settled. */
async function complete<Result>(machine: Machine, promise: Promise<Result>, isWarmUp = false): Promise<Result> {
  let isDone = false
  const end = () => {
    isDone = true
  }
  promise.then(end, end)
  await quiet()
  while (!isDone) {
    const next = machine.nextAt()
    if (next !== undefined) await machine.runUntil(next)
    else if (isWarmUp) await realPause()
    else throw new Error('The simulation waits for something that will never happen')
  }
  return promise
}

async function troubledPhase(machine: Machine, world: World, actors: Actors, plan: readonly Act[], seed: string) {
  for (const act of plan) machine.start(act.atMs, () => actors.perform(act))
  const random = createRandom(`${seed}/schedules`)
  const startMs = machine.now()
  // Pollers and schedules: each minute, and each quarter of an hour.
  for (let minute = 1; minute * minuteMs <= troubledMs; minute += 3) {
    await machine.runUntil(startMs + minute * minuteMs)
    tick(machine, world.aws)
    if (minute % 30 === 1 && random.chance(0.5)) fireSchedules(machine, world.aws, random)
  }
  await machine.runUntil(startMs + troubledMs)
}

/** An empty queue has nothing for a poller. In healing, every poller polls, because a poll of a stream may have failed. */
function tick(machine: Machine, aws: Aws, isHealing = false): void {
  aws.cloudtrail.deliver(new Date(machine.now()))
  if (isHealing || leftIn(aws).length > 0 || machine.random.chance(0.1)) aws.lambda.poll()
}

/** The odds of a schedule to run in a quarter. A proof makes many calls, and the account lists depend on the reconcile. */
const oddsOf = (functionArn: string): number =>
  functionArn.includes('prove') ? 0.05 : functionArn.includes('reconcile') ? 0.35 : 0.15

function fireSchedules(machine: Machine, aws: Aws, random: Random): void {
  for (const schedule of aws.eventbridge.schedules)
    if (random.chance(oddsOf(schedule.functionArn))) machine.start(0, () => aws.eventbridge.fire(schedule))
}

/** In healing, the reconcile runs each time. */
function fireReconcile(machine: Machine, aws: Aws): void {
  for (const schedule of aws.eventbridge.schedules)
    if (schedule.functionArn.includes('reconcile')) machine.start(0, () => aws.eventbridge.fire(schedule))
}

/** Lets time pass without faults, and replays dead letters as an operator does, until nothing is left to do. */
async function heal(
  machine: Machine,
  world: World,
  actors: Actors,
): Promise<Pick<Outcome, 'healedAfterMs' | 'leftOver' | 'replayed'>> {
  const startMs = machine.now()
  let replayed = 0
  for (let stepMs = 15 * minuteMs; machine.now() - startMs < healingBoundMs; stepMs *= 2) {
    fireReconcile(machine, world.aws)
    // What is due soon is seen by the pollers soon.
    for (const afterMs of [1, 5, 15]) {
      await machine.runUntil(machine.now() + afterMs * minuteMs)
      tick(machine, world.aws, true)
    }
    await machine.runUntil(machine.now() + stepMs)
    tick(machine, world.aws, true)
    await machine.runUntil(machine.now() + minuteMs)
    replayed += await complete(machine, replayDeadLetters(world.aws))
    await machine.runUntil(machine.now() + 2 * minuteMs)
    const isDone = leftIn(world.aws).length === 0 && actors.pending() === 0
    if (isDone && machine.now() - startMs > 2 * 60 * minuteMs)
      return { healedAfterMs: machine.now() - startMs, leftOver: [], replayed }
  }
  return { healedAfterMs: undefined, leftOver: [...leftIn(world.aws), `${actors.pending()} acts`], replayed }
}

/** Queues that are not empty. */
const leftIn = (aws: Aws): string[] =>
  [...aws.sqs.queues.values()]
    .filter(({ name, messages }) => messages.length > 0 && !isOfScheduledRun(name))
    .map(({ name, messages }) => `${name}: ${messages.length}`)

/** The next run does what a failed run left. */
const isOfScheduledRun = (queue: string): boolean => /(reconcile|prove|seal)[\w-]*-dead-letters$/.test(queue)

async function replayDeadLetters(aws: Aws): Promise<number> {
  const waiting = [...aws.sqs.queues.values()].filter(({ messages }) => messages.length > 0)
  const replayable = waiting.filter(({ name }) => name.endsWith('-dead-letters') && !isOfScheduledRun(name))
  if (replayable.length === 0) return 0
  const before = replayable.reduce((sum, { messages }) => sum + messages.length, 0)
  await invoke(aws, 'manage-dead-letters', { do: 'replay', by: 'simulation', all: true })
  return before - replayable.reduce((sum, { messages }) => sum + messages.length, 0)
}

const accountListsOf = (aws: Aws): ReadonlyMap<string, ReadonlyMap<string, string>> =>
  new Map(
    parties.map(({ project, account }) => [
      project,
      new Map([...aws.ses.account(account).accountList.values()].map(({ address, reason }) => [address, reason])),
    ]),
  )

async function readEnd(world: World, machine: Machine) {
  const { aws } = world
  for (const { project } of parties)
    await invoke(aws, 'reconcile-suppressions', { do: 'reconcile', by: 'simulation', project, preview: false })
  const list = createListReader(
    new DynamoDBClient(aws.clientConfig(aws.credentials.root(aws.account))),
    suppressionsTable,
  )
  const lists: Map<string, Outcome['lists'] extends ReadonlyMap<string, infer Entries> ? Entries : never> = new Map()
  for (const { project } of parties)
    lists.set(project, await Array.fromAsync(list.all(project, defaultRules, new Date(machine.now()))))
  return {
    lists,
    reconciledAccountLists: accountListsOf(aws),
    activity: await aws.dynamodb.items('sesame-dev-activity'),
    log: [...aws.lambda.functions.values()].flatMap(({ definition: { name } }) =>
      aws.lambda.logLines(name).map((line) => ({ functionName: name, line })),
    ),
  }
}
