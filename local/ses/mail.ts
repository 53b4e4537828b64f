/** Composes the mail of a send, with any kind of content: headers, recipients and subject that SES reports later. */
import { AwsError } from '../service.ts'
import type { SesAccount } from './account.ts'
import type { SendInput } from './send-input.ts'
import { renderMail } from './template.ts'

export type Header = { name: string; value: string }

export type Mail = {
  /** The From address as given, with its display name. */
  source: string
  recipients: string[]
  headers: Header[]
  subject: string
  body: string
  /** Set when the data lacks an attribute of the template. SES then sends nothing. */
  renderingFailure?: { readonly errorMessage: string; readonly templateName: string }
}

type Addressed = { from: string; to: string[]; cc: string[]; bcc: string[] }

/** The address in `"Name" <a@b>`, or the whole text. */
export function bareAddress(text: string): string {
  return (/<([^<>]*)>\s*$/.exec(text)?.[1] ?? text).trim()
}

/**
 * Reads the content of a mail.
 *
 * @throws AwsError BadRequestException without content or recipients, NotFoundException for an unknown template
 */
export function mailOf(input: SendInput, account: SesAccount): Mail {
  const { Simple: simple, Raw: raw, Template: template } = input.Content
  const given = input.Destination
  const addressed: Addressed = {
    from: input.FromEmailAddress ?? '',
    to: given?.ToAddresses ?? [],
    cc: given?.CcAddresses ?? [],
    bcc: given?.BccAddresses ?? [],
  }
  const replyTo = input.ReplyToAddresses
  if (raw) return fromRaw(Buffer.from(raw.Data).toString(), addressed)
  if (simple) {
    const body = `${simple.Body.Text?.Data ?? ''}${simple.Body.Html?.Data ?? ''}`
    return compose(addressed, replyTo, simple.Subject.Data, body, simple.Headers)
  }
  if (template) return fromTemplate(template, addressed, replyTo, account)
  throw new AwsError('BadRequestException', 'Content must have one of Simple, Raw and Template.')
}

function compose(
  { from, to, cc, bcc }: Addressed,
  replyTo: readonly string[],
  subject: string,
  body: string,
  extra: readonly { Name: string; Value: string }[],
): Mail {
  const list = (name: string, all: readonly string[]): Header[] =>
    all.length > 0 ? [{ name, value: all.join(', ') }] : []
  const headers: Header[] = [
    { name: 'From', value: from },
    ...list('Reply-To', replyTo),
    ...list('To', to),
    ...list('Cc', cc),
    { name: 'Subject', value: encodedWord(subject) },
    { name: 'MIME-Version', value: '1.0' },
    { name: 'Content-Type', value: 'text/plain; charset=UTF-8' },
    ...extra.map(({ Name: name, Value: value }) => ({ name, value })),
  ]
  return { source: from, recipients: recipientsIn([...to, ...cc, ...bcc]), headers, subject, body }
}

function fromRaw(text: string, given: Addressed): Mail {
  const normal = text.replaceAll('\r\n', '\n')
  const end = normal.indexOf('\n\n')
  const head = (end === -1 ? normal : normal.slice(0, end)).replace(/\n[ \t]+/g, ' ')
  const headers = head.split('\n').flatMap((line) => {
    const colon = line.indexOf(':')
    return colon > 0 ? [{ name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() }] : []
  })
  const value = (name: string): string => headers.find((header) => header.name.toLowerCase() === name)?.value ?? ''
  const explicit = [...given.to, ...given.cc, ...given.bcc]
  const fromHeaders = ['to', 'cc', 'bcc'].flatMap((name) => splitList(value(name)))
  return {
    source: given.from || value('from'),
    recipients: recipientsIn(explicit.length > 0 ? explicit : fromHeaders),
    headers: headers.filter((header) => header.name.toLowerCase() !== 'bcc'),
    subject: value('subject'),
    body: end === -1 ? '' : normal.slice(end + 2),
  }
}

function fromTemplate(
  template: NonNullable<SendInput['Content']['Template']>,
  addressed: Addressed,
  replyTo: readonly string[],
  account: SesAccount,
): Mail {
  const { subject, body, failure } = renderMail(template, account)
  const mail = compose(addressed, replyTo, subject, body, template.Headers)
  return failure ? { ...mail, renderingFailure: failure } : mail
}

function recipientsIn(all: readonly string[]): string[] {
  const recipients = [...new Set(all.map(bareAddress))]
  if (recipients.length === 0) throw new AwsError('BadRequestException', 'No recipients specified.')
  if (recipients.length > 50) throw new AwsError('BadRequestException', 'Recipient count exceeds 50.')
  if (recipients.some((address) => !/^[^@\s]+@[^@\s]+$/.test(address))) {
    throw new AwsError('BadRequestException', "Missing final '@domain'")
  }
  return recipients
}

/** Splits an address list at commas outside quoted names. */
function splitList(value: string): string[] {
  return (value.match(/(?:"(?:\\.|[^"\\])*"|[^",])+/g) ?? []).map((part) => part.trim()).filter((part) => part !== '')
}

/** A header value; outside ASCII as an RFC 2047 encoded word. */
function encodedWord(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  return /^[\x00-\x7f]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`
}
