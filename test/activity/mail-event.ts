/** Events of one mail as SES publishes them, for tests. */
import { account } from '../suppression/feedback.ts'

export const sentAt = new Date('2026-03-01T10:00:00Z')

/** The id of the nth mail, as SES makes it: it says when the mail was sent. */
export const messageIdOf = (nth: number, at = sentAt): string =>
  `0100${at.getTime().toString(16).padStart(12, '0')}-${String(nth).padStart(8, '0')}-0000-4000-8000-000000000000-000000`

type Mail = {
  readonly nth?: number
  readonly at?: Date
  readonly to?: readonly string[]
  readonly configurationSet?: string
}

/** @param facts the object of the event, under the name that SES gives it */
function mailEvent(eventType: string, facts: object, mail: Mail = {}): object {
  const { nth = 1, at = sentAt, to = ['ada@example.com'], configurationSet = 'sesame-acme' } = mail
  return {
    eventType,
    mail: {
      messageId: messageIdOf(nth, at),
      timestamp: at.toISOString(),
      source: 'news@acme.example',
      sendingAccountId: account,
      destination: to,
      tags: { 'ses:configuration-set': [configurationSet] },
    },
    ...facts,
  }
}

const timestamp = new Date(sentAt.getTime() + 60_000).toISOString()

export const send = (mail?: Mail) => mailEvent('Send', { send: {} }, mail)
export const delivery = (mail: Mail = {}) =>
  mailEvent('Delivery', { delivery: { timestamp, recipients: mail.to ?? ['ada@example.com'] } }, mail)
export const bounce = (bounceType: string, bounceSubType: string, mail: Mail = {}) => {
  const bouncedRecipients = (mail.to ?? ['ada@example.com']).map((emailAddress) => ({ emailAddress }))
  const facts = { bounceType, bounceSubType, bouncedRecipients, timestamp, feedbackId: `bounce-${mail.nth ?? 1}` }
  return mailEvent('Bounce', { bounce: facts }, mail)
}
export const complaint = (mail: Mail = {}, complaintFeedbackType = 'abuse') => {
  const complainedRecipients = (mail.to ?? ['ada@example.com']).map((emailAddress) => ({ emailAddress }))
  const facts = { complainedRecipients, timestamp, feedbackId: `complaint-${mail.nth ?? 1}`, complaintFeedbackType }
  return mailEvent('Complaint', { complaint: facts }, mail)
}
export const open = (isBotEvent?: string, mail?: Mail, at = timestamp) =>
  mailEvent('Open', { open: { timestamp: at, ipAddress: '198.51.100.7', userAgent: 'Mozilla/5.0', isBotEvent } }, mail)
export const click = (link: string, mail?: Mail) =>
  mailEvent('Click', { click: { timestamp, ipAddress: '198.51.100.7', userAgent: 'Mozilla/5.0', link } }, mail)
