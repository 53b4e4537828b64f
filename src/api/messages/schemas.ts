/** Requests and answers of the routes that send. */
import * as v from 'valibot'
import { oneLine } from '../one-line.ts'
import { CheckOutcome } from '../suppressions/schemas.ts'
import { TemplateName } from '../templates/schemas.ts'

const Address = v.pipe(oneLine(2_048), v.description('With or without a display name'))
const Addresses = v.pipe(v.array(Address), v.maxLength(50, 'must have 50 addresses at most'))
const Base64 = v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]*={0,2}$/, 'must be Base64'))

const Tag = v.strictObject({
  name: v.pipe(
    v.string(),
    v.regex(
      /^(?!sesame-)[A-Za-z0-9_-]{1,256}$/,
      'must be 1 to 256 of A-Z, a-z, 0-9, "_" and "-", and not begin with "sesame-"',
    ),
  ),
  value: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,256}$/, 'must be 1 to 256 of A-Z, a-z, 0-9, "_" and "-"')),
})

const Header = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[!-9;-~]{1,126}$/, 'must be the name of a header')),
  value: v.pipe(v.string(), v.regex(/^[\x20-\x7e]{1,870}$/, 'must be 1 to 870 printable ASCII characters')),
})

const Attachment = v.strictObject({
  filename: oneLine(255),
  content: v.pipe(Base64, v.description('Base64')),
  contentType: v.optional(oneLine(78)),
  contentId: v.optional(v.pipe(oneLine(78), v.description('For an image in the HTML: `<img src="cid:…">`'))),
})

export const MessageRequest = v.strictObject({
  from: v.pipe(Address, v.description('An address of a verified identity of the project')),
  to: v.pipe(Addresses, v.minLength(1, 'must have at least one address')),
  cc: v.optional(Addresses),
  bcc: v.optional(Addresses),
  replyTo: v.optional(Addresses),
  subject: v.optional(oneLine(998)),
  text: v.optional(v.string()),
  html: v.optional(v.string()),
  raw: v.optional(
    v.pipe(Base64, v.description('A complete message of RFC 5322 in Base64, instead of subject, text and html')),
  ),
  template: v.optional(
    v.pipe(TemplateName, v.description('A stored template of the project, instead of subject, text and html')),
  ),
  data: v.optional(
    v.pipe(
      v.record(v.string(), v.unknown()),
      v.description(
        'Values for the attributes of the template; or texts, numbers and booleans for `{{name}}` in subject, text and html. SES does not escape them for HTML',
      ),
    ),
  ),
  attachments: v.optional(v.pipe(v.array(Attachment), v.maxLength(100, 'must have 100 attachments at most'))),
  headers: v.optional(v.pipe(v.array(Header), v.maxLength(13, 'must have 13 headers at most'))),
  tags: v.optional(v.pipe(v.array(Tag), v.maxLength(40, 'must have 40 tags at most'))),
  unsubscribeUrl: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^https:\/\/[\x21-\x3b\x3d\x3f-\x7e]{1,800}$/, 'must be an https URL'),
      v.description('Unsubscribes by POST (RFC 8058). Sets the headers List-Unsubscribe and List-Unsubscribe-Post'),
    ),
  ),
  tracking: v.optional(
    v.pipe(
      v.strictObject({ opens: v.optional(v.boolean()), clicks: v.optional(v.boolean()) }),
      v.description('Whether SES tracks opens and clicks of this message. Absent: as the configuration set says'),
    ),
  ),
  tenant: v.optional(v.pipe(oneLine(64), v.description('An SES tenant of the account'))),
})

const Sent = v.strictObject({
  recipient: v.pipe(v.string(), v.description('As it was sent')),
  state: v.pipe(
    v.picklist(['sent', 'refused', 'unknown', 'not accepted']),
    v.description(
      '`unknown` is settled by the Send event of the mail: repeat the request with the same key later. `not accepted`: it is safe to send again',
    ),
  ),
  messageId: v.optional(v.pipe(v.string(), v.description('The id that SES gave the mail'))),
  reason: CheckOutcome.entries.reason,
  since: CheckOutcome.entries.since,
  until: CheckOutcome.entries.until,
  detail: v.optional(v.string()),
})

export const MessageAnswer = v.strictObject({
  attempt: v.pipe(
    v.string(),
    v.description('The id of the attempt: the tag `sesame-attempt` of the events of the mail'),
  ),
  outcomes: v.pipe(v.array(Sent), v.description('One for each recipient, in the order to, cc, bcc')),
})

export const BatchRequest = v.strictObject({
  messages: v.pipe(
    v.array(MessageRequest),
    v.minLength(1, 'must have at least one message'),
    v.maxLength(50, 'must have 50 messages at most'),
  ),
})

const BatchEntry = v.strictObject({
  attempt: v.optional(v.string()),
  outcomes: v.optional(v.array(Sent)),
  problem: v.optional(
    v.pipe(
      v.strictObject({
        type: v.string(),
        title: v.string(),
        status: v.number(),
        detail: v.string(),
        remedy: v.string(),
        retryAfter: v.optional(v.number()),
      }),
      v.description('Why the message was not sent'),
    ),
  ),
})

export const BatchAnswer = v.strictObject({
  entries: v.pipe(v.array(BatchEntry), v.description('One for each message, in the same order')),
})
