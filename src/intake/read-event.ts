/**
 * The door: one record in any envelope becomes one `SesEvent`, a `NonEvent`, or a `MalformedEventError`. Pure.
 *
 * Time and memory are linear in the size of the record.
 */
import * as v from 'valibot'
import { type Dialect, type EventType, eventSchemas, type NonEvent, type SesEvent } from './event.ts'
import { MalformedEventError } from './malformed-event-error.ts'
import { type JsonObject, openEnvelope } from './open-envelope.ts'

/** SES names addresses in these only; event publishing knows all ten types. */
const feedbackTypes: readonly string[] = ['Bounce', 'Complaint', 'Delivery']

/**
 * @param record an SNS or SQS record of a Lambda event, an SNS or EventBridge envelope, or a bare event, as object or JSON
 * @throws MalformedEventError and nothing else
 */
export function readEvent(record: unknown): SesEvent | NonEvent {
  const opened = openEnvelope(record)
  if ('nonEvent' in opened) return opened.nonEvent
  const { written } = opened
  const dialect = 'eventType' in written ? 'event publishing' : 'feedback notification'
  const named = dialect === 'event publishing' ? written.eventType : written.notificationType
  if (named === 'AmazonSnsSubscriptionSucceeded') return { type: 'NonEvent', reason: 'subscription succeeded' }
  return parse(written, typeOf(named, dialect), dialect)
}

function typeOf(named: unknown, dialect: Dialect): EventType {
  const field = dialect === 'event publishing' ? 'eventType' : 'notificationType'
  if (named === 'Received') {
    const fix =
      'Let the receipt rule publish to a topic of its own; here belong bounces and complaints about sent mail.'
    throw new MalformedEventError(field, 'says that this is inbound mail', fix)
  }
  if (isEventType(named) && (dialect === 'event publishing' || feedbackTypes.includes(named))) return named
  const fix = `Known are ${Object.keys(eventSchemas).join(', ')} as eventType and ${feedbackTypes.join(', ')} as notificationType.`
  throw new MalformedEventError(field, 'is not a type of SES event that is known here', fix)
}

function isEventType(named: unknown): named is EventType {
  return typeof named === 'string' && Object.hasOwn(eventSchemas, named)
}

function parse(written: JsonObject, type: EventType, dialect: Dialect): SesEvent {
  const result = v.safeParse(
    eventSchemas[type],
    { ...written, type, dialect },
    { abortEarly: true, abortPipeEarly: true },
  )
  if (result.success) return result.output
  throw malformed(result.issues[0])
}

function malformed(issue: v.BaseIssue<unknown>): MalformedEventError {
  const field = (issue.path ?? []).reduce((path, { key }) => path + segment(key, path), '')
  if (issue.kind !== 'schema') {
    const fix = 'Nothing of the record was stored: correct it and replay it.'
    return new MalformedEventError(field, issue.message, fix)
  }
  const problem = issue.received === 'undefined' ? 'is missing' : `is not ${nounOf(issue.expected)}`
  const fix = "Publish SES's JSON as it is: an input transformer or a hand-made payload left it out or changed it."
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
