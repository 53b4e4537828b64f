/**
 * What SES calls a bounce, a complaint or a delay, in plain words with advice. Data, with one line for each name that SES documents.
 *
 * https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html#bounce-types and
 * https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html#event-publishing-retrieving-sns-contents-delivery-delay-object
 */
import type { Count, Counts } from './counts.ts'

type Words = { readonly title: string; readonly advice: string }

const bounces: Readonly<Record<string, Words>> = {
  'Permanent General': {
    title: 'Refused for good',
    advice: 'These addresses are suppressed. If there are many at once, ask where the list comes from.',
  },
  'Permanent NoEmail': {
    title: 'No such mailbox',
    advice:
      'These addresses are suppressed. Was a list imported or bought? Confirm new addresses by mail before you send more.',
  },
  'Permanent Suppressed': {
    title: "On SES's global list",
    advice: 'The address bounced for another customer of SES, and counts in your rate. These addresses are suppressed.',
  },
  'Permanent OnAccountSuppressionList': {
    title: 'On the account list',
    advice: 'SES sent nothing, so it is in no rate. Ask Sesame before sending, and this does not happen.',
  },
  'Permanent OnTenantSuppressionList': {
    title: "On the tenant's list",
    advice: 'SES sent nothing, so it is in no rate. Ask Sesame before sending, and this does not happen.',
  },
  'Permanent UnsubscribedRecipient': {
    title: 'Left the contact list',
    advice: 'The recipient opted out. The mailbox works, so it is not suppressed; leave it out of this kind of mail.',
  },
  'Transient General': {
    title: 'Refused for now',
    advice: 'Nothing to do. An address that keeps bouncing on several days is suppressed for a time.',
  },
  'Transient MailboxFull': {
    title: 'Mailbox full',
    advice: 'Nothing to do. People empty full mailboxes; one that stays full is suppressed for a time.',
  },
  'Transient MessageTooLarge': {
    title: 'Message too large',
    advice: 'Send a smaller message, or a link in place of attachments.',
  },
  'Transient ContentRejected': {
    title: 'Content refused',
    advice: 'The receiver refused this message. Check links, wording and the sending domain.',
  },
  'Transient AttachmentRejected': {
    title: 'Attachment refused',
    advice: 'Send the file in another format, or as a link.',
  },
  'Transient CustomTimeoutExceeded': {
    title: "Sender's time limit passed",
    advice: 'Your own limit for the delivery passed. Allow more time if the mail still matters.',
  },
  'Undetermined Undetermined': {
    title: 'Refused for an unclear reason',
    advice: 'SES could not read the reply. Nothing to do unless there are many.',
  },
  EmailValidationSuppressed: {
    title: 'Expected to bounce',
    advice: 'SES sent nothing, because its validation expects a bounce. It is in no rate.',
  },
}

const complaints: Readonly<Record<string, Words>> = {
  abuse: {
    title: 'Reported as spam',
    advice: 'The address is suppressed. Make it easier to unsubscribe, and mail only people who asked for it.',
  },
  fraud: {
    title: 'Reported as fraud',
    advice: 'The address is suppressed. Check that nobody else sends in your name.',
  },
  virus: { title: 'Reported for a virus', advice: 'A scanner reported the message. Check attachments and links.' },
  'auth-failure': {
    title: 'Authentication failed',
    advice: "A receiver's machine reported it. Check SPF, DKIM and DMARC of the domain.",
  },
  'not-spam': {
    title: 'Taken out of the junk folder',
    advice: 'A reader wants your mail: no complaint, and in no rate.',
  },
  other: { title: 'Complaint without a kind', advice: 'The address is suppressed.' },
  OnAccountSuppressionList: {
    title: 'Complaint about an entry of the account list',
    advice: 'SES sent nothing, so it is in no rate.',
  },
}

const delays: Readonly<Record<string, Words>> = {
  MailboxFull: { title: 'Delayed: mailbox full', advice: 'SES keeps trying.' },
  SpamDetected: {
    title: 'Delayed: taken for spam',
    advice: 'Check content and sending domain, and send more slowly to this provider.',
  },
  RecipientServerError: { title: "Delayed: the receiver's server has a problem", advice: 'SES keeps trying.' },
  IPFailure: { title: 'Delayed: the sending address is blocked or slowed', advice: 'Ask AWS Support if it lasts.' },
  TransientCommunicationFailure: { title: 'Delayed: the connection broke', advice: 'SES keeps trying.' },
  General: { title: 'Delayed', advice: 'SES keeps trying.' },
  InternalFailure: { title: 'Delayed by a problem at SES', advice: 'SES keeps trying.' },
}

const others: Readonly<Record<string, Words>> = {
  Reject: { title: 'Rejected by SES', advice: 'SES found a virus and sent nothing. Check the attachment.' },
  'Rendering Failure': {
    title: 'Template could not be filled',
    advice: 'A variable of the template had no value. Nothing was sent.',
  },
}

function wordsOf({ type, detail = '' }: Pick<Count, 'type' | 'detail'>): Words | undefined {
  if (type === 'Bounce')
    return (
      bounces[detail] ??
      bounces[detail.split(' ').at(-1) ?? ''] ??
      bounces[`${detail.split(' ')[0]} General`] ?? { title: 'Refused', advice: 'Sesame judges the reply of each one.' }
    )
  if (type === 'Complaint') return complaints[detail] ?? { title: 'Complaint', advice: 'The address is suppressed.' }
  if (type === 'DeliveryDelay') return delays[detail] ?? { title: 'Delayed', advice: 'SES keeps trying.' }
  return others[type]
}

/** The causes of failures in plain words, the most frequent first. */
export const causesOf = (counts: Counts) =>
  [...counts.values()]
    .flatMap(({ type, detail, apart, count }) => {
      const words = wordsOf({ type, detail })
      return words ? [{ type, ...(detail !== undefined && { detail }), ...words, count, ...(apart && { apart }) }] : []
    })
    .sort(
      (one, other) => Number(one.apart !== undefined) - Number(other.apart !== undefined) || other.count - one.count,
    )

/** Opens and clicks by who made them. A machine's open is no reader. */
export const engagementOf = (counts: Counts) =>
  [...counts.values()]
    .filter(({ type, apart }) => (type === 'Open' || type === 'Click') && apart === undefined)
    .map(({ type, detail = 'unknown reader', count }) => ({ type, reader: detail, count }))
