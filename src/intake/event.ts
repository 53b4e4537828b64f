/**
 * One SES event after intake: a union of its ten types, independent of envelope and dialect.
 *
 * A field is required only if Sesame cannot work without it. Any other may be missing, null or new. Sub-types are open strings. Fields that no
 * code reads, such as headers, are dropped: they contain personal data.
 * https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
 */
import * as v from 'valibot'
import {
  account,
  action,
  address,
  bounceType,
  destination,
  detail,
  feedbackId,
  feedbackType,
  isBotEvent,
  messageId,
  status,
  subType,
  tags,
  time,
  timeDetail,
} from './fields.ts'
import { recipientsOf, someRecipientsOf } from './recipients.ts'

const mail = v.pipe(
  v.object({
    messageId,
    timestamp: time,
    source: detail,
    sendingAccountId: account,
    destination,
    tags,
  }),
  v.transform(({ timestamp, source = '', ...rest }) => ({
    ...rest,
    at: timestamp,
    source,
    configurationSet: rest.tags['ses:configuration-set']?.[0],
    tenant: rest.tags['ses:tenant-name']?.[0],
  })),
)

const bouncedRecipient = v.pipe(
  v.object({ emailAddress: address, action, status, diagnosticCode: detail }),
  v.transform(({ emailAddress, action: done, status: code, diagnosticCode }) => ({
    address: emailAddress,
    action: done,
    status: code,
    diagnostic: diagnosticCode,
  })),
)

const bounce = v.pipe(
  v.object({
    bounceType,
    bounceSubType: subType,
    bouncedRecipients: someRecipientsOf(bouncedRecipient),
    timestamp: time,
    feedbackId,
  }),
  v.transform(({ bounceType: type, bounceSubType = 'Undetermined', bouncedRecipients, timestamp, feedbackId: id }) => ({
    type,
    subType: bounceSubType,
    ...bouncedRecipients,
    at: timestamp,
    feedbackId: id,
  })),
)

const complainedRecipient = v.pipe(
  v.object({ emailAddress: address }),
  v.transform(({ emailAddress }) => ({ address: emailAddress })),
)

const complaint = v.pipe(
  v.object({
    complainedRecipients: someRecipientsOf(complainedRecipient),
    timestamp: time,
    feedbackId,
    complaintFeedbackType: feedbackType,
    complaintSubType: subType,
  }),
  v.transform(({ complainedRecipients, timestamp, feedbackId: id, complaintFeedbackType, complaintSubType }) => ({
    ...complainedRecipients,
    at: timestamp,
    feedbackId: id,
    feedbackType: complaintFeedbackType,
    subType: complaintSubType,
  })),
)

const deliveredRecipient = v.pipe(
  address,
  v.transform((recipient) => ({ address: recipient })),
)

const delivery = v.pipe(
  v.object({ timestamp: timeDetail, recipients: recipientsOf(deliveredRecipient), smtpResponse: detail }),
  v.transform(({ timestamp, recipients, smtpResponse }) => ({ at: timestamp, ...recipients, smtpResponse })),
)

const delayedRecipient = v.pipe(
  v.object({ emailAddress: address, status, diagnosticCode: detail }),
  v.transform(({ emailAddress, status: code, diagnosticCode }) => ({
    address: emailAddress,
    status: code,
    diagnostic: diagnosticCode,
  })),
)

const deliveryDelay = v.pipe(
  v.object({
    timestamp: timeDetail,
    delayType: detail,
    expirationTime: timeDetail,
    delayedRecipients: recipientsOf(delayedRecipient),
  }),
  v.transform(({ timestamp, delayType, expirationTime, delayedRecipients }) => ({
    at: timestamp,
    type: delayType,
    expiresAt: expirationTime,
    ...delayedRecipients,
  })),
)

const open = v.pipe(
  v.object({ timestamp: timeDetail, ipAddress: detail, userAgent: detail, isBotEvent }),
  v.transform(({ timestamp, ...rest }) => ({ at: timestamp, ...rest })),
)

const click = v.pipe(
  v.object({ timestamp: timeDetail, ipAddress: detail, userAgent: detail, link: detail, isBotEvent }),
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
