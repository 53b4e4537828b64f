/**
 * SES v2 SendEmail and SendBulkEmail: the identity, the configuration set and the template must each be allowed.
 *
 * The documentation says that raw content needs ses:SendEmail; reports say that it needs ses:SendRawEmail. The same doubt exists for a
 * stored template and ses:SendTemplatedEmail. Both are required here, so a role that passes here passes in either case. If an input omits
 * the sender or the recipients, they are read from the raw headers. If it omits the configuration set, the default one of the identity is
 * checked.
 * https://docs.aws.amazon.com/ses/latest/dg/control-user-access.html
 */
import * as v from 'valibot'
import type { Context } from '../request.ts'
import {
  arnOf,
  entry,
  localArn,
  MalformedInputError,
  nameSchema,
  type Requirement,
  type ResourceContext,
  textSchema,
} from './entry.ts'
import { headersOf, type Mailbox, mailboxesOf, mailboxOf } from './mailbox.ts'

const addresses = v.optional(v.array(v.string()), [])
const destination = v.object({ ToAddresses: addresses, CcAddresses: addresses, BccAddresses: addresses })
const template = v.object({ TemplateName: v.optional(nameSchema), TemplateArn: v.optional(textSchema) })
const tracking = v.optional(v.picklist(['ENABLED', 'DISABLED']))
const anySend = {
  FromEmailAddress: v.optional(textSchema),
  FromEmailAddressIdentityArn: v.optional(textSchema),
  FeedbackForwardingEmailAddress: v.optional(textSchema),
  ConfigurationSetName: v.optional(nameSchema),
  ConfigurationOverrides: v.optional(
    v.object({ Tracking: v.optional(v.object({ OpenTrackingEnabled: tracking, ClickTrackingEnabled: tracking })) }),
  ),
  TenantName: v.optional(nameSchema),
  EndpointId: v.optional(textSchema),
}
const oneInput = v.object({
  ...anySend,
  Destination: v.optional(destination),
  Content: v.object({
    Raw: v.optional(v.object({ Data: v.instance(Uint8Array) })),
    Template: v.optional(template),
  }),
})
const bulkInput = v.object({
  ...anySend,
  DefaultContent: v.object({ Template: template }),
  BulkEmailEntries: v.array(v.object({ Destination: destination })),
})
type Common = Omit<v.InferOutput<typeof bulkInput>, 'DefaultContent' | 'BulkEmailEntries'>
type Template = v.InferOutput<typeof template>

const overriding = 'ses:ApplyTrackingConfigurationOverrides'

/** The action for all content, and those that a kind of content needs beside it. */
const actionsFor = {
  simple: ['ses:SendEmail'],
  raw: ['ses:SendEmail', 'ses:SendRawEmail'],
  template: ['ses:SendEmail', 'ses:SendTemplatedEmail'],
} as const

export const sendEmail = entry(
  ['ses:SendEmail', 'ses:SendRawEmail', 'ses:SendTemplatedEmail', overriding],
  oneInput,
  (mail, place) => {
    const { Raw, Template } = mail.Content
    const from = senderOf(mail, Raw?.Data)
    const templates = templateOf(Template, place)
    const kind = Raw ? 'raw' : templates.length > 0 ? 'template' : 'simple'
    const context = addressContextOf(mail, from, recipientsOf(mail))
    const targets = [identityOf(mail, from, place), ...configurationSetOf(mail, from, place), ...templates]
    return [
      ...actionsFor[kind].flatMap((action) => {
        // The other actions, which are of version 1 of the API, do not know tenants and endpoints.
        const more = action === 'ses:SendEmail' ? placeContextOf(mail) : {}
        return targets.map((target) => ({ action, ...target, context: { ...context, ...more } }))
      }),
      ...overridesOf(mail, place),
    ]
  },
)

