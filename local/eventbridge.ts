/**
 * EventBridge: buses that keep what was put on them, and the schedules of functions. Rules that match events are not here: whoever wants
 * to know what a rule would see reads `events`.
 *
 * A schedule does not run by itself: a test, or whoever runs the embedded AWS, says when it is due.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
import * as v from 'valibot'
import { newIds } from './ids.ts'
import { parseJson, readInput } from './input.ts'
import { AwsError, type Platform, type Service } from './service.ts'

/** An event as a rule's target would get it. */
export type BusEvent = {
  bus: string
  id: string
  source: string
  'detail-type': string
  detail: unknown
  resources: readonly string[]
  time: Date
}

/** A function that is called by the clock. */
export type Schedule = { functionArn: string; ruleArn: string; rate: string; input?: unknown }

export type EventBridge = Service & {
  /** What was put on any bus, oldest first. */
  readonly events: readonly BusEvent[]
  /** The next entries are refused one by one, as EventBridge does when it is out of breath. */
  failEntries(count: number): void
  createBus(name: string): void
  addSchedule(schedule: Schedule): void
  readonly schedules: readonly Schedule[]
  /** Calls the function of a schedule, as if its time had come. */
  fire(schedule: Schedule): Promise<void>
}

const largestEntry = 1_048_576

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
type Entry = v.InferOutput<typeof putEvents>['Entries'][number]

export function createEventBridge(platform: Platform): EventBridge {
  const ids = newIds('events')
  const buses = new Set(['default'])
  const events: BusEvent[] = []
  const schedules: Schedule[] = []
  let failing = 0

  const put = (entry: Entry, at: Date) => {
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
    const read = parseJson(detail)
    if (typeof read !== 'object' || read === null) return refuse('MalformedDetail', 'Detail is malformed.')
    const id = ids.uuid()
    const { Resources: resources, Time: time = at } = entry
    events.push({ bus, id, source, 'detail-type': type, detail: read, resources, time })
    return { EventId: id }
  }

  return {
    events,
    schedules,
    failEntries: (count) => {
      failing = count
    },
    createBus: (name) => void buses.add(name),
    addSchedule: (schedule) => void schedules.push(schedule),
    async fire({ functionArn, ruleArn, input }) {
      const event = input ?? {
        version: '0',
        id: ids.uuid(),
        'detail-type': 'Scheduled Event',
        source: 'aws.events',
        account: platform.account,
        time: platform.clock.now().toISOString(),
        region: platform.region,
        resources: [ruleArn],
        detail: {},
      }
      const invocation = {
        FunctionName: functionArn,
        InvocationType: 'Event',
        Payload: new Uint8Array(Buffer.from(JSON.stringify(event))),
      }
      const behalf = { sourceArn: ruleArn, sourceAccount: platform.account }
      await platform.callAsService('events.amazonaws.com', behalf, 'lambda', 'Invoke', invocation)
    },
    operations: {
      PutEvents(call) {
        const { Entries } = readInput(putEvents, call, 'ValidationException')
        const size = Entries.reduce((sum, { Detail = '' }) => sum + Buffer.byteLength(Detail), 0)
        if (size > largestEntry)
          throw new AwsError('ValidationException', 'Total size of the entries is over the limit.')
        const answers = Entries.map((entry) => put(entry, call.at))
        return {
          FailedEntryCount: answers.filter((one) => 'ErrorCode' in one).length,
          Entries: answers,
        }
      },
    },
  }
}
