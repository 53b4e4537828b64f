/**
 * Publishes events in the two dialects of SES: *event publishing* to the destinations of a configuration set, *feedback notifications* to
 * the topics of an identity. With both set up, the same bounce is published twice with one feedbackId.
 */
import type { Ids } from '../ids.ts'
import type { ConfigurationSet, Identity, SesAccount, SesEventType, Tenant, TrackingOverrides } from './account.ts'
import { bareAddress, type Mail } from './mail.ts'
import { domainOf } from './mailboxes.ts'
import type { EventPublisher } from './publisher.ts'
import type { RecipientEvent } from './recipient-event.ts'

/** A mail that SES accepted. */
export type SentMail = {
  account: SesAccount
  identity: Identity
  set: ConfigurationSet | undefined
  tenant: Tenant | undefined
  content: Mail
  messageId: string
  at: Date
  callerIdentity: string
  sourceIp: string
  emailTags: readonly { Name: string; Value: string }[]
  tracking: TrackingOverrides | undefined
}

export type PublishedEvent =
  | RecipientEvent
  | { type: 'Send' | 'Reject' | 'Rendering Failure'; details: Record<string, unknown>; isFeedback: false }

const matchingName: Readonly<Record<PublishedEvent['type'], SesEventType>> = {
  Send: 'SEND',
  Delivery: 'DELIVERY',
  Bounce: 'BOUNCE',
  Complaint: 'COMPLAINT',
  DeliveryDelay: 'DELIVERY_DELAY',
  Reject: 'REJECT',
  'Rendering Failure': 'RENDERING_FAILURE',
}

const wireName: Readonly<Record<PublishedEvent['type'], string>> = {
  Send: 'send',
  Delivery: 'delivery',
  Bounce: 'bounce',
  Complaint: 'complaint',
  DeliveryDelay: 'deliveryDelay',
  Reject: 'reject',
  'Rendering Failure': 'failure',
}

/** Events leave out headers beyond this size and set `headersTruncated`. */
const MAXIMUM_HEADER_BYTES = 10_240

/** An id in the format of SES: region, milliseconds, UUID. */
export function createSesId(ids: Ids, at: Date): string {
  return `0100${at.getTime().toString(16).padStart(12, '0')}-${ids.uuid()}-000000`
}

/** Publishes one event to every matching destination and feedback topic. */
export async function publishEvent(
  mail: SentMail,
  event: PublishedEvent,
  at: Date,
  ids: Ids,
  publisher: EventPublisher,
) {
  const details = detailsOf(event, at, ids)
  const { account, set, identity } = mail
  const { remoteMtaIp: _, ...published } = details
  for (const destination of set?.destinations.values() ?? []) {
    const { enabled, matching, topicArn } = destination
    if (!set || !enabled || topicArn === undefined || !matching.includes(matchingName[event.type])) continue
    const text = JSON.stringify({
      eventType: event.type,
      [wireName[event.type]]: published,
      mail: publishedMail(mail, set, event.type),
    })
    await publisher.publish(account, set.arn, topicArn, text, 'Amazon SES Email Event Notification')
  }
  if (!event.isFeedback) return
  const topicArn = identity.feedbackTopics.get(event.type)
  if (topicArn === undefined) return
  const { complaintSubType, ...withoutSubType } = details
  const text = JSON.stringify({
    notificationType: event.type,
    [wireName[event.type]]: complaintSubType === null ? withoutSubType : details,
    mail: notifiedMail(mail),
  })
  const refusal = await publisher.publish(account, identity.arn, topicArn, text)
  if (!refusal) return
  // Without any notice, SES removes the topic and sends feedback by mail again.
  identity.feedbackTopics.delete(event.type)
  identity.feedbackForwarding = true
}

function detailsOf({ type, details }: PublishedEvent, at: Date, ids: Ids): Record<string, unknown> {
  if (type === 'Bounce' || type === 'Complaint') {
    return { ...details, timestamp: at.toISOString(), feedbackId: createSesId(ids, at) }
  }
  if (type === 'Delivery' || type === 'DeliveryDelay') return { timestamp: at.toISOString(), ...details }
  return details
}

function commonMail({ account, identity, content, messageId, at }: SentMail) {
  return {
    timestamp: at.toISOString(),
    source: content.source,
    sourceArn: identity.arn,
    sendingAccountId: account.account,
    messageId,
    destination: content.recipients,
  }
}

function publishedMail(mail: SentMail, set: ConfigurationSet, type: PublishedEvent['type']): object {
  const outgoing = type === 'Delivery' ? { 'ses:outgoing-ip': ['192.0.2.10'] } : {}
  const tags = {
    'ses:configuration-set': [set.name],
    'ses:source-ip': [mail.sourceIp],
    'ses:from-domain': [domainOf(bareAddress(mail.content.source))],
    'ses:caller-identity': [mail.callerIdentity],
    ...(mail.tenant && { 'ses:tenant-name': [mail.tenant.name] }),
    ...outgoing,
    ...Object.fromEntries(mail.emailTags.map(({ Name, Value }) => [Name, [Value]])),
  }
  // These two event types have no headers, as in the examples of SES.
  if (type === 'Rendering Failure' || type === 'DeliveryDelay') {
    return { ...commonMail(mail), headersTruncated: false, tags }
  }
  return { ...commonMail(mail), ...headersOf(mail), tags }
}

function notifiedMail(mail: SentMail): object {
  return {
    ...commonMail(mail),
    sourceIp: mail.sourceIp,
    callerIdentity: mail.callerIdentity,
    ...(mail.identity.includeHeaders && headersOf(mail)),
  }
}

function headersOf({ content, messageId }: SentMail) {
  let bytes = 0
  const headers = content.headers.filter(({ name, value }) => {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value)
    return bytes <= MAXIMUM_HEADER_BYTES
  })
  const valuesOf = (header: string): string[] =>
    content.headers.filter(({ name }) => name.toLowerCase() === header).map(({ value }) => value)
  const [date] = valuesOf('date')
  const optional = { replyTo: valuesOf('reply-to'), cc: valuesOf('cc') }
  return {
    headersTruncated: headers.length < content.headers.length,
    headers,
    commonHeaders: {
      from: valuesOf('from'),
      ...(optional.replyTo.length > 0 && { replyTo: optional.replyTo }),
      ...(date !== undefined && { date }),
      to: valuesOf('to'),
      ...(optional.cc.length > 0 && { cc: optional.cc }),
      messageId: valuesOf('message-id')[0] ?? messageId,
      subject: content.subject,
    },
  }
}
