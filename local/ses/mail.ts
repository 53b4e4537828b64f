/** Reads the input of SendEmail, with any of the three kinds of content, as headers, recipients and subject that SES reports later. */
import * as v from 'valibot'
import { AwsError } from '../service.ts'
import { tryParseJson } from '../wire/input.ts'
import type { SesAccount, SesTemplate } from './account.ts'

const data = v.object({ Data: v.string(), Charset: v.optional(v.string()) })
const header = v.object({ Name: v.string(), Value: v.string() })
const addresses = v.optional(v.array(v.string()), [])

/** Strict: an unsupported option is refused, not ignored. */
export const sendInput = v.strictObject({
  FromEmailAddress: v.optional(v.string()),
  FeedbackForwardingEmailAddress: v.optional(v.string()),
  Destination: v.optional(v.object({ ToAddresses: addresses, CcAddresses: addresses, BccAddresses: addresses })),
  ReplyToAddresses: addresses,
  Content: v.object({
    Simple: v.optional(
      v.object({
        Subject: data,
        Body: v.object({ Text: v.optional(data), Html: v.optional(data) }),
        Headers: v.optional(v.array(header), []),
      }),
    ),
    Raw: v.optional(v.object({ Data: v.instance(Uint8Array) })),
    Template: v.optional(
      v.object({
        TemplateName: v.optional(v.string()),
        TemplateContent: v.optional(
          v.object({
            Subject: v.optional(v.string(), ''),
            Text: v.optional(v.string(), ''),
            Html: v.optional(v.string(), ''),
          }),
        ),
        TemplateData: v.optional(v.string(), '{}'),
        Headers: v.optional(v.array(header), []),
      }),
    ),
  }),
  EmailTags: v.optional(v.array(v.object({ Name: v.string(), Value: v.string() })), []),
  ConfigurationSetName: v.optional(v.string()),
  TenantName: v.optional(v.string()),
})

export type SendInput = v.InferOutput<typeof sendInput>

export type Header = { name: string; value: string }

export type Mail = {
  /** The From address as given, with its display name. */
  source: string
  recipients: string[]
  headers: Header[]
  subject: string
  body: string
  /** Set when the data lacks an attribute of the template. SES then sends nothing. */
  renderingFailure?: { errorMessage: string; templateName: string }
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
  const templateName = template.TemplateName ?? 'inline template'
  const inline = template.TemplateContent
  const parts: SesTemplate | undefined = inline
    ? { subject: inline.Subject, text: inline.Text, html: inline.Html }
    : account.templates.get(templateName)
  if (!parts) throw new AwsError('NotFoundException', `Template ${templateName} does not exist`, 404)
  const values = v.safeParse(v.record(v.string(), v.unknown()), tryParseJson(template.TemplateData))
  if (!values.success) throw new AwsError('BadRequestException', 'TemplateData is not a JSON object.')
  let missing: string | undefined
  const render = (text: string): string =>
    text.replace(/\{\{\s*([\w-]+)\s*\}\}/g, (_, name: string) => {
      if (values.output[name] === undefined) missing ??= name
      return String(values.output[name])
    })
  const body = render(parts.text) + render(parts.html)
  const mail = compose(addressed, replyTo, render(parts.subject), body, template.Headers)
  if (missing === undefined) return mail
  const errorMessage = `Attribute '${missing}' is not present in the rendering data.`
  return { ...mail, renderingFailure: { errorMessage, templateName } }
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
