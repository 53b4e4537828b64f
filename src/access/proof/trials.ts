/**
 * How each permission in a customer's account is tried without an effect: with a read, or with a write to something that does not exist.
 *
 * AWS checks the permission before it looks for the resource: the answer to a change of a missing resource is either AccessDenied or
 * NotFound. Three calls do have an effect, which is undone at once: an address of the SES mailbox simulator on the account list, and an
 * empty configuration set and a template whose names no project can have.
 */
import {
  BadRequestException,
  CreateConfigurationSetCommand,
  CreateConfigurationSetEventDestinationCommand,
  CreateEmailTemplateCommand,
  DeleteConfigurationSetCommand,
  DeleteConfigurationSetEventDestinationCommand,
  DeleteEmailTemplateCommand,
  DeleteSuppressedDestinationCommand,
  GetAccountCommand,
  GetConfigurationSetCommand,
  GetConfigurationSetEventDestinationsCommand,
  GetEmailIdentityCommand,
  GetEmailTemplateCommand,
  GetSuppressedDestinationCommand,
  ListEmailIdentitiesCommand,
  ListEmailTemplatesCommand,
  ListSuppressedDestinationsCommand,
  PutConfigurationSetSuppressionOptionsCommand,
  PutSuppressedDestinationCommand,
  type SESv2Client,
  TestRenderEmailTemplateCommand,
  UpdateConfigurationSetEventDestinationCommand,
  UpdateEmailTemplateCommand,
} from '@aws-sdk/client-sesv2'
import type { Deployment } from '../../arn.ts'
import { configurationSetOf, type UsableConnection } from '../../projects/connection.ts'
import { templateNameOf } from '../../projects/template-name.ts'
import { PermissionMissingError } from '../session/errors.ts'
import { partitionOf } from '../session/session-policy.ts'
import { trialAddress } from './simulator.ts'

/** Runs one call with a session for this command; rejects with a ConnectionError. */
export type TrialCall = <T>(command: string, run: (ses: SESv2Client) => Promise<T>) => Promise<T>

/** Resolves to the reason why the permission cannot be tried, or to `undefined` if it is granted. */
export type Trial = (call: TrialCall) => Promise<string | undefined>

/** A configuration set of no project: the name of a project contains no underscore. */
export const trialSetOf = (project: string) => `${configurationSetOf(project)}_proof`

/** A template that no project can have: the name of a template begins with a letter or a digit. */
const trialTemplateOf = (project: string) => templateNameOf(project, '_proof')

/** Errors that AWS answers only after it has granted the permission. */
const afterAuthorization = /^(NotFound|AlreadyExists|Conflict|LimitExceeded)/

/** SES may reject a malformed call before it checks the permission, so the answer to such a call is no proof that it is granted. */
const rejected = 'SES rejected the call as malformed, which does not show whether the permission is granted'

async function unlessDenied(answer: Promise<unknown>): Promise<string | undefined> {
  try {
    await answer
    return undefined
  } catch (error) {
    if (error instanceof BadRequestException) return rejected
    if (error instanceof Error && afterAuthorization.test(error.name)) return undefined
    throw error
  }
}

