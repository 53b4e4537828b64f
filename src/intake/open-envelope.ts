/**
 * Unwraps an SES event from its envelopes: an SNS record of a Lambda event, an SNS envelope (from HTTP, or in an SQS body), an SQS body with raw
 * delivery, an EventBridge event, several of these nested, or none.
 */
import type { NonEvent } from './event.ts'
import { MalformedEventError } from './malformed-event-error.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** An SES event in an SNS envelope in an EventBridge event in an SQS body has five layers, each JSON text included. */
const maxLayers = 12

const unchangedFix = "Publish SES's JSON unchanged: something between SES and Sesame changed it."
const completeFix = 'Find what truncates or rewrites messages between SES and Sesame: SES sends complete JSON objects.'

/** EventBridge's `detail-type` → type of the event, for rules whose input transformer omits `eventType`. */
const typesByDetailType = new Map([
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

/** SES sends this plain text once, when a topic becomes the event destination of a configuration set. */
export function isTopicValidation(text: string): boolean {
  return text.startsWith('Successfully validated SNS topic')
}

/** The error of `JSON.parse` quotes the text, which contains addresses, so it is neither repeated nor kept as `cause`. */
function readJson(text: string, field: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const problem = endsEarly(text, error) ? 'ends in the middle of its JSON' : 'is not valid JSON'
    throw new MalformedEventError(field, problem, completeFix)
  }
}

function endsEarly(text: string, error: unknown): boolean {
  const message = error instanceof Error ? error.message : ''
  if (message.startsWith('Unexpected end') || message.startsWith('Unterminated')) return text.trim() !== ''
  return Number(/ at position (\d+)/.exec(message)?.[1]) >= text.trimEnd().length
}

/**
 * Record → the event as SES wrote it, or a NonEvent. The type is not checked yet.
 *
 * @throws MalformedEventError
 */
export function openEnvelope(record: unknown): { event: JsonObject } | { nonEvent: NonEvent } {
  let current = record
  let field = ''
  for (let layer = 0; layer < maxLayers; layer += 1) {
    if (typeof current === 'string') {
      if (isTopicValidation(current)) return { nonEvent: { type: 'NonEvent', reason: 'topic validated' } }
      current = readJson(current, field || 'record')
      continue
    }
    if (!isObject(current)) throw notAnObject(field || 'record', current)
    if ('eventType' in current || 'notificationType' in current) return { event: current }
    if (current.Type === 'SubscriptionConfirmation')
      return { nonEvent: { type: 'NonEvent', reason: 'subscription confirmation' } }
    if (current.Type === 'UnsubscribeConfirmation')
      return { nonEvent: { type: 'NonEvent', reason: 'unsubscribe confirmation' } }
    const key = keyOfInner(current)
    if (key === undefined) throw new MalformedEventError(join(field, 'eventType'), 'is missing', unchangedFix)
    field = join(field, key)
    current = key === 'detail' ? detailOf(current, field) : current[key]
  }
  throw new MalformedEventError('record', `is wrapped in more than ${maxLayers} envelopes`, unchangedFix)
}

function keyOfInner(envelope: JsonObject): string | undefined {
  if ('Records' in envelope || 'requestPayload' in envelope) {
    const key = 'Records' in envelope ? 'Records' : 'requestPayload'
    throw new MalformedEventError(
      key,
      'can hold several records',
      'Split the payload with recordsOf and read each record.',
    )
  }
  if ('mail' in envelope) return undefined
  if ('Type' in envelope) return 'Message'
  return ['Sns', 'Message', 'body', 'Body', 'detail'].find((key) => key in envelope)
}

/** Only AWS can publish events with a source that starts with `aws.`. Every account can publish events with any other. */
function detailOf(envelope: JsonObject, field: string): unknown {
  if (envelope.source !== 'aws.ses') {
    throw new MalformedEventError('source', 'is not aws.ses', "Limit the rule to SES's own events.")
  }
  const { detail, 'detail-type': detailType } = envelope
  const type = typeof detailType === 'string' ? typesByDetailType.get(detailType) : undefined
  if (!isObject(detail)) throw notAnObject(field, detail)
  return 'eventType' in detail || type === undefined ? detail : { ...detail, eventType: type }
}

function notAnObject(field: string, found: unknown): MalformedEventError {
  return new MalformedEventError(field, found === undefined ? 'is missing' : 'is not a JSON object', unchangedFix)
}

function join(outer: string, inner: string): string {
  return outer === '' ? inner : `${outer}.${inner}`
}