/** The addresses are keys of the second action only, so a policy that limits the sender must limit that one. */
export const sendBulkEmail = entry(
  ['ses:SendBulkEmail', 'ses:SendBulkTemplatedEmail', overriding],
  bulkInput,
  (mail, place) => {
    const from = senderOf(mail, undefined)
    const recipients = mail.BulkEmailEntries.flatMap(({ Destination }) => listedIn(Destination))
    const targets = [
      identityOf(mail, from, place),
      ...configurationSetOf(mail, from, place),
      ...templateOf(mail.DefaultContent.Template, place),
    ]
    const contexts: [string, Context][] = [
      ['ses:SendBulkEmail', { 'ses:ApiVersion': '2', ...placeContextOf(mail) }],
      ['ses:SendBulkTemplatedEmail', addressContextOf(mail, from, recipients)],
    ]
    return [
      ...contexts.flatMap(([action, context]) => targets.map((target) => ({ action, ...target, context }))),
      ...overridesOf(mail, place),
    ]
  },
)

type Target = { resource: string; resourceAccount: string }

function identityOf(mail: Common, from: Mailbox, place: ResourceContext): Target {
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

function configurationSetOf({ ConfigurationSetName }: Common, from: Mailbox, place: ResourceContext): Target[] {
  const name = ConfigurationSetName ?? place.defaultConfigurationSetOf?.(from.address)
  if (name === undefined) return []
  return [{ resource: localArn('ses', place, `configuration-set/${name}`), resourceAccount: place.account }]
}

function templateOf(given: Template | undefined, place: ResourceContext): Target[] {
  if (given?.TemplateArn !== undefined) {
    const { text, account } = arnOf(given.TemplateArn, 'ses', 'Content.Template.TemplateArn')
    return [{ resource: text, resourceAccount: account }]
  }
  if (given?.TemplateName === undefined) return []
  return [{ resource: localArn('ses', place, `template/${given.TemplateName}`), resourceAccount: place.account }]
}

function overridesOf({ ConfigurationOverrides }: Common, place: ResourceContext): Requirement[] {
  const { OpenTrackingEnabled: opens, ClickTrackingEnabled: clicks } = ConfigurationOverrides?.Tracking ?? {}
  if (opens === undefined && clicks === undefined) return []
  const context = {
    ...(opens !== undefined && { 'ses:OpenTrackingEnabled': opens }),
    ...(clicks !== undefined && { 'ses:ClickTrackingEnabled': clicks }),
  }
  return [{ action: overriding, resource: '*', resourceAccount: place.account, context }]
}

function senderOf({ FromEmailAddress }: Common, raw: Uint8Array | undefined): Mailbox {
  const headers = raw === undefined ? [] : headersOf(raw, 'From')
  const [from, ...others] = FromEmailAddress === undefined ? headers : [FromEmailAddress]
  if (from === undefined) throw new MalformedInputError('FromEmailAddress', 'is missing')
  if (others.length > 0) throw new MalformedInputError('From', 'occurs twice in the raw message')
  return mailboxOf(from, 'FromEmailAddress')
}

const listedIn = ({ ToAddresses, CcAddresses, BccAddresses }: v.InferOutput<typeof destination>): string[] =>
  [...ToAddresses, ...CcAddresses, ...BccAddresses].map((text) => mailboxOf(text, 'Destination').address)

function recipientsOf({ Destination, Content: { Raw } }: v.InferOutput<typeof oneInput>): string[] {
  const listed = Destination === undefined ? [] : listedIn(Destination)
  if (listed.length > 0 || Raw === undefined) return listed
  const headers = ['To', 'Cc', 'Bcc'].flatMap((name) => headersOf(Raw.Data, name))
  return headers.flatMap((header) => mailboxesOf(header, 'Destination')).map(({ address }) => address)
}

function addressContextOf(mail: Common, { address, displayName }: Mailbox, recipients: readonly string[]): Context {
  const feedback = mail.FeedbackForwardingEmailAddress
  return {
    'ses:ApiVersion': '2',
    'ses:FromAddress': address,
    'ses:Recipients': recipients,
    ...(displayName === undefined ? {} : { 'ses:FromDisplayName': displayName }),
    ...(feedback === undefined
      ? {}
      : { 'ses:FeedbackAddress': mailboxOf(feedback, 'FeedbackForwardingEmailAddress').address }),
  }
}

const placeContextOf = ({ TenantName, EndpointId }: Common): Context => ({
  ...(TenantName !== undefined && { 'ses:TenantName': TenantName }),
  ...(EndpointId !== undefined && { 'ses:MultiRegionEndpointId': EndpointId }),
})
