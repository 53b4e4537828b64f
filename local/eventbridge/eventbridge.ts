/**
 * EventBridge: buses that store their events, rules that send events to functions and queues, and schedules of functions.
 *
 * A schedule runs only when `fire` is called.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
import * as v from 'valibot'
import { AwsError, type Platform, type Service } from '../service.ts'
import { readInput, tryParseJson } from '../wire/input.ts'
import { type EventMatcher, readPattern } from './pattern.ts'

/** An event as the target of a rule receives it. */
export type BusEvent = {
  bus: string
  id: string
  source: string
  'detail-type': string
  detail: unknown
  resources: readonly string[]
  time: Date
}

/** A schedule of a function: an EventBridge rule, or with a role an EventBridge Scheduler schedule. */
export type Schedule = { functionArn: string; sourceArn: string; rate: string; roleArn?: string; input?: unknown }

/** A rule whose targets are functions and queues. An event that cannot be delivered goes to the target's dead-letter queue. */
export type EventRule = {
  bus: string
  arn: string
  pattern: unknown
  targets: readonly { arn: string; deadLetterArn?: string | undefined }[]
}

export type EventBridge = Service & {
  /** The events that were put on any bus, oldest first. */
  readonly events: readonly BusEvent[]
  /** Makes the next entries fail with ThrottlingException, each by itself. */
  failEntries(count: number): void
  createBus(name: string): void
  /** @throws AwsError InvalidEventPatternException */
  addRule(rule: EventRule): void
  /** Publishes an event of an AWS service (source `aws.sts` and others) on the default bus. */
  publishAwsEvent(source: string, detailType: string, detail: unknown, at: Date): void
  addSchedule(schedule: Schedule): void
  readonly schedules: readonly Schedule[]
  /** Invokes the function of a schedule now. */
  fire(schedule: Schedule): Promise<void>
}

const MAXIMUM_ENTRIES_BYTES = 1_048_576

const putEvents = v.object({
  Entries: v.pipe(
    v.array(
      v.object({
        EventBusName: v.optional(v.string(), 'default'),
        Source: v.optional(v.string()),
        DetailType: v.optional(v.string()),
        Detail: v.optional(v.string()),
        Resources: v.optional(v.array(v.string()), []),
        Time: v.optional(v.date()),
      }),
    ),
    v.minLength(1),
    v.maxLength(10),
  ),
})
type PutEventsEntry = v.InferOutput<typeof putEvents>['Entries'][number]

