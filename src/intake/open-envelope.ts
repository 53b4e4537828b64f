/**
 * Takes an SES event out of whatever it came in: an SNS record of Lambda's, an SNS envelope (HTTP, or in an SQS body), an
 * SQS body with raw delivery, an EventBridge event, several of these in each other, or nothing at all.
 */
import type { NonEvent } from './event.ts'
import { MalformedEventError } from './malformed-event-error.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** An SES event in an SNS envelope in an EventBridge event in an SQS body has five layers, counting each JSON text. */
const mostLayers = 12

const untouched = "Publish SES's JSON as it is: something in between has changed it."
const whole = 'Find out what between SES and here cuts or rewrites messages; SES itself sends whole JSON objects.'

/** `detail-type` of EventBridge → type of the event, for rules whose input transformer leaves `eventType` out. */
const typeOfDetail = new Map([
  ['Email Sent', 'Send'],
  ['Email Delivered', 'Delivery'],
  ['Email Bounced', 'Bounce'],
  ['Email Complaint Received', 'Complaint'],
  ['Email Rejected', 'Reject'],
  ['Email Opened', 'Open'],
  ['Email Clicked', 'Click'],
  ['Email Rendering Failed', 'Rendering Failure'],
  ['Email Delivery Delayed', 'DeliveryDelay'],
  ['Email Subscribed', 'Subscription'],
])

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** SES says this in plain text, once, when a topic becomes the event destination of a configuration set. */
export function isTopicValidation(text: string): boolean {
  return text.startsWith('Successfully validated SNS topic')
}

/** The error of `JSON.parse` quotes the text, which is full of addresses: it is neither repeated nor kept as the cause. */
function readJson(text: string, field: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const problem = endsEarly(text, error) ? 'ends in the middle of its JSON' : 'is not valid JSON'
    throw new MalformedEventError(field, problem, whole)
  }
}

function endsEarly(text: string, error: unknown): boolean {
  const message = error instanceof Error ? error.message : ''
  if (message.startsWith('Unexpected end') || message.startsWith('Unterminated')) return text.trim() !== ''
  return Number(/ at position (\d+)/.exec(message)?.[1]) >= text.trimEnd().length
}

/**
 * The event as SES wrote it, its type not yet looked at.
 *
 * @throws MalformedEventError
 */
export function openEnvelope(record: unknown): { written: JsonObject } | { nonEvent: NonEvent } {
  let content = record
  let field = ''
  for (let layer = 0; layer < mostLayers; layer += 1) {
    if (typeof content === 'string') {
      if (isTopicValidation(content)) return { nonEvent: { type: 'NonEvent', reason: 'topic validated' } }
      content = readJson(content, field || 'record')
      continue
    }
    if (!isObject(content)) throw noObject(field || 'record', content)
    if ('eventType' in content || 'notificationType' in content) return { written: content }
    if (content.Type === 'SubscriptionConfirmation')
      return { nonEvent: { type: 'NonEvent', reason: 'subscription confirmation' } }
    if (content.Type === 'UnsubscribeConfirmation')
      return { nonEvent: { type: 'NonEvent', reason: 'unsubscribe confirmation' } }
    const key = keyOfContent(content)
    if (key === undefined) throw new MalformedEventError(join(field, 'eventType'), 'is missing', untouched)
    field = join(field, key)
    content = key === 'detail' ? detailOf(content, field) : content[key]
  }
  throw new MalformedEventError('record', `has more than ${mostLayers} envelopes around it`, untouched)
}

function keyOfContent(envelope: JsonObject): string | undefined {
  if ('Records' in envelope || 'requestPayload' in envelope) {
    const key = 'Records' in envelope ? 'Records' : 'requestPayload'
    throw new MalformedEventError(
      key,
      'holds any number of records',
      'Read them one by one, as recordsOf returns them.',
    )
  }
  if ('mail' in envelope) return undefined
  if ('Type' in envelope) return 'Message'
  return ['Sns', 'Message', 'body', 'Body', 'detail'].find((key) => key in envelope)
}

/** Nobody but AWS can put an event with a source that begins with `aws.`; anyone with a bus can put any other. */
function detailOf(envelope: JsonObject, field: string): unknown {
  if (envelope.source !== 'aws.ses') {
    throw new MalformedEventError('source', 'is not aws.ses', "Let the rule match SES's own events only.")
  }
  const { detail, 'detail-type': detailType } = envelope
  const type = typeof detailType === 'string' ? typeOfDetail.get(detailType) : undefined
  if (!isObject(detail)) throw noObject(field, detail)
  return 'eventType' in detail || type === undefined ? detail : { ...detail, eventType: type }
}

function noObject(field: string, found: unknown): MalformedEventError {
  return new MalformedEventError(field, found === undefined ? 'is missing' : 'is not a JSON object', untouched)
}

function join(outer: string, inner: string): string {
  return outer === '' ? inner : `${outer}.${inner}`
}
