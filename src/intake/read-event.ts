/**
 * Reads one record in any envelope as one SES event. Pure. Time and memory are linear in the size of the record.
 */
import * as v from 'valibot'
import { dayMs } from '../time.ts'
import { type Dialect, type EventType, eventSchemas, type NonEvent, type SesEvent } from './event.ts'
import type { JsonObject } from './json-object.ts'
import { MalformedEventError } from './malformed-event-error.ts'
import { openEnvelope } from './open-envelope.ts'
import { problemOf, type UnreadableRecipient } from './recipients.ts'

/** Feedback notifications have these types only; event publishing has all ten. */
const feedbackTypes: readonly string[] = ['Bounce', 'Complaint', 'Delivery']

/**
 * @param record an SNS or SQS record of a Lambda event, an SNS or EventBridge envelope, or a bare event, as object or JSON
 * @throws MalformedEventError if the record is none of these; no other error
 */
export function readEvent(record: unknown): SesEvent | NonEvent {
  return read(record).event
}

/**
 * Reads a record that arrives now: as `readEvent`, and an event that happened more than a day later than now is malformed.
 * @returns the event; a report has the time of its arrival if its own is later
 * @throws MalformedEventError
 */
export function readArrivingEvent(record: unknown, now: Date): SesEvent | NonEvent {
  const { event, sentAt } = read(record)
  if (event.type === 'NonEvent') return event
  refuseFuture(event, now)
  return boundedByArrival(event, sentAt, now)
}

/** `sentAt`: when the envelope says that it was sent. */
function read(record: unknown): { readonly event: SesEvent | NonEvent; readonly sentAt?: Date | undefined } {
  const opened = openEnvelope(record)
  if ('nonEvent' in opened) return { event: opened.nonEvent }
  const { event, sentAt } = opened
  const dialect = 'eventType' in event ? 'event publishing' : 'feedback notification'
  const named = dialect === 'event publishing' ? event.eventType : event.notificationType
  if (named === 'AmazonSnsSubscriptionSucceeded')
    return { event: { type: 'NonEvent', reason: 'subscription succeeded' } }
  return { event: parse(event, typeOf(named, dialect), dialect), sentAt }
}

/** The clocks of two servers of AWS differ by less. */
const clocksDifferMs = 1_000

/** Clocks of servers differ by little. A time that is further ahead is no clock's. */
function refuseFuture(event: SesEvent, now: Date): void {
  for (const [field, time] of Object.entries(timesOf(event))) {
    if (time === undefined || time.getTime() <= now.getTime() + dayMs) continue
    const fix = 'Nothing was stored: correct the time of the record and replay it.'
    throw new MalformedEventError(field, 'is more than a day in the future', fix)
  }
}

function timesOf(event: SesEvent): Record<string, Date | undefined> {
  const mail = { 'mail.timestamp': event.mail.at }
  switch (event.type) {
    case 'Bounce':
      return { ...mail, 'bounce.timestamp': event.bounce.at }
    case 'Complaint':
      return { ...mail, 'complaint.timestamp': event.complaint.at }
    case 'Delivery':
      return { ...mail, 'delivery.timestamp': event.delivery.at }
    case 'DeliveryDelay':
      return { ...mail, 'deliveryDelay.timestamp': event.deliveryDelay.at }
    case 'Open':
      return { ...mail, 'open.timestamp': event.open.at }
    case 'Click':
      return { ...mail, 'click.timestamp': event.click.at }
    case 'Subscription':
      return { ...mail, 'subscription.timestamp': event.subscription.at }
    default:
      return mail
  }
}

/**
 * A report cannot be later than its arrival, or it would outlive a ruling that was made after it. The envelope's time of sending is the same for
 * every copy of the record, so a copy that comes later gets the same time. An envelope that is more than a day older than its event has no such time.
 */
function boundedByArrival(event: SesEvent, sentAt: Date | undefined, now: Date): SesEvent {
  const bounded = (at: Date): Date => {
    const isUsable = sentAt !== undefined && sentAt < at && sentAt.getTime() > at.getTime() - dayMs
    const arrived = isUsable && sentAt < now ? sentAt : now
    return at.getTime() > arrived.getTime() + clocksDifferMs ? arrived : at
  }
  if (event.type === 'Bounce') return { ...event, bounce: { ...event.bounce, at: bounded(event.bounce.at) } }
  if (event.type === 'Complaint')
    return { ...event, complaint: { ...event.complaint, at: bounded(event.complaint.at) } }
  return event
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
  if (!result.success) throw malformed(result.issues[0])
  const [first] = unreadableOf(result.output)
  if (first === undefined || addressesOf(result.output) > 0) return result.output
  throw new MalformedEventError(first.field, first.problem, correctFix)
}

const correctFix = 'Nothing was stored: correct the record and replay it.'

/** The recipients of an event that cannot be read, each with the path of its field. Empty if all can be read. */
export function unreadableOf(event: SesEvent): UnreadableRecipient[] {
  switch (event.type) {
    case 'Bounce':
      return under('bounce.bouncedRecipients', event.bounce.unreadable)
    case 'Complaint':
      return under('complaint.complainedRecipients', event.complaint.unreadable)
    case 'Delivery':
      return under('delivery.recipients', event.delivery.unreadable)
    case 'DeliveryDelay':
      return under('deliveryDelay.delayedRecipients', event.deliveryDelay.unreadable)
    default:
      return []
  }
}

const under = (list: string, unreadable: readonly UnreadableRecipient[] = []): UnreadableRecipient[] =>
  unreadable.map(({ field, problem }) => ({ field: `${list}${field}`, problem }))

function addressesOf(event: SesEvent): number {
  if (event.type === 'Bounce') return event.bounce.recipients.length
  if (event.type === 'Complaint') return event.complaint.recipients.length
  if (event.type === 'Delivery') return event.delivery.recipients.length
  return event.type === 'DeliveryDelay' ? event.deliveryDelay.recipients.length : 0
}

function malformed(issue: v.BaseIssue<unknown>): MalformedEventError {
  const field = (issue.path ?? []).reduce((path, { key }) => path + segment(key, path), '')
  if (issue.kind !== 'schema') return new MalformedEventError(field, issue.message, correctFix)
  const fix =
    "Publish SES's JSON unchanged: an input transformer or a hand-written payload omitted or changed the field."
  return new MalformedEventError(field, problemOf(issue), fix)
}

function segment(key: unknown, path: string): string {
  if (typeof key === 'number') return `[${key}]`
  return path === '' ? String(key) : `.${String(key)}`
}
