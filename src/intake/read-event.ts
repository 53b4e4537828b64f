/**
 * Reads one record in any envelope as one SES event. Pure. Time and memory are linear in the size of the record.
 */
import * as v from 'valibot'
import { type Dialect, type EventType, eventSchemas, type NonEvent, type SesEvent } from './event.ts'
import { MalformedEventError } from './malformed-event-error.ts'
import { type JsonObject, openEnvelope } from './open-envelope.ts'

/** Feedback notifications have these types only; event publishing has all ten. */
const feedbackTypes: readonly string[] = ['Bounce', 'Complaint', 'Delivery']

/**
 * @param record an SNS or SQS record of a Lambda event, an SNS or EventBridge envelope, or a bare event, as object or JSON
 * @throws MalformedEventError if the record is none of these; no other error
 */
export function readEvent(record: unknown): SesEvent | NonEvent {
  const opened = openEnvelope(record)
  if ('nonEvent' in opened) return opened.nonEvent
  const { event } = opened
  const dialect = 'eventType' in event ? 'event publishing' : 'feedback notification'
  const named = dialect === 'event publishing' ? event.eventType : event.notificationType
  if (named === 'AmazonSnsSubscriptionSucceeded') return { type: 'NonEvent', reason: 'subscription succeeded' }
  return parse(event, typeOf(named, dialect), dialect)
}

function typeOf(named: unknown, dialect: Dialect): EventType {
  const field = dialect === 'event publishing' ? 'eventType' : 'notificationType'
  if (named === 'Received') {
    const fix = 'Let the receipt rule publish to another topic: this one is for events of sent mail.'
    throw new MalformedEventError(field, 'says that this is inbound mail', fix)
  }
  if (isEventType(named) && (dialect === 'event publishing' || feedbackTypes.includes(named))) return named
  const fix = `Known types: ${Object.keys(eventSchemas).join(', ')} as eventType, ${feedbackTypes.join(', ')} as notificationType.`
  throw new MalformedEventError(field, 'is not a known type of SES event', fix)
}

function isEventType(named: unknown): named is EventType {
  return typeof named === 'string' && Object.hasOwn(eventSchemas, named)
}

function parse(event: JsonObject, type: EventType, dialect: Dialect): SesEvent {
  const result = v.safeParse(
    eventSchemas[type],
    { ...event, type, dialect },
    { abortEarly: true, abortPipeEarly: true },
  )
  if (result.success) return result.output
  throw malformed(result.issues[0])
}

function malformed(issue: v.BaseIssue<unknown>): MalformedEventError {
  const field = (issue.path ?? []).reduce((path, { key }) => path + segment(key, path), '')
  if (issue.kind !== 'schema') {
    const fix = 'Nothing was stored: correct the record and replay it.'
    return new MalformedEventError(field, issue.message, fix)
  }
  const problem = issue.received === 'undefined' ? 'is missing' : `is not ${nounOf(issue.expected)}`
  const fix =
    "Publish SES's JSON unchanged: an input transformer or a hand-written payload omitted or changed the field."
  return new MalformedEventError(field, problem, fix)
}

function segment(key: unknown, path: string): string {
  if (typeof key === 'number') return `[${key}]`
  return path === '' ? String(key) : `.${String(key)}`
}

function nounOf(expected: string | null): string {
  if (expected === 'Array') return 'a list'
  return expected === 'string' ? 'a text' : 'an object'
}
