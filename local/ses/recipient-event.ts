/**
 * The events that follow a mail to one recipient, by the behaviour of the mailbox.
 *
 * Modelled on the examples and object descriptions of "Contents of event data that Amazon SES publishes to Amazon SNS" and of
 * "Amazon SNS notification contents for Amazon SES".
 */
import type { SuppressedDestination } from './account.ts'
import type { Behaviour } from './mailboxes.ts'

/** An event about one recipient. Publishing adds `feedbackId`, `timestamp` and the mail. */
export type RecipientEvent =
  | { type: 'Delivery' | 'Bounce' | 'Complaint'; details: Record<string, unknown>; isFeedback: true }
  | { type: 'DeliveryDelay'; details: Record<string, unknown>; isFeedback: false }

const SENDING_MTA = 'a8-70.smtp-out.amazonses.com'
const REMOTE_IP = '192.0.2.25'
const GUIDE = 'https://docs.aws.amazon.com/ses/latest/DeveloperGuide'

const bounced = (
  bounceType: string,
  bounceSubType: string,
  recipient: Record<string, unknown>,
  rest: object = { remoteMtaIp: REMOTE_IP, reportingMTA: `dns; ${SENDING_MTA}` },
): RecipientEvent => ({
  type: 'Bounce',
  isFeedback: true,
  details: { bounceType, bounceSubType, bouncedRecipients: [recipient], ...rest },
})

const failed = (emailAddress: string, status: string, diagnosticCode: string) => ({
  emailAddress,
  action: 'failed',
  status,
  diagnosticCode,
})

const complained = (emailAddress: string, at: Date, complaintFeedbackType: string): RecipientEvent => ({
  type: 'Complaint',
  isFeedback: true,
  details: {
    complainedRecipients: [{ emailAddress }],
    complaintSubType: null,
    userAgent: 'Amazon SES Mailbox Simulator',
    complaintFeedbackType,
    arrivalDate: at.toISOString(),
  },
})

const delivered = (recipient: string): RecipientEvent => ({
  type: 'Delivery',
  isFeedback: true,
  details: {
    processingTimeMillis: 546,
    recipients: [recipient],
    smtpResponse: '250 2.6.0 Message received',
    remoteMtaIp: REMOTE_IP,
    reportingMTA: SENDING_MTA,
  },
})

const delayed = (emailAddress: string, at: Date): RecipientEvent => ({
  type: 'DeliveryDelay',
  isFeedback: false,
  details: {
    delayType: 'TransientCommunicationFailure',
    expirationTime: new Date(at.getTime() + 14 * 3_600_000).toISOString(),
    delayedRecipients: [
      { emailAddress, status: '4.4.1', diagnosticCode: 'smtp; 421 4.4.1 Unable to connect to remote host' },
    ],
  },
})

const eventsByBehaviour: Readonly<Record<Behaviour, (recipient: string, at: Date) => RecipientEvent[]>> = {
  delivery: (recipient) => [delivered(recipient)],
  'hard bounce': (recipient) => [
    bounced('Permanent', 'General', failed(recipient, '5.1.1', 'smtp; 550 5.1.1 user unknown')),
  ],
  'mailbox full': (recipient) => [
    bounced('Transient', 'MailboxFull', failed(recipient, '4.2.2', 'smtp; 452 4.2.2 mailbox full')),
  ],
  complaint: (recipient, at) => [delivered(recipient), complained(recipient, at, 'abuse')],
  'not spam': (recipient, at) => [delivered(recipient), complained(recipient, at, 'not-spam')],
  // An automatic reply is reported as a bounce that contains only the address.
  'out of office': (recipient) => [
    delivered(recipient),
    bounced('Transient', 'General', { emailAddress: recipient }, {}),
  ],
  delayed: (recipient, at) => [delayed(recipient, at), delivered(recipient)],
  'globally suppressed': (recipient) => [
    bounced(
      'Permanent',
      'Suppressed',
      failed(
        recipient,
        '5.1.1',
        `Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an invalid address. For more information about how to remove an address from the suppression list, see the Amazon SES Developer Guide: ${GUIDE}/remove-from-suppressionlist.html`,
      ),
      { reportingMTA: 'dns; amazonses.com' },
    ),
  ],
}

/** The events after mail to a mailbox with this behaviour, in order. */
export function recipientEventsOf(behaviour: Behaviour, recipient: string, at: Date): RecipientEvent[] {
  return eventsByBehaviour[behaviour](recipient, at)
}

/** The event after mail to an address on the list of the account or of a tenant, which SES does not send: an echo of the entry's reason. */
export function echoOf(entry: SuppressedDestination, recipient: string, owner: 'Account' | 'Tenant'): RecipientEvent {
  const subType = `On${owner}SuppressionList`
  if (entry.reason === 'COMPLAINT') {
    return {
      type: 'Complaint',
      isFeedback: true,
      details: {
        complainedRecipients: [{ emailAddress: recipient }],
        complaintSubType: subType,
      },
    }
  }
  const diagnostic = `Amazon SES did not send the message to this address because it is on the suppression list for your ${owner.toLowerCase()}. For more information about removing addresses from the suppression list, see the Amazon SES Developer Guide at ${GUIDE}/sending-email-suppression-list.html`
  return bounced('Permanent', subType, failed(recipient, '5.1.1', diagnostic), {
    reportingMTA: 'dns; amazonses.com',
  })
}
