/**
 * SES v2 SendEmail: the identity, the configuration set and the template must each be allowed.
 *
 * The documentation says that raw content needs ses:SendEmail; reports say that it needs ses:SendRawEmail. Both are required here, so a role
 * that passes here passes in either case. If an input omits the sender or the recipients, they are read from the raw headers.
 * https://docs.aws.amazon.com/ses/latest/dg/control-user-access.html
 */
import * as v from 'valibot'
import type { Context } from '../request.ts'
import { arnOf, entry, localArn, MalformedInputError, nameSchema, type ResourceContext, textSchema } from './entry.ts'
import { headersOf, type Mailbox, mailboxesOf, mailboxOf } from './mailbox.ts'

const addresses = v.optional(v.array(v.string()), [])
const input = v.object({
  FromEmailAddress: v.optional(textSchema),
  FromEmailAddressIdentityArn: v.optional(textSchema),
  FeedbackForwardingEmailAddress: v.optional(textSchema),
  ConfigurationSetName: v.optional(nameSchema),
  Destination: v.optional(v.object({ ToAddresses: addresses, CcAddresses: addresses, BccAddresses: addresses })),
  Content: v.object({
    Raw: v.optional(v.object({ Data: v.instance(Uint8Array) })),
    Template: v.optional(v.object({ TemplateName: v.optional(nameSchema), TemplateArn: v.optional(textSchema) })),
  }),
})
type Input = v.InferOutput<typeof input>

export const sendEmail = entry(['ses:SendEmail', 'ses:SendRawEmail'], input, (mail, place) => {
  const from = senderOf(mail)
  const context = contextOf(mail, from)
  const targets = [identityOf(mail, from, place), ...configurationSetOf(mail, place), ...templateOf(mail, place)]
  const actions = mail.Content.Raw === undefined ? ['ses:SendEmail'] : ['ses:SendEmail', 'ses:SendRawEmail']
  return actions.flatMap((action) => targets.map((target) => ({ action, ...target, context })))
})

type Target = { resource: string; resourceAccount: string }

function identityOf(mail: Input, from: Mailbox, place: ResourceContext): Target {
  if (mail.FromEmailAddressIdentityArn !== undefined) {
    const { text, account, resource } = arnOf(mail.FromEmailAddressIdentityArn, 'ses', 'FromEmailAddressIdentityArn')
    if (!/^identity\/[^\s:/]+$/.test(resource))
      throw new MalformedInputError('FromEmailAddressIdentityArn', 'is not the ARN of an identity')
    return { resource: text, resourceAccount: account }
  }
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1).toLowerCase()
  const name = place.sendingIdentityOf?.(from.address) ?? domain
  return { resource: localArn('ses', place, `identity/${name}`), resourceAccount: place.account }
}

function configurationSetOf({ ConfigurationSetName }: Input, place: ResourceContext): Target[] {
  if (ConfigurationSetName === undefined) return []
  return [
    { resource: localArn('ses', place, `configuration-set/${ConfigurationSetName}`), resourceAccount: place.account },
  ]
}

function templateOf({ Content: { Template } }: Input, place: ResourceContext): Target[] {
  if (Template?.TemplateArn !== undefined) {
    const { text, account } = arnOf(Template.TemplateArn, 'ses', 'Content.Template.TemplateArn')
    return [{ resource: text, resourceAccount: account }]
  }
  if (Template?.TemplateName === undefined) return []
  return [{ resource: localArn('ses', place, `template/${Template.TemplateName}`), resourceAccount: place.account }]
}

function senderOf(mail: Input): Mailbox {
  const raw = mail.Content.Raw === undefined ? [] : headersOf(mail.Content.Raw.Data, 'From')
  const [from, ...others] = mail.FromEmailAddress === undefined ? raw : [mail.FromEmailAddress]
  if (from === undefined) throw new MalformedInputError('FromEmailAddress', 'is missing')
  if (others.length > 0) throw new MalformedInputError('From', 'occurs twice in the raw message')
  return mailboxOf(from, 'FromEmailAddress')
}

function recipientsOf({ Destination, Content: { Raw } }: Input): string[] {
  const listed = [Destination?.ToAddresses, Destination?.CcAddresses, Destination?.BccAddresses].flatMap(
    (list) => list ?? [],
  )
  const found = listed.map((text) => mailboxOf(text, 'Destination'))
  if (found.length > 0 || Raw === undefined) return found.map(({ address }) => address)
  const headers = ['To', 'Cc', 'Bcc'].flatMap((name) => headersOf(Raw.Data, name))
  return headers.flatMap((header) => mailboxesOf(header, 'Destination')).map(({ address }) => address)
}

function contextOf(mail: Input, { address, displayName }: Mailbox): Context {
  const feedback = mail.FeedbackForwardingEmailAddress
  return {
    'ses:ApiVersion': '2',
    'ses:FromAddress': address,
    'ses:Recipients': recipientsOf(mail),
    ...(displayName === undefined ? {} : { 'ses:FromDisplayName': displayName }),
    ...(feedback === undefined
      ? {}
      : { 'ses:FeedbackAddress': mailboxOf(feedback, 'FeedbackForwardingEmailAddress').address }),
  }
}