export function createEventBridge(platform: Platform): EventBridge {
  const ids = platform.createIds('events')
  const buses = new Set(['default'])
  const events: BusEvent[] = []
  const schedules: Schedule[] = []
  const rules: (EventRule & { matches: EventMatcher })[] = []
  let failing = 0

  const invoke = (functionArn: string, ruleArn: string, event: unknown) => {
    const behalf = { sourceArn: ruleArn, sourceAccount: platform.account }
    return platform.callAsService('events.amazonaws.com', behalf, 'lambda', 'Invoke', invocationOf(functionArn, event))
  }

  const send = (queueArn: string, ruleArn: string, event: object) => {
    const [, , , , account, name] = queueArn.split(':')
    const { endpoint } = platform.clientConfig({ accessKeyId: '', secretAccessKey: '' })
    const behalf = { sourceArn: ruleArn, sourceAccount: platform.account }
    const message = { QueueUrl: `${endpoint}/${account}/${name}`, MessageBody: JSON.stringify(event) }
    return platform.callAsService('events.amazonaws.com', behalf, 'sqs', 'SendMessage', message)
  }

  const deliver = (event: BusEvent): void => {
    const { bus, time, ...rest } = event
    const { account, region } = platform
    const payload = { version: '0', ...rest, account, region, time: `${time.toISOString().slice(0, 19)}Z` }
    for (const { arn, targets } of rules.filter((rule) => rule.bus === bus && rule.matches(payload))) {
      for (const target of targets) platform.work.start(async () => deliverToTarget(arn, target, payload))
    }
  }

  const deliverToTarget = async (
    ruleArn: string,
    target: EventRule['targets'][number],
    payload: object,
  ): Promise<void> => {
    try {
      if (serviceOf(target.arn) === 'sqs') await send(target.arn, ruleArn, payload)
      else await invoke(target.arn, ruleArn, payload)
    } catch (cause) {
      if (!(cause instanceof AwsError)) throw cause
      if (target.deadLetterArn !== undefined) await send(target.deadLetterArn, ruleArn, payload)
    }
  }

  const put = (entry: PutEventsEntry, at: Date) => {
    const { Source: source, DetailType: type, Detail: detail } = entry
    const bus = entry.EventBusName.replace(/^.*:event-bus\//, '')
    const refuse = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage })
    if (failing > 0) {
      failing--
      return refuse('ThrottlingException', 'Rate exceeded')
    }
    if (!source || !type || !detail)
      return refuse('InvalidArgument', 'Parameter Source, DetailType or Detail is not valid. Reason: is required.')
    if (source.startsWith('aws.')) return refuse('NotAuthorizedForSourceException', 'Not authorized for the source.')
    if (!buses.has(bus)) return refuse('InvalidArgument', 'Event bus does not exist.')
    const read = tryParseJson(detail)
    if (typeof read !== 'object' || read === null) return refuse('MalformedDetail', 'Detail is malformed.')
    const id = ids.uuid()
    const { Resources: resources, Time: time = at } = entry
    const event = { bus, id, source, 'detail-type': type, detail: read, resources, time }
    events.push(event)
    deliver(event)
    return { EventId: id }
  }

  return {
    events,
    schedules,
    failEntries: (count) => {
      failing = count
    },
    createBus: (name) => void buses.add(name),
    addRule: (rule) => void rules.push({ ...rule, matches: readPattern(rule.pattern) }),
    publishAwsEvent: (source, type, detail, time) =>
      deliver({ bus: 'default', id: ids.uuid(), source, 'detail-type': type, detail, resources: [], time }),
    addSchedule: (schedule) => void schedules.push(schedule),
    async fire({ functionArn, sourceArn, roleArn, input }) {
      const event = input ?? {
        version: '0',
        id: ids.uuid(),
        'detail-type': 'Scheduled Event',
        source: roleArn === undefined ? 'aws.events' : 'aws.scheduler',
        account: platform.account,
        time: platform.clock.now().toISOString(),
        region: platform.region,
        resources: [sourceArn],
        detail: {},
      }
      if (roleArn === undefined) await invoke(functionArn, sourceArn, event)
      else {
        await platform.assumeAsService('scheduler.amazonaws.com', roleArn, 'schedule')
        await platform.callAsRole(roleArn, 'lambda', 'Invoke', invocationOf(functionArn, event))
      }
    },
    operations: {
      ListEventBuses: ({ account, region }) => ({
        EventBuses: [...(account === platform.account ? buses : ['default'])].map((Name) => ({
          Name,
          Arn: `arn:aws:events:${region}:${account}:event-bus/${Name}`,
        })),
      }),
      PutEvents(call) {
        const { Entries } = readInput(putEvents, call, 'ValidationException')
        const size = Entries.reduce((sum, { Detail = '' }) => sum + Buffer.byteLength(Detail), 0)
        if (size > MAXIMUM_ENTRIES_BYTES)
          throw new AwsError('ValidationException', 'Total size of the entries is over the limit.')
        const answers = Entries.map((entry) => put(entry, call.at))
        return {
          FailedEntryCount: answers.filter((answer) => 'ErrorCode' in answer).length,
          Entries: answers,
        }
      },
    },
  }
}

const serviceOf = (arn: string) => arn.split(':')[2]

const invocationOf = (functionArn: string, event: unknown) => ({
  FunctionName: functionArn,
  InvocationType: 'Event',
  Payload: new Uint8Array(Buffer.from(JSON.stringify(event))),
})
