/** The input of SendEmail and of SendBulkEmail, and the mails of a bulk as SendEmail would get them. */
import * as v from 'valibot'

const data = v.object({ Data: v.string(), Charset: v.optional(v.string()) })
const header = v.object({ Name: v.string(), Value: v.string() })
const addresses = v.optional(v.array(v.string()), [])
const destination = v.object({ ToAddresses: addresses, CcAddresses: addresses, BccAddresses: addresses })
const tag = v.object({ Name: v.string(), Value: v.string() })
const tags = v.optional(v.array(tag), [])
const headers = v.optional(v.array(header), [])
const template = v.object({
  TemplateName: v.optional(v.string()),
  TemplateArn: v.optional(v.string()),
  TemplateContent: v.optional(
    v.object({
      Subject: v.optional(v.string(), ''),
      Text: v.optional(v.string(), ''),
      Html: v.optional(v.string(), ''),
    }),
  ),
  TemplateData: v.optional(v.string(), '{}'),
  Headers: headers,
})
const feature = v.optional(v.picklist(['ENABLED', 'DISABLED']))
const overrides = v.object({
  Tracking: v.optional(v.object({ OpenTrackingEnabled: feature, ClickTrackingEnabled: feature })),
})

/** What SendEmail and SendBulkEmail have in common. */
const anySend = {
  FromEmailAddress: v.optional(v.string()),
  FeedbackForwardingEmailAddress: v.optional(v.string()),
  ReplyToAddresses: addresses,
  ConfigurationSetName: v.optional(v.string()),
  ConfigurationOverrides: v.optional(overrides),
  TenantName: v.optional(v.string()),
}

/** Strict: an unsupported option is refused, not ignored. */
export const sendInput = v.strictObject({
  ...anySend,
  Destination: v.optional(destination),
  Content: v.object({
    Simple: v.optional(
      v.object({
        Subject: data,
        Body: v.object({ Text: v.optional(data), Html: v.optional(data) }),
        Headers: headers,
      }),
    ),
    Raw: v.optional(v.object({ Data: v.instance(Uint8Array) })),
    Template: v.optional(template),
  }),
  EmailTags: tags,
})

export type SendInput = v.InferOutput<typeof sendInput>

export const bulkInput = v.strictObject({
  ...anySend,
  DefaultEmailTags: tags,
  DefaultContent: v.object({ Template: template }),
  BulkEmailEntries: v.pipe(
    v.array(
      v.strictObject({
        Destination: destination,
        ReplacementTags: tags,
        ReplacementHeaders: headers,
        ReplacementEmailContent: v.optional(
          v.object({ ReplacementTemplate: v.optional(v.object({ ReplacementTemplateData: v.optional(v.string()) })) }),
        ),
      }),
    ),
    v.minLength(1),
    v.maxLength(50),
  ),
})

type BulkInput = v.InferOutput<typeof bulkInput>

/**
 * The mail of each entry as SendEmail would get it. The data of an entry replaces the default data as a whole, and the default applies only
 * if the entry has none. Headers and tags of an entry replace those of the same name.
 */
export function mailsOf({ BulkEmailEntries, DefaultContent, DefaultEmailTags, ...shared }: BulkInput): SendInput[] {
  const { Template } = DefaultContent
  return BulkEmailEntries.map((entry) => {
    const given = entry.ReplacementEmailContent?.ReplacementTemplate?.ReplacementTemplateData
    const TemplateData = given === undefined || /^\s*(\{\s*\})?\s*$/.test(given) ? Template.TemplateData : given
    return {
      ...shared,
      Destination: entry.Destination,
      EmailTags: replaced(DefaultEmailTags, entry.ReplacementTags),
      Content: {
        Template: { ...Template, TemplateData, Headers: replaced(Template.Headers, entry.ReplacementHeaders) },
      },
    }
  })
}

const replaced = <Named extends { readonly Name: string }>(
  defaults: readonly Named[],
  own: readonly Named[],
): Named[] => [
  ...defaults.filter(({ Name }) => !own.some((one) => one.Name.toLowerCase() === Name.toLowerCase())),
  ...own,
]
