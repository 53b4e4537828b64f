/**
 * All operations that Sesame performs in a customer's account, by feature and by resource.
 *
 * The customer template, its Terraform version, the session policies and the permission step of the proof are made from this list and the
 * action table. An operation that is missing here is denied there.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
 */
import type { Feature } from '../../projects/connection.ts'

/**
 * The resources of an operation: one kind of resource, or the whole account if the operation has no resource in IAM.
 * Configuration sets, templates and topics are only those of Sesame, whose names begin with `sesame-`.
 */
export type NamedResources = 'account' | 'identity' | 'configuration set' | 'template' | 'topic' | 'role'

/** One statement of the customer's role. */
export type Grant = {
  /** A verb phrase: the statement's Sid. */
  readonly sid: string
  readonly feature: Feature
  /** Commands as the action table keys them. */
  readonly commands: readonly string[]
  /** The IAM actions, if they are not all those that the commands can need. */
  readonly actions?: readonly string[]
  readonly touches: readonly NamedResources[]
  /** An explanation for the reader of the role: why `*`, why all identities. */
  readonly why?: string
}

/** What SES checks for a mail with a stored template: the second is asked as ses:SendRawEmail is for raw content. */
export const templateActions: readonly string[] = ['ses:SendEmail', 'ses:SendTemplatedEmail']

/** What SES checks for a mail that overrides the tracking of its configuration set. */
export const trackingAction = 'ses:ApplyTrackingConfigurationOverrides'

const noResource = 'IAM has no resource for these calls: limited to the region.'

export const grants: readonly Grant[] = [
  {
    sid: 'SeeTheAccountAndItsList',
    feature: 'reading',
    commands: [
      'ses:GetAccount',
      'ses:GetSuppressedDestination',
      'ses:ListEmailIdentities',
      'ses:ListSuppressedDestinations',
    ],
    touches: ['account'],
    why: noResource,
  },
  {
    sid: 'SeeIdentities',
    feature: 'reading',
    commands: ['ses:GetEmailIdentity'],
    touches: ['identity'],
  },
  {
    sid: 'SeeOurConfigurationSets',
    feature: 'reading',
    commands: ['ses:GetConfigurationSet', 'ses:GetConfigurationSetEventDestinations'],
    touches: ['configuration set'],
  },
  {
    sid: 'SeeOurTopics',
    feature: 'reading',
    commands: ['sns:GetTopicAttributes', 'sns:ListSubscriptionsByTopic'],
    touches: ['topic'],
  },
  {
    sid: 'SeeThisRole',
    feature: 'inspection',
    commands: ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies'],
    touches: ['role'],
    why: 'This role only: shows whether anybody else may assume it, and whether it grants more than Sesame uses.',
  },
  {
    sid: 'KeepTheAccountListInStep',
    feature: 'suppression',
    commands: ['ses:DeleteSuppressedDestination', 'ses:PutSuppressedDestination'],
    touches: ['account'],
    why: noResource,
  },
  {
    sid: 'SendMail',
    feature: 'sending',
    commands: ['ses:SendEmail'],
    actions: ['ses:SendEmail', 'ses:SendRawEmail'],
    touches: ['identity', 'configuration set'],
    why: 'Only with a configuration set of Sesame.',
  },
  {
    sid: 'SendStoredTemplates',
    feature: 'sending',
    // SendEmail again, which checks the template as well.
    commands: [],
    actions: templateActions,
    touches: ['identity', 'configuration set', 'template'],
    why: 'Only templates of Sesame.',
  },
  {
    sid: 'OverrideTrackingOfOneMail',
    feature: 'sending',
    // A part of SendEmail that needs a permission of its own.
    commands: [],
    actions: [trackingAction],
    touches: ['account'],
    why: 'Lets a mail be sent without tracking of opens and clicks. IAM has no resource for it: limited to the region.',
  },
  {
    sid: 'ListNamesOfTemplates',
    feature: 'templates',
    commands: ['ses:ListEmailTemplates'],
    touches: ['account'],
    why: noResource,
  },
  {
    sid: 'KeepOurTemplates',
    feature: 'templates',
    commands: [
      'ses:CreateEmailTemplate',
      'ses:DeleteEmailTemplate',
      'ses:GetEmailTemplate',
      'ses:TestRenderEmailTemplate',
      'ses:UpdateEmailTemplate',
    ],
    touches: ['template'],
  },
  {
    sid: 'VerifyIdentities',
    feature: 'verification',
    commands: ['ses:CreateEmailIdentity', 'ses:PutEmailIdentityMailFromAttributes'],
    touches: ['identity'],
    why: 'An identity can be used once its owner has published the DNS records or opened the link.',
  },
  {
    sid: 'SeeReputationMetrics',
    feature: 'reputation',
    commands: ['monitoring:GetMetricData'],
    actions: ['cloudwatch:GetMetricData'],
    touches: ['account'],
    why: 'IAM has no resource for metrics: limited to the region. Sesame asks for the reputation metrics of SES only.',
  },
  {
    sid: 'SetUpOurConfigurationSets',
    feature: 'configuration',
    commands: [
      'ses:CreateConfigurationSet',
      'ses:CreateConfigurationSetEventDestination',
      'ses:DeleteConfigurationSet',
      'ses:DeleteConfigurationSetEventDestination',
      'ses:PutConfigurationSetSuppressionOptions',
      'ses:UpdateConfigurationSetEventDestination',
    ],
    touches: ['configuration set'],
  },
  {
    sid: 'MakeOurConfigurationSetTheDefault',
    feature: 'configuration',
    commands: ['ses:PutEmailIdentityConfigurationSetAttributes'],
    touches: ['identity', 'configuration set'],
  },
  {
    sid: 'KeepOurTopics',
    feature: 'configuration',
    commands: ['sns:CreateTopic', 'sns:DeleteTopic', 'sns:SetTopicAttributes'],
    touches: ['topic'],
    why: 'For customers with the topic in their own account. Its policy lets Sesame subscribe its queue.',
  },
]

/** The commands of one feature, sorted: `ses:GetAccount`, … */
export function commandsOf(feature: Feature): string[] {
  return grants.flatMap((grant) => (grant.feature === feature ? grant.commands : [])).sort()
}

/**
 * The grant that contains a command.
 * @throws UnknownCustomerOperationError
 */
export function grantOf(command: string): Grant {
  const found = grants.find(({ commands }) => commands.includes(command))
  if (found) return found
  throw new UnknownCustomerOperationError(command)
}

/** A command that Sesame may not send in a customer's account. */
export class UnknownCustomerOperationError extends Error {
  override readonly name = 'UnknownCustomerOperationError'
  readonly retryable = false
  readonly command: string

  constructor(command: string) {
    super(
      `${command} is not an operation in customers' accounts: add it to src/access/session/customer-actions.ts if it shall be one`,
    )
    this.command = command
  }
}