/** The trials, by command. A command without a trial cannot be tried without its effect. */
export function trialsOf(
  { project, region }: UsableConnection,
  { account }: Deployment,
): Readonly<Record<string, Trial>> {
  const ConfigurationSetName = trialSetOf(project)
  const TemplateName = trialTemplateOf(project)
  const template = { TemplateName, TemplateContent: { Subject: 'Proof', Text: 'Proof' } }
  const inSet = { ConfigurationSetName, EventDestinationName: 'proof' }
  const destination = {
    ...inSet,
    EventDestination: {
      Enabled: false,
      MatchingEventTypes: ['BOUNCE' as const],
      SnsDestination: { TopicArn: `arn:${partitionOf(region)}:sns:${region}:${account}:sesame-proof` },
    },
  }
  const simple =
    (command: string, run: (ses: SESv2Client) => Promise<unknown>): Trial =>
    (call) =>
      call(command, (ses) => unlessDenied(run(ses)))

  return {
    'ses:GetAccount': simple('ses:GetAccount', (ses) => ses.send(new GetAccountCommand({}))),
    'ses:ListEmailIdentities': simple('ses:ListEmailIdentities', (ses) =>
      ses.send(new ListEmailIdentitiesCommand({ PageSize: 1 })),
    ),
    'ses:ListSuppressedDestinations': simple('ses:ListSuppressedDestinations', (ses) =>
      ses.send(new ListSuppressedDestinationsCommand({ PageSize: 1 })),
    ),
    'ses:GetSuppressedDestination': simple('ses:GetSuppressedDestination', (ses) =>
      ses.send(new GetSuppressedDestinationCommand({ EmailAddress: trialAddress })),
    ),
    'ses:GetEmailIdentity': readIdentity,
    'ses:GetConfigurationSet': simple('ses:GetConfigurationSet', (ses) =>
      ses.send(new GetConfigurationSetCommand({ ConfigurationSetName })),
    ),
    'ses:GetConfigurationSetEventDestinations': simple('ses:GetConfigurationSetEventDestinations', (ses) =>
      ses.send(new GetConfigurationSetEventDestinationsCommand({ ConfigurationSetName })),
    ),
    'ses:DeleteSuppressedDestination': simple('ses:DeleteSuppressedDestination', (ses) =>
      ses.send(new DeleteSuppressedDestinationCommand({ EmailAddress: trialAddress })),
    ),
    'ses:PutSuppressedDestination': suppressTrialAddress,
    'ses:DeleteConfigurationSet': simple('ses:DeleteConfigurationSet', (ses) =>
      ses.send(new DeleteConfigurationSetCommand({ ConfigurationSetName })),
    ),
    'ses:CreateConfigurationSet': async (call) => {
      const unclear = await call('ses:CreateConfigurationSet', (ses) =>
        unlessDenied(ses.send(new CreateConfigurationSetCommand({ ConfigurationSetName }))),
      )
      if (unclear !== undefined) return unclear
      return simple('ses:DeleteConfigurationSet', (ses) =>
        ses.send(new DeleteConfigurationSetCommand({ ConfigurationSetName })),
      )(call)
    },
    'ses:PutConfigurationSetSuppressionOptions': simple('ses:PutConfigurationSetSuppressionOptions', (ses) =>
      ses.send(new PutConfigurationSetSuppressionOptionsCommand({ ConfigurationSetName, SuppressedReasons: [] })),
    ),
    'ses:CreateConfigurationSetEventDestination': simple('ses:CreateConfigurationSetEventDestination', (ses) =>
      ses.send(new CreateConfigurationSetEventDestinationCommand(destination)),
    ),
    'ses:UpdateConfigurationSetEventDestination': simple('ses:UpdateConfigurationSetEventDestination', (ses) =>
      ses.send(new UpdateConfigurationSetEventDestinationCommand(destination)),
    ),
    'ses:ListEmailTemplates': simple('ses:ListEmailTemplates', (ses) =>
      ses.send(new ListEmailTemplatesCommand({ PageSize: 1 })),
    ),
    'ses:GetEmailTemplate': simple('ses:GetEmailTemplate', (ses) =>
      ses.send(new GetEmailTemplateCommand({ TemplateName })),
    ),
    'ses:UpdateEmailTemplate': simple('ses:UpdateEmailTemplate', (ses) =>
      ses.send(new UpdateEmailTemplateCommand(template)),
    ),
    'ses:TestRenderEmailTemplate': simple('ses:TestRenderEmailTemplate', (ses) =>
      ses.send(new TestRenderEmailTemplateCommand({ TemplateName, TemplateData: '{}' })),
    ),
    'ses:DeleteEmailTemplate': simple('ses:DeleteEmailTemplate', (ses) =>
      ses.send(new DeleteEmailTemplateCommand({ TemplateName })),
    ),
    'ses:CreateEmailTemplate': async (call) => {
      const unclear = await call('ses:CreateEmailTemplate', (ses) =>
        unlessDenied(ses.send(new CreateEmailTemplateCommand(template))),
      )
      if (unclear !== undefined) return unclear
      return simple('ses:DeleteEmailTemplate', (ses) => ses.send(new DeleteEmailTemplateCommand({ TemplateName })))(
        call,
      )
    },
    'ses:DeleteConfigurationSetEventDestination': simple('ses:DeleteConfigurationSetEventDestination', (ses) =>
      ses.send(new DeleteConfigurationSetEventDestinationCommand(inSet)),
    ),
  }
}

/** Trials that run only if another trial has passed: to undo their effect, or to know an identity. */
export const prerequisites: Readonly<Record<string, string>> = {
  'ses:CreateConfigurationSet': 'ses:DeleteConfigurationSet',
  'ses:CreateEmailTemplate': 'ses:DeleteEmailTemplate',
  'ses:GetEmailIdentity': 'ses:ListEmailIdentities',
  'ses:PutSuppressedDestination': 'ses:DeleteSuppressedDestination',
}

/** The role may grant access to some identities only: one that can be read is enough. */
const readIdentity: Trial = async (call) => {
  const { EmailIdentities } = await call('ses:ListEmailIdentities', (ses) =>
    ses.send(new ListEmailIdentitiesCommand({ PageSize: 20 })),
  )
  if (EmailIdentities === undefined) return 'SES answered without a list of identities'
  const names = EmailIdentities.flatMap(({ IdentityName }) => IdentityName ?? [])
  if (names.length === 0) return 'the account has no identity yet'
  let refusal: unknown
  for (const EmailIdentity of names) {
    try {
      return await call('ses:GetEmailIdentity', (ses) =>
        unlessDenied(ses.send(new GetEmailIdentityCommand({ EmailIdentity }))),
      )
    } catch (error) {
      if (!(error instanceof PermissionMissingError)) throw error
      refusal = error
    }
  }
  throw refusal
}

const suppressTrialAddress: Trial = async (call) => {
  const isRejected = await call('ses:PutSuppressedDestination', async (ses) => {
    try {
      await ses.send(new PutSuppressedDestinationCommand({ EmailAddress: trialAddress, Reason: 'BOUNCE' }))
      return false
    } catch (error) {
      if (error instanceof BadRequestException) return true
      throw error
    }
  })
  if (isRejected) return (await isInSandbox(call)) ? sandbox : rejected
  return call('ses:DeleteSuppressedDestination', (ses) =>
    unlessDenied(ses.send(new DeleteSuppressedDestinationCommand({ EmailAddress: trialAddress }))),
  )
}

const sandbox =
  'allowed, but SES keeps no list for an account in its sandbox. The customer must request production access from AWS'

/** SES answers BadRequest to more than the sandbox, so the account itself is asked. A role that may not ask leaves it open. */
async function isInSandbox(call: TrialCall): Promise<boolean> {
  try {
    const { ProductionAccessEnabled } = await call('ses:GetAccount', (ses) => ses.send(new GetAccountCommand({})))
    return ProductionAccessEnabled === false
  } catch (error) {
    if (error instanceof PermissionMissingError || error instanceof BadRequestException) return false
    throw error
  }
}
