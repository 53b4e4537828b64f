/**
 * SES v2: configuration, the account list and, in ses-sending.ts, sending.
 *
 * The account list has no resource of its own (only a tenant's list has one), so its calls need `*`.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
 */
import * as v from 'valibot'
import {
  type Entry,
  entry,
  localArn,
  MalformedInputError,
  nameSchema,
  noInput,
  type Requirement,
  type ResourceContext,
  textSchema,
} from './entry.ts'
import { sendBulkEmail, sendEmail } from './ses-sending.ts'

function onSes(action: string, resource: string, place: ResourceContext): Requirement {
  return { action: `ses:${action}`, resource, resourceAccount: place.account, context: { 'ses:ApiVersion': '2' } }
}

const ofEverything = (action: string): Entry =>
  entry([`ses:${action}`], noInput, (_, place) => [onSes(action, '*', place)])

const ofConfigurationSet = (action: string): Entry =>
  entry([`ses:${action}`], v.object({ ConfigurationSetName: nameSchema }), ({ ConfigurationSetName }, place) => [
    onSes(action, localArn('ses', place, `configuration-set/${ConfigurationSetName}`), place),
  ])

const isIdentity = (text: string) => /^[^\s:/*?]+$/.test(text)

const ofIdentity = (action: string): Entry =>
  entry([`ses:${action}`], v.object({ EmailIdentity: textSchema }), ({ EmailIdentity }, place) => {
    if (!isIdentity(EmailIdentity)) throw new MalformedInputError('EmailIdentity', 'is not an identity')
    return [onSes(action, localArn('ses', place, `identity/${EmailIdentity}`), place)]
  })

/** The call needs the identity, and the configuration set that becomes its default, unless the call removes the default. */
const defaultSetInput = v.object({ EmailIdentity: textSchema, ConfigurationSetName: v.optional(nameSchema) })
const identityAndSet = (action: string): Entry =>
  entry([`ses:${action}`], defaultSetInput, ({ EmailIdentity, ConfigurationSetName: set }, place) => {
    if (!isIdentity(EmailIdentity)) throw new MalformedInputError('EmailIdentity', 'is not an identity')
    const resources = [`identity/${EmailIdentity}`, ...(set === undefined ? [] : [`configuration-set/${set}`])]
    return resources.map((resource) => onSes(action, localArn('ses', place, resource), place))
  })

const ofTemplate = (action: string): Entry =>
  entry([`ses:${action}`], v.object({ TemplateName: nameSchema }), ({ TemplateName }, place) => [
    onSes(action, localArn('ses', place, `template/${TemplateName}`), place),
  ])

/** The account's list has no resource. A tenant's list has the tenant, whose ARN ends in an id that is not in the request. */
const ofAccountList = (action: string): Entry =>
  entry([`ses:${action}`], v.object({ TenantName: v.optional(nameSchema) }), ({ TenantName: tenant }, place) => {
    if (tenant === undefined) return [onSes(action, '*', place)]
    const id = place.tenantIdOf?.(tenant) ?? 'unknown'
    return [onSes(action, localArn('ses', place, `tenant/${tenant}/${id}`), place)]
  })

export const ses: Readonly<Record<string, Entry>> = {
  SendEmail: sendEmail,
  SendBulkEmail: sendBulkEmail,
  ListEmailTemplates: ofEverything('ListEmailTemplates'),
  CreateEmailTemplate: ofTemplate('CreateEmailTemplate'),
  GetEmailTemplate: ofTemplate('GetEmailTemplate'),
  UpdateEmailTemplate: ofTemplate('UpdateEmailTemplate'),
  DeleteEmailTemplate: ofTemplate('DeleteEmailTemplate'),
  TestRenderEmailTemplate: ofTemplate('TestRenderEmailTemplate'),
  GetAccount: ofEverything('GetAccount'),
  ListEmailIdentities: ofEverything('ListEmailIdentities'),
  ListConfigurationSets: ofEverything('ListConfigurationSets'),
  CreateEmailIdentity: ofIdentity('CreateEmailIdentity'),
  GetEmailIdentity: ofIdentity('GetEmailIdentity'),
  DeleteEmailIdentity: ofIdentity('DeleteEmailIdentity'),
  PutEmailIdentityMailFromAttributes: ofIdentity('PutEmailIdentityMailFromAttributes'),
  CreateConfigurationSet: ofConfigurationSet('CreateConfigurationSet'),
  GetConfigurationSet: ofConfigurationSet('GetConfigurationSet'),
  DeleteConfigurationSet: ofConfigurationSet('DeleteConfigurationSet'),
  CreateConfigurationSetEventDestination: ofConfigurationSet('CreateConfigurationSetEventDestination'),
  GetConfigurationSetEventDestinations: ofConfigurationSet('GetConfigurationSetEventDestinations'),
  UpdateConfigurationSetEventDestination: ofConfigurationSet('UpdateConfigurationSetEventDestination'),
  DeleteConfigurationSetEventDestination: ofConfigurationSet('DeleteConfigurationSetEventDestination'),
  PutConfigurationSetSuppressionOptions: ofConfigurationSet('PutConfigurationSetSuppressionOptions'),
  PutEmailIdentityConfigurationSetAttributes: identityAndSet('PutEmailIdentityConfigurationSetAttributes'),
  PutAccountSendingAttributes: ofEverything('PutAccountSendingAttributes'),
  PutConfigurationSetSendingOptions: ofConfigurationSet('PutConfigurationSetSendingOptions'),
  PutAccountSuppressionAttributes: ofEverything('PutAccountSuppressionAttributes'),
  PutSuppressedDestination: ofAccountList('PutSuppressedDestination'),
  GetSuppressedDestination: ofAccountList('GetSuppressedDestination'),
  ListSuppressedDestinations: ofAccountList('ListSuppressedDestinations'),
  DeleteSuppressedDestination: ofAccountList('DeleteSuppressedDestination'),
}
