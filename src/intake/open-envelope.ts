/**
 * Unwraps an SES event from its envelopes: an SNS record of a Lambda event, an SNS envelope (from HTTP, or in an SQS body), an SQS body with raw
 * delivery, an EventBridge event, a record of Kinesis or Firehose, several of these nested, or none.
 */
import type { NonEvent } from './event.ts'
import { foreignMessageOf, foreignTextOf, hasNothingOfSes } from './foreign-message.ts'
import { isObject, type JsonObject } from './json-object.ts'
import { MalformedEventError } from './malformed-event-error.ts'

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

/** SES sends this plain text once, when a topic becomes the event destination of a configuration set. */
export function isTopicValidation(text: string): boolean {
  return text.startsWith('Successfully validated SNS topic')
}

/** The error of `JSON.parse` quotes the text, which contains addresses, so it is neither repeated nor kept as `cause`. */
function readJson(text: string, field: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const what = foreignTextOf(text)
    if (what !== undefined) throw foreignError(field, what)
    const problem = endsEarly(text, error) ? 'ends in the middle of its JSON' : 'is not valid JSON'
    throw new MalformedEventError(field, problem, completeFix)
  }
}

function endsEarly(text: string, error: unknown): boolean {
  const message = error instanceof Error ? error.message : ''
  if (message.startsWith('Unexpected end') || message.startsWith('Unterminated')) return text.trim() !== ''
  return Number(/ at position (\d+)/.exec(message)?.[1]) >= text.trimEnd().length
}

/** `sentAt`: the earliest time at which an envelope says that it was sent, the same for every copy of the record; absent if no envelope says. */
export type Opened = { readonly event: JsonObject; readonly sentAt?: Date } | { readonly nonEvent: NonEvent }

/**
 * Record → the event as SES wrote it, or a NonEvent. The type is not checked yet.
 *
 * @throws MalformedEventError
 */
export function openEnvelope(record: unknown): Opened {
  let current = record
  let field = ''
  let sentAt: number | undefined
  for (let layer = 0; layer < maxLayers; layer += 1) {
    if (typeof current === 'string') {
      if (isTopicValidation(current)) return { nonEvent: { type: 'NonEvent', reason: 'topic validated' } }
      current = readJson(current, field || 'record')
      continue
    }
    if (!isObject(current)) throw notAnObject(field || 'record', current)
    if ('eventType' in current || 'notificationType' in current)
      return { event: current, ...(sentAt !== undefined && { sentAt: new Date(sentAt) }) }
    if (current.Type === 'SubscriptionConfirmation')
      return { nonEvent: { type: 'NonEvent', reason: 'subscription confirmation' } }
    if (current.Type === 'UnsubscribeConfirmation')
      return { nonEvent: { type: 'NonEvent', reason: 'unsubscribe confirmation' } }
    const key = keyOfInner(current)
    if (key === undefined) throw notAnEvent(field, current)
    field = join(field, key)
    const time = timeOfEnvelope(current)
    if (time !== undefined) sentAt = Math.min(time, sentAt ?? time)
    current = key === 'detail' ? detailOf(current, field) : key === 'data' ? decoded(current, field) : current[key]
  }
  throw new MalformedEventError('record', `is wrapped in more than ${maxLayers} envelopes`, unchangedFix)
}

/** SNS, EventBridge and SQS write the time at which they took the message. */
function timeOfEnvelope({ Timestamp, time, attributes }: JsonObject): number | undefined {
  const sent = isObject(attributes) ? Number(attributes.SentTimestamp) : Number.NaN
  const times = [
    typeof Timestamp === 'string' ? Date.parse(Timestamp) : Number.NaN,
    typeof time === 'string' ? Date.parse(time) : Number.NaN,
    sent,
  ]
  const known = times.filter((one) => one > 0 && one < maxTimeMs)
  return known.length > 0 ? Math.min(...known) : undefined
}

const maxTimeMs = 8_640_000_000_000_000

/** Of Kinesis and Firehose, the data are the text of the event in base64. */
function decoded(envelope: JsonObject, field: string): unknown {
  const { data } = envelope
  if (typeof data !== 'string') throw new MalformedEventError(field, 'is not a text in base64', unchangedFix)
  return Buffer.from(data, 'base64').toString('utf8')
}

function notAnEvent(field: string, found: JsonObject): MalformedEventError {
  const what = foreignMessageOf(found)
  if (what !== undefined) return foreignError(field || 'record', what)
  const isForeign = hasNothingOfSes(found)
  return new MalformedEventError(
    join(field, 'eventType'),
    isForeign ? 'is missing, and so is everything else that an event of SES has' : 'is missing',
    isForeign ? 'If another service publishes to this topic, give it one of its own.' : unchangedFix,
  )
}

const foreignError = (field: string, what: string) =>
  new MalformedEventError(
    field,
    `is ${what}, not an event of SES`,
    'Let it be published to another topic: this one is for events of sent mail.',
  )

function keyOfInner(envelope: JsonObject): string | undefined {
  const batch = ['Records', 'records', 'requestPayload'].find((key) => key in envelope)
  if (batch !== undefined) {
    const what = foreignMessageOf(envelope)
    if (what !== undefined) throw foreignError(batch, what)
    throw new MalformedEventError(
      batch,
      'can hold several records',
      'Split the payload with recordsOf and read each record.',
    )
  }
  if ('mail' in envelope) return undefined
  if ('Type' in envelope) return 'Message'
  if ('recordId' in envelope || 'kinesisSchemaVersion' in envelope) return 'data'
  return ['Sns', 'Message', 'body', 'Body', 'detail', 'kinesis'].find((key) => key in envelope)
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
