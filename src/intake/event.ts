/**
 * One SES event after intake: a union of its ten types, independent of envelope and dialect.
 *
 * A field is required only if Sesame cannot work without it. Any other may be missing, null or new. Sub-types are open strings. Fields that no
 * code reads, such as headers, are dropped: they contain personal data.
 * https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
 */
import * as v from 'valibot'
import { address, detail, listOf, mentionedAddress, tags, text, time, timeDetail } from './fields.ts'

const mail = v.pipe(
  v.object({
    messageId: text,
    timestamp: time,
    source: detail,
    sendingAccountId: detail,
    destination: listOf(mentionedAddress),
    tags,
  }),
  v.transform(({ timestamp, source = '', ...rest }) => ({
    ...rest,
    at: timestamp,
    source,
    configurationSet: rest.tags['ses:configuration-set']?.[0],
  })),
)

const bouncedRecipient = v.pipe(
  v.object({ emailAddress: address, action: detail, status: detail, diagnosticCode: detail }),
  v.transform(({ emailAddress, action, status, diagnosticCode }) => ({
    address: emailAddress,
    action,
    status,
    diagnostic: diagnosticCode,
  })),
)

const bounce = v.pipe(
  v.object({
    bounceType: text,
    bounceSubType: detail,
    bouncedRecipients: v.pipe(v.array(bouncedRecipient), v.nonEmpty('names no recipient')),
    timestamp: time,
    feedbackId: text,
  }),
  v.transform(({ bounceType, bounceSubType = 'Undetermined', bouncedRecipients, timestamp, feedbackId }) => ({
    type: bounceType,
    subType: bounceSubType,
    recipients: bouncedRecipients,
    at: timestamp,
    feedbackId,
  })),
)

const complainedRecipient = v.pipe(
  v.object({ emailAddress: address }),
  v.transform(({ emailAddress }) => ({ address: emailAddress })),
)

const complaint = v.pipe(
  v.object({
    complainedRecipients: v.pipe(v.array(complainedRecipient), v.nonEmpty('names no recipient')),
    timestamp: time,
    feedbackId: text,
    complaintFeedbackType: detail,
    complaintSubType: detail,
  }),
  v.transform(({ complainedRecipients, timestamp, feedbackId, complaintFeedbackType, complaintSubType }) => ({
    recipients: complainedRecipients,
    at: timestamp,
    feedbackId,
    feedbackType: complaintFeedbackType,
    subType: complaintSubType,
  })),
)

const delivery = v.pipe(
  v.object({ timestamp: timeDetail, recipients: listOf(address), smtpResponse: detail }),
  v.transform(({ timestamp, recipients, smtpResponse }) => ({
    at: timestamp,
    recipients: recipients.map((recipient) => ({ address: recipient })),
    smtpResponse,
  })),
)

const delayedRecipient = v.pipe(
  v.object({ emailAddress: address, status: detail, diagnosticCode: detail }),
  v.transform(({ emailAddress, status, diagnosticCode }) => ({
    address: emailAddress,
    status,
    diagnostic: diagnosticCode,
  })),
)

const deliveryDelay = v.pipe(
  v.object({
    timestamp: timeDetail,
    delayType: detail,
    expirationTime: timeDetail,
    delayedRecipients: listOf(delayedRecipient),
  }),
  v.transform(({ timestamp, delayType, expirationTime, delayedRecipients }) => ({
    at: timestamp,
    type: delayType,
    expiresAt: expirationTime,
    recipients: delayedRecipients,
  })),
)

const open = v.pipe(
  v.object({ timestamp: timeDetail, userAgent: detail }),
  v.transform(({ timestamp, userAgent }) => ({ at: timestamp, userAgent })),
)

const click = v.pipe(
  v.object({ timestamp: timeDetail, userAgent: detail, link: detail }),
  v.transform(({ timestamp, ...rest }) => ({ at: timestamp, ...rest })),
)

const subscription = v.pipe(
  v.object({ timestamp: timeDetail, contactList: detail, source: detail }),
  v.transform(({ timestamp, ...rest }) => ({ at: timestamp, ...rest })),
)

const dialect = v.picklist(['event publishing', 'feedback notification'])

/** Type → schema. The object of each event keeps the name that SES gives it, which for Rendering Failure is `failure`. */
export const eventSchemas = {
  Send: v.object({ type: v.literal('Send'), dialect, mail, send: v.object({}) }),
  Delivery: v.object({ type: v.literal('Delivery'), dialect, mail, delivery }),
  Bounce: v.object({ type: v.literal('Bounce'), dialect, mail, bounce }),
  Complaint: v.object({ type: v.literal('Complaint'), dialect, mail, complaint }),
  Reject: v.object({ type: v.literal('Reject'), dialect, mail, reject: v.object({ reason: detail }) }),
  Open: v.object({ type: v.literal('Open'), dialect, mail, open }),
  Click: v.object({ type: v.literal('Click'), dialect, mail, click }),
  'Rendering Failure': v.object({
    type: v.literal('Rendering Failure'),
    dialect,
    mail,
    failure: v.object({ errorMessage: detail, templateName: detail }),
  }),
  DeliveryDelay: v.object({ type: v.literal('DeliveryDelay'), dialect, mail, deliveryDelay }),
  Subscription: v.object({ type: v.literal('Subscription'), dialect, mail, subscription }),
}

export type EventType = keyof typeof eventSchemas
export type SesEvent = v.InferOutput<(typeof eventSchemas)[EventType]>
export type Dialect = SesEvent['dialect']

/** A message of SNS or SES about the set-up of a topic or a subscription. Sesame acknowledges it and does nothing. */
export type NonEvent = {
  type: 'NonEvent'
  reason: 'topic validated' | 'subscription succeeded' | 'subscription confirmation' | 'unsubscribe confirmation'
}
