/**
 * A message of an application → the input of SES, for the recipients that the guard allows. Pure.
 *
 * The configuration set of the project is always named, because the events of its mail must reach Sesame, and a policy cannot demand a set.
 * https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
 */
import type { SendEmailCommandInput, TrackingConfigurationOverrides } from '@aws-sdk/client-sesv2'
import { attemptTag } from '../activity/attempt.ts'
import { configurationSetOf } from '../projects/connection.ts'
import { templateNameOf } from '../projects/template-name.ts'

export type Attachment = {
  readonly filename: string
  /** Base64. */
  readonly content: string
  readonly contentType?: string | undefined
  /** For an image in the HTML: `<img src="cid:…">`. */
  readonly contentId?: string | undefined
}

export type NameAndValue = { readonly name: string; readonly value: string }

export type Message = {
  readonly from: string
  readonly to: readonly string[]
  readonly cc?: readonly string[] | undefined
  readonly bcc?: readonly string[] | undefined
  readonly replyTo?: readonly string[] | undefined
  readonly subject?: string | undefined
  readonly text?: string | undefined
  readonly html?: string | undefined
  /** A complete message of RFC 5322, in Base64. */
  readonly raw?: string | undefined
  /** A stored template of the project, instead of subject, text and html. */
  readonly template?: string | undefined
  /** Values for the attributes of the template, or for `{{name}}` in subject, text and html. */
  readonly data?: Readonly<Record<string, unknown>> | undefined
  readonly attachments?: readonly Attachment[] | undefined
  readonly headers?: readonly NameAndValue[] | undefined
  readonly tags?: readonly NameAndValue[] | undefined
  /** An https URL that unsubscribes by POST (RFC 8058). */
  readonly unsubscribeUrl?: string | undefined
  /** Overrides what the configuration set says about tracking. */
  readonly tracking?: { readonly opens?: boolean | undefined; readonly clicks?: boolean | undefined } | undefined
  readonly tenant?: string | undefined
}

/** The parts of a message to which the allowed recipients are added. */
export type Envelope = {
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly bcc: readonly string[]
}

/** Every recipient, in the order to, cc, bcc. */
export const recipientsOf = ({ to, cc = [], bcc = [] }: Message): string[] => [...to, ...cc, ...bcc]

/** @param isAllowed whether a recipient, as it is in the message, may be mailed */
export const envelopeOf = (
  { to, cc = [], bcc = [] }: Message,
  isAllowed: (recipient: string) => boolean,
): Envelope => ({
  to: to.filter(isAllowed),
  cc: cc.filter(isAllowed),
  bcc: bcc.filter(isAllowed),
})

export function sesInputOf(
  project: string,
  message: Message,
  envelope: Envelope,
  attempt: string,
): SendEmailCommandInput {
  const { from, replyTo, tags = [], tracking, tenant } = message
  return {
    FromEmailAddress: from,
    Destination: {
      ...(envelope.to.length > 0 && { ToAddresses: [...envelope.to] }),
      ...(envelope.cc.length > 0 && { CcAddresses: [...envelope.cc] }),
      ...(envelope.bcc.length > 0 && { BccAddresses: [...envelope.bcc] }),
    },
    ...(replyTo && { ReplyToAddresses: [...replyTo] }),
    Content: contentOf(project, message),
    EmailTags: [
      { Name: attemptTag, Value: attempt },
      { Name: 'sesame-project', Value: project },
      ...tags.map(({ name, value }) => ({ Name: name, Value: value })),
    ],
    ConfigurationSetName: configurationSetOf(project),
    ...(isOverriding(message) && { ConfigurationOverrides: { Tracking: trackingOf(tracking) } }),
    ...(tenant !== undefined && { TenantName: tenant }),
  }
}

/** SES checks a permission of its own for a message that overrides the tracking. */
export const isOverriding = ({ tracking }: Pick<Message, 'tracking'>): boolean =>
  tracking?.opens !== undefined || tracking?.clicks !== undefined

function trackingOf({ opens, clicks }: NonNullable<Message['tracking']> = {}): TrackingConfigurationOverrides {
  const statusOf = (isOn: boolean) => (isOn ? 'ENABLED' : 'DISABLED')
  return {
    ...(opens !== undefined && { OpenTrackingEnabled: statusOf(opens) }),
    ...(clicks !== undefined && { ClickTrackingEnabled: statusOf(clicks) }),
  }
}

function contentOf(project: string, message: Message): SendEmailCommandInput['Content'] {
  const { subject = '', text, html, raw, template, data, attachments } = message
  if (raw !== undefined) return { Raw: { Data: Buffer.from(raw, 'base64') } }
  const Headers = headersOf(message).map(({ name, value }) => ({ Name: name, Value: value }))
  const Attachments = attachments?.map(({ filename, content, contentType, contentId }) => ({
    FileName: filename,
    RawContent: Buffer.from(content, 'base64'),
    ...(contentType !== undefined && { ContentType: contentType }),
    ...(contentId !== undefined && { ContentId: contentId, ContentDisposition: 'INLINE' as const }),
  }))
  const more = { ...(Headers.length > 0 && { Headers }), ...(Attachments && { Attachments }) }
  if (template !== undefined) {
    const TemplateName = templateNameOf(project, template)
    return { Template: { TemplateName, TemplateData: JSON.stringify(data ?? {}), ...more } }
  }
  if (data !== undefined) {
    const TemplateContent = {
      Subject: subject,
      ...(text !== undefined && { Text: text }),
      ...(html !== undefined && { Html: html }),
    }
    return { Template: { TemplateContent, TemplateData: JSON.stringify(data), ...more } }
  }
  const part = (Data: string) => ({ Data, Charset: 'UTF-8' })
  const Body = { ...(text !== undefined && { Text: part(text) }), ...(html !== undefined && { Html: part(html) }) }
  return { Simple: { Subject: part(subject), Body, ...more } }
}

/** Gmail, Yahoo and Microsoft require both headers of bulk senders: https://www.rfc-editor.org/rfc/rfc8058 */
function headersOf({ headers = [], unsubscribeUrl }: Message): NameAndValue[] {
  if (unsubscribeUrl === undefined) return [...headers]
  return [
    ...headers,
    { name: 'List-Unsubscribe', value: `<${unsubscribeUrl}>` },
    { name: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
  ]
}
