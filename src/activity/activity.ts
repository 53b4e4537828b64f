/**
 * One SES event → what is stored of it: one entry for each recipient, under a key that follows from the event alone. Pure.
 *
 * So a copy of an event has the same keys, in whatever envelope and dialect it arrives, and changes no count. The link that a reader followed is
 * dropped. The IP address and the user agent are kept only if the project wants them (src/activity/record.ts).
 */
import { createHash } from 'node:crypto'
import type { EventType, SesEvent } from '../intake/event.ts'

export type Activity = {
  /** Sort key: message, type, recipient, and what tells two such events apart. */
  readonly key: string
  readonly messageId: string
  readonly type: EventType
  readonly at: Date
  /** Absent for an open or a click of a message to several recipients: SES does not say whose it is. */
  readonly recipient?: string | undefined
  /** A bounce's type and sub-type, a complaint's type, the type of a delay. */
  readonly detail?: string | undefined
  /** Whether SES takes the reader for a machine. Absent if it did not say. */
  readonly bot?: 'Likely' | 'Unlikely' | undefined
  /** IP address and user agent of an open or a click. */
  readonly reader?: Reader | undefined
  /** Position among the recipients of a complaint. SES may name several, of whom one complained. */
  readonly nth: number
}

export type Reader = { readonly ip?: string | undefined; readonly userAgent?: string | undefined }

type Happening = Pick<Activity, 'at' | 'detail' | 'bot' | 'reader'> & {
  readonly recipients: readonly (string | undefined)[]
  readonly distinct?: string
}

export function activityOf(event: SesEvent): Activity[] {
  const { recipients, at, detail, bot, reader, distinct = '' } = happeningOf(event)
  const { messageId } = event.mail
  return [...new Set(recipients)].sort().map((recipient, nth) => ({
    key: `${messageId}#${event.type}#${keyed(recipient)}#${distinct}`,
    messageId,
    type: event.type,
    at,
    recipient,
    detail,
    bot,
    reader,
    nth,
  }))
}

function happeningOf(event: SesEvent): Happening {
  const { destination, at: sentAt } = event.mail
  const [reader, ...others] = destination
  const readers = [others.length === 0 ? reader : undefined]
  switch (event.type) {
    case 'Bounce': {
      const { bounce } = event
      const detail = `${bounce.type} ${bounce.subType}`
      return { recipients: addressesOf(bounce.recipients), at: bounce.at, detail, distinct: bounce.feedbackId }
    }
    case 'Complaint': {
      const { recipients, at, feedbackId, feedbackType, subType } = event.complaint
      return { recipients: addressesOf(recipients), at, detail: subType ?? feedbackType, distinct: feedbackId }
    }
    case 'Delivery':
      return { recipients: addressesOf(event.delivery.recipients), at: event.delivery.at ?? sentAt }
    case 'DeliveryDelay': {
      const { recipients, at = sentAt, type } = event.deliveryDelay
      return { recipients: addressesOf(recipients), at, detail: nameIn(type), distinct: at.toISOString() }
    }
    case 'Open': {
      const { at = sentAt, isBotEvent: bot, ipAddress: ip, userAgent } = event.open
      return { recipients: readers, at, bot, reader: { ip, userAgent }, distinct: at.toISOString() }
    }
    case 'Click': {
      const { at = sentAt, isBotEvent: bot, link = '', ipAddress: ip, userAgent } = event.click
      const reader = { ip, userAgent }
      return { recipients: readers, at, bot, reader, distinct: `${at.toISOString()}#${digestOf(link).slice(0, 8)}` }
    }
    case 'Subscription': {
      const { at = sentAt } = event.subscription
      return { recipients: readers, at, distinct: at.toISOString() }
    }
    default:
      return { recipients: destination, at: sentAt }
  }
}

const addressesOf = (recipients: readonly { readonly address: string }[]) => recipients.map(({ address }) => address)

/** The type of a delay is a name of SES. Any other text is dropped. */
const nameIn = (text: string | undefined) => (text !== undefined && /^[A-Za-z]{1,64}$/.test(text) ? text : undefined)

const digestOf = (text: string) => createHash('sha256').update(text).digest('base64url')

/** A sort key has at most 1,024 bytes. SES writes a destination as the sender did, so an entry may be longer than any address. */
const keyed = (recipient = '') => (Buffer.byteLength(recipient) > 320 ? digestOf(recipient) : recipient)
