/** Events of mail for bench/activity.ts, as SQS passes them, and the truth about them, by arithmetic on the plan and not by the code under test. */
import { account, configurationSet } from './messages.ts'

export type Message = { readonly messageId: string; readonly eventSource: 'aws:sqs'; readonly body: string }

/** Day → kind of event, as `Bounce Permanent NoEmail` → events. */
export type Truth = Map<string, Map<string, number>>

/** An event, and when its mail was sent. */
export type SentMessage = { readonly message: Message; readonly sentAtMs: number }

export type Made = { readonly messages: SentMessage[]; readonly truth: Truth }

const dayMs = 86_400_000
const start = Date.parse('2026-03-01T00:00:00Z')
const days = 3
const domains = 500

/** So many different events, of mail that was sent on three days. @param random from 0 to 1 */
export function createMailEvents(events: number, random: () => number): Made {
  const messages: SentMessage[] = []
  const truth: Truth = new Map()
  for (let nth = 0; messages.length < events; nth++) {
    const at = new Date(start + Math.floor(random() * days * dayMs))
    for (const { kind, facts } of happeningsOf(nth, at, random)) {
      if (messages.length >= events) break
      const day = at.toISOString().slice(0, 10)
      const ofDay = truth.get(day) ?? new Map<string, number>()
      truth.set(day, ofDay.set(kind, (ofDay.get(kind) ?? 0) + 1))
      const message = messageOf(messages.length, { ...facts, mail: mailOf(nth, at) })
      messages.push({ message, sentAtMs: at.getTime() })
    }
  }
  return { messages, truth }
}

type Happening = { readonly kind: string; readonly facts: object }

const recipientOf = (nth: number) => `some.customer.${nth}@mail-${nth % domains}.example.com`

/** What happens to one mail: nearly all is delivered, a quarter opened, a few bounce. */
function happeningsOf(nth: number, at: Date, random: () => number): Happening[] {
  const later = (ms: number) => new Date(at.getTime() + ms).toISOString()
  const emailAddress = recipientOf(nth)
  const sent: Happening = { kind: 'Send', facts: { eventType: 'Send', send: {} } }
  const luck = random()
  if (luck < 0.02) {
    const [bounceType, bounceSubType] =
      luck < 0.012
        ? ['Permanent', 'NoEmail']
        : luck < 0.018
          ? ['Transient', 'MailboxFull']
          : ['Permanent', 'OnAccountSuppressionList']
    const feedbackId = `0100019a5c${String(nth).padStart(8, '0')}-3f1c9a7e-5b2d-4c8f-9e0a-000000000000-000000`
    const bounce = {
      bounceType,
      bounceSubType,
      feedbackId,
      timestamp: later(4_000),
      bouncedRecipients: [{ emailAddress }],
    }
    return [sent, { kind: `Bounce ${bounceType} ${bounceSubType}`, facts: { eventType: 'Bounce', bounce } }]
  }
  const all: Happening[] = [
    sent,
    {
      kind: 'Delivery',
      facts: { eventType: 'Delivery', delivery: { timestamp: later(2_000), recipients: [emailAddress] } },
    },
  ]
  if (random() < 0.0005) {
    const feedbackId = `complaint-${nth}`
    const complaint = {
      feedbackId,
      timestamp: later(9_000),
      complaintFeedbackType: 'abuse',
      complainedRecipients: [{ emailAddress }],
    }
    all.push({ kind: 'Complaint abuse', facts: { eventType: 'Complaint', complaint } })
  }
  if (random() < 0.25) {
    const isBot = random()
    const isBotEvent = isBot < 0.3 ? 'Likely' : isBot < 0.9 ? 'Unlikely' : undefined
    const reader = { Likely: 'machine', Unlikely: 'person', unknown: 'unknown reader' }[isBotEvent ?? 'unknown']
    const open = { timestamp: later(60_000), ipAddress: '192.0.2.14', userAgent: 'Mozilla/5.0 (Macintosh)', isBotEvent }
    all.push({ kind: `Open ${reader}`, facts: { eventType: 'Open', open } })
  }
  return all
}

/** The mail of an event as SES writes it, with headers. */
function mailOf(nth: number, at: Date) {
  const destination = [recipientOf(nth)]
  const hexadecimal = at.getTime().toString(16).padStart(12, '0')
  return {
    timestamp: at.toISOString(),
    source: 'Acme Orders <orders@acme.example>',
    sendingAccountId: account,
    messageId: `0100${hexadecimal}-${String(nth).padStart(8, '0')}-4f50-6172-8394-a5b6c7d8e9f0-000000`,
    destination,
    headersTruncated: false,
    headers: [
      { name: 'From', value: 'Acme Orders <orders@acme.example>' },
      { name: 'To', value: destination.join(', ') },
      { name: 'Subject', value: `Your order ${nth}` },
      { name: 'List-Unsubscribe', value: '<https://acme.example/unsubscribe?t=3f1c9a7e5b2d4c8f9e0a>' },
    ],
    tags: { 'ses:configuration-set': [configurationSet], 'ses:from-domain': ['acme.example'] },
  }
}

const messageOf = (nth: number, event: object): Message => ({
  messageId: `message-${nth}`,
  eventSource: 'aws:sqs',
  body: JSON.stringify({
    Type: 'Notification',
    MessageId: `95df01b4-ee98-5cb9-9903-${String(nth).padStart(12, '0')}`,
    TopicArn: 'arn:aws:sns:us-east-1:123456789012:sesame-dev-activity',
    Message: JSON.stringify(event),
    Timestamp: '2026-03-05T00:00:00.000Z',
  }),
})
