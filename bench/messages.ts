/**
 * The events that the benchmark passes to the functions. As Lambda passes messages of SNS: one record, with the SES event as text.
 */

export const account = '111122223333'
export const configurationSet = 'sesame-acme'
export const project = 'acme'

/** The kind of an event and its number of recipients. */
export type Situation = { readonly kind: 'hard' | 'soft' | 'complaint' | 'echo'; readonly recipients: number }

export type LambdaEvent = { readonly Records: readonly { readonly Sns: { readonly Message: string } }[] }

const dayMs = 86_400_000
const start = Date.parse('2026-03-02T09:30:00.412Z')

export const addressOf = (n: number, i = 0): string => `some.customer.${n}.${i}@mail-${n % 7}.example.com`

export const feedbackIdOf = (n: number, bounce = 0): string =>
  `0100019a5c${String(n).padStart(6, '0')}-3f1c9a7e-5b2d-4c8f-9e0a-${String(bounce).padStart(12, '0')}-000000`

/**
 * @param n selects the recipients: another `n` has other addresses
 * @param bounce counts the bounces of the same recipients: each has another feedback id and another day
 */
export function eventOf({ kind, recipients }: Situation, n: number, bounce = 0): LambdaEvent {
  const addresses = Array.from({ length: recipients }, (_, i) => addressOf(n, i))
  const at = new Date(start + n * 1000 + bounce * dayMs).toISOString()
  const feedbackId = feedbackIdOf(n, bounce)
  const mail = mailTo(addresses, at, n)
  const message =
    kind === 'complaint'
      ? { eventType: 'Complaint', complaint: complaintOf(addresses, at, feedbackId), mail }
      : { eventType: 'Bounce', bounce: bounceOf(kind, addresses, at, feedbackId), mail }
  const id = `95df01b4-ee98-5cb9-9903-${String(n * 100 + bounce).padStart(12, '0')}`
  const topic = `arn:aws:sns:us-east-1:123456789012:sesame-dev-${kind === 'complaint' ? 'complaints' : 'bounces'}`
  return { Records: [recordOf(JSON.stringify(message), id, topic, at)] }
}

function recordOf(Message: string, MessageId: string, TopicArn: string, Timestamp: string) {
  return {
    EventSource: 'aws:sns',
    EventVersion: '1.0',
    EventSubscriptionArn: `${TopicArn}:21be56ed-a058-49f5-8c98-aedd2564c486`,
    Sns: {
      Type: 'Notification',
      MessageId,
      TopicArn,
      Subject: 'Amazon SES Email Event Notification',
      Message,
      Timestamp,
      SignatureVersion: '1',
      Signature: 'dGhpcyBpcyBub3QgYSByZWFsIHNpZ25hdHVyZQ==',
      SigningCertUrl: 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0000000000000000000000000000.pem',
      UnsubscribeUrl: `https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${TopicArn}:21be56ed`,
      MessageAttributes: {},
    },
  }
}

function bounceOf(kind: 'hard' | 'soft' | 'echo', addresses: readonly string[], timestamp: string, feedbackId: string) {
  const [status, diagnosticCode] =
    kind === 'soft'
      ? ['4.2.2', "smtp; 452 4.2.2 The recipient's inbox is out of storage space and inactive. Please try again later."]
      : [
          '5.1.1',
          'smtp; 550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking.',
        ]
  return {
    feedbackId,
    bounceType: kind === 'soft' ? 'Transient' : 'Permanent',
    bounceSubType: kind === 'soft' ? 'MailboxFull' : kind === 'echo' ? 'OnAccountSuppressionList' : 'NoEmail',
    bouncedRecipients: addresses.map((emailAddress) => ({ emailAddress, action: 'failed', status, diagnosticCode })),
    timestamp,
    reportingMTA: 'dns; a8-70.smtp-out.amazonses.com',
  }
}

function complaintOf(addresses: readonly string[], timestamp: string, feedbackId: string) {
  return {
    feedbackId,
    complaintSubType: null,
    complainedRecipients: addresses.map((emailAddress) => ({ emailAddress })),
    timestamp,
    userAgent: 'Amazon SES Mailbox Simulator',
    complaintFeedbackType: 'abuse',
    arrivalDate: timestamp,
  }
}

/** The mail of an event as SES writes it, with headers: about 2 KB. */
function mailTo(destination: readonly string[], timestamp: string, n: number) {
  const messageId = `0100019a5b${String(n).padStart(6, '0')}-0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0-000000`
  const common = { from: ['Acme Orders <orders@acme.example>'], to: [...destination], subject: `Your order ${n}` }
  const headers = {
    From: 'Acme Orders <orders@acme.example>',
    'Reply-To': 'Acme Support <support@acme.example>',
    To: destination.join(', '),
    Subject: common.subject,
    'MIME-Version': '1.0',
    'Content-Type': 'multipart/alternative; boundary="----=_Part_3_1136262204.1520291331822"',
    'List-Unsubscribe': '<https://acme.example/unsubscribe?t=3f1c9a7e5b2d4c8f9e0a>, <mailto:unsubscribe@acme.example>',
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    'X-SES-CONFIGURATION-SET': configurationSet,
  }
  return {
    timestamp,
    source: 'Acme Orders <orders@acme.example>',
    sourceArn: `arn:aws:ses:us-east-1:${account}:identity/acme.example`,
    sendingAccountId: account,
    messageId,
    destination,
    headersTruncated: false,
    headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
    commonHeaders: { ...common, messageId },
    tags: {
      'ses:operation': ['SendEmail'],
      'ses:configuration-set': [configurationSet],
      'ses:source-ip': ['192.0.2.14'],
      'ses:from-domain': ['acme.example'],
      'ses:caller-identity': ['acme-web'],
    },
  }
}
