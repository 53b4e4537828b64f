/** A message of a dead-letter queue → what it says about itself: why it failed, and the events that it holds. Pure. */
import * as v from 'valibot'
import type { SesEvent } from '../intake/event.ts'
import { MalformedEventError } from '../intake/malformed-event-error.ts'
import { readEvent } from '../intake/read-event.ts'
import { recordsOf } from '../intake/records-of.ts'
import { readPropagationLetter } from './propagation-letter.ts'
import { type DeadLetterQueueName, isScheduledRun } from './queues.ts'
import { readWebhookLetter } from './webhook-letter.ts'

/** A message that was received. `handle` belongs to this receive only. */
export type Message = {
  readonly id: string
  readonly handle: string
  readonly queue: DeadLetterQueueName
  readonly body: string
  readonly at: Date
  /** The cause that the sender gave as an attribute of the message. */
  readonly givenCause?: string
}

export type LetterContent = {
  readonly records: readonly unknown[]
  /** Each record's event; a record that is no event has the reason instead. */
  readonly events: readonly (SesEvent | { readonly type: 'none'; readonly why: string })[]
  /** Absent if neither Lambda nor SNS said why, as in what SQS itself moved to the queue. */
  readonly cause: string | undefined
  /** The project that a letter names itself. That of an event follows from the routes. */
  readonly project?: string | undefined
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
const FailedInvocation = v.object({
  requestContext: v.object({ condition: v.string() }),
  requestPayload: v.unknown(),
  responsePayload: v.nullish(v.object({ errorType: v.optional(v.string()), errorMessage: v.optional(v.string()) })),
})

export function contentOf({ queue, body, givenCause }: Message): LetterContent {
  const payload = parsed(body)
  const failure = v.safeParse(FailedInvocation, payload)
  const cause = failure.success ? causeOf(failure.output) : (givenCause ?? causeByQueue[queue])
  const isOf = (why: string): LetterContent => ({
    records: [failure.success ? failure.output.requestPayload : payload],
    events: [{ type: 'none', why }],
    cause,
  })
  if (queue === 'audit-role-use') return isOf('CloudTrail record of a role use')
  if (isScheduledRun(queue)) return isOf('scheduled run')
  if (queue === 'propagate-suppression') {
    const { what, ...facts } = readPropagationLetter(payload)
    return {
      records: [body],
      events: [{ type: 'none', why: what }],
      cause: 'unknown: see the log of the function',
      ...facts,
    }
  }
  if (queue === 'deliver-webhook') {
    const { what, ...facts } = readWebhookLetter(payload)
    return { records: [payload], events: [{ type: 'none', why: what }], ...facts }
  }
  const records = recordsOf(body)
  return { records, events: records.map(eventOf), cause }
}

/** JSON as a value; any other text as it is. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

/** CloudTrail's records of AssumeRole hold external ids and credentials without their secret. */
const notShown = /^(external_?id|credentials|sessionToken)$/i

const maxShownDepth = 100

/** The content of a message for a person: JSON as a value, without external ids and credentials. */
export function shownContentOf(body: string): unknown {
  const hide = (value: unknown, depth = 0): unknown => {
    if (depth > maxShownDepth) return '(nested too deeply)'
    if (Array.isArray(value)) return value.map((one) => hide(one, depth + 1))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, notShown.test(name) ? '(not shown)' : hide(one, depth + 1)]),
    )
  }
  return hide(parsed(body))
}

const causeByQueue: Partial<Record<DeadLetterQueueName, string>> = {
  connected: 'SNS could not invoke the function',
  'record-bounce': 'SNS could not invoke the function',
  'record-complaint': 'SNS could not invoke the function',
  'audit-role-use': 'EventBridge could not invoke the function',
}

function causeOf({ requestContext, responsePayload }: v.InferOutput<typeof FailedInvocation>): string {
  const { errorType, errorMessage } = responsePayload ?? {}
  // A function that failed on its records names the errors of the records: its own error says nothing more.
  const type = errorType === 'RecordsFailedError' ? undefined : errorType
  return [type, errorMessage].filter(Boolean).join(': ') || requestContext.condition
}

function eventOf(record: unknown): LetterContent['events'][number] {
  try {
    const event = readEvent(record)
    return event.type === 'NonEvent' ? { type: 'none', why: event.reason } : event
  } catch (error) {
    if (error instanceof MalformedEventError) return { type: 'none', why: error.message }
    throw error
  }
}
