/**
 * How each permission in a customer's account is tried without doing anything there: by reading, or by writing where there is nothing.
 *
 * AWS asks for the permission before it looks for the thing: to change what does not exist is refused, or not found. Only two
 * calls leave a trace, and it is taken back at once: an address of SES's mailbox simulator on the account list, and an empty
 * configuration set whose name no project can have.
 */
import {
  BadRequestException,
  CreateConfigurationSetCommand,
  CreateConfigurationSetEventDestinationCommand,
  DeleteConfigurationSetCommand,
  DeleteConfigurationSetEventDestinationCommand,
  DeleteSuppressedDestinationCommand,
  GetAccountCommand,
  GetConfigurationSetCommand,
  GetConfigurationSetEventDestinationsCommand,
  GetEmailIdentityCommand,
  GetSuppressedDestinationCommand,
  ListEmailIdentitiesCommand,
  ListSuppressedDestinationsCommand,
  PutConfigurationSetSuppressionOptionsCommand,
  PutSuppressedDestinationCommand,
  type SESv2Client,
  UpdateConfigurationSetEventDestinationCommand,
} from '@aws-sdk/client-sesv2'
import type { Deployment } from '../../arn.ts'
import { configurationSetOf, type UsableConnection } from '../../projects/connection.ts'
import { PermissionMissingError } from '../session/errors.ts'
import { partitionOf } from '../session/session-policy.ts'
import { unusedAddress } from './simulator.ts'

/** Runs one call with a session that may do this command and nothing else; rejects with a ConnectionError. */
export type TrialCall = <T>(command: string, run: (ses: SESv2Client) => Promise<T>) => Promise<T>

/** Why the permission cannot be tried now; `undefined` if it is there. */
export type Trial = (call: TrialCall) => Promise<string | undefined>

/** No project's: an underscore stands in no name of a project. */
export const unmadeSet = (project: string) => `${configurationSetOf(project)}_proof`

/** The answers of AWS that come after the permission was found. */
const afterTheGate = /^(NotFound|AlreadyExists|BadRequest|Conflict|LimitExceeded)/

async function passed(answer: Promise<unknown>): Promise<undefined> {
  try {
    await answer
  } catch (error) {
    if (!(error instanceof Error && afterTheGate.test(error.name))) throw error
  }
}

/** By the command that each tries. What is not here cannot be tried without doing it. */
export function trials(
  { project, region }: UsableConnection,
  { account }: Deployment,
): Readonly<Record<string, Trial>> {
  const ConfigurationSetName = unmadeSet(project)
  const inSet = { ConfigurationSetName, EventDestinationName: 'proof' }
  const destination = {
    ...inSet,
    EventDestination: {
      Enabled: false,
      MatchingEventTypes: ['BOUNCE' as const],
      SnsDestination: { TopicArn: `arn:${partitionOf(region)}:sns:${region}:${account}:sesame-proof` },
    },
  }
  const plain =
    (command: string, run: (ses: SESv2Client) => Promise<unknown>): Trial =>
    (call) =>
      call(command, (ses) => passed(run(ses)))

  return {
    'ses:GetAccount': plain('ses:GetAccount', (ses) => ses.send(new GetAccountCommand({}))),
    'ses:ListEmailIdentities': plain('ses:ListEmailIdentities', (ses) =>
      ses.send(new ListEmailIdentitiesCommand({ PageSize: 1 })),
    ),
    'ses:ListSuppressedDestinations': plain('ses:ListSuppressedDestinations', (ses) =>
      ses.send(new ListSuppressedDestinationsCommand({ PageSize: 1 })),
    ),
    'ses:GetSuppressedDestination': plain('ses:GetSuppressedDestination', (ses) =>
      ses.send(new GetSuppressedDestinationCommand({ EmailAddress: unusedAddress })),
    ),
    'ses:GetEmailIdentity': readIdentity,
    'ses:GetConfigurationSet': plain('ses:GetConfigurationSet', (ses) =>
      ses.send(new GetConfigurationSetCommand({ ConfigurationSetName })),
    ),
    'ses:GetConfigurationSetEventDestinations': plain('ses:GetConfigurationSetEventDestinations', (ses) =>
      ses.send(new GetConfigurationSetEventDestinationsCommand({ ConfigurationSetName })),
    ),
    'ses:DeleteSuppressedDestination': plain('ses:DeleteSuppressedDestination', (ses) =>
      ses.send(new DeleteSuppressedDestinationCommand({ EmailAddress: unusedAddress })),
    ),
    'ses:PutSuppressedDestination': suppressNobody,
    'ses:DeleteConfigurationSet': plain('ses:DeleteConfigurationSet', (ses) =>
      ses.send(new DeleteConfigurationSetCommand({ ConfigurationSetName })),
    ),
    'ses:CreateConfigurationSet': async (call) => {
      await call('ses:CreateConfigurationSet', (ses) =>
        passed(ses.send(new CreateConfigurationSetCommand({ ConfigurationSetName }))),
      )
      return plain('ses:DeleteConfigurationSet', (ses) =>
        ses.send(new DeleteConfigurationSetCommand({ ConfigurationSetName })),
      )(call)
    },
    'ses:PutConfigurationSetSuppressionOptions': plain('ses:PutConfigurationSetSuppressionOptions', (ses) =>
      ses.send(new PutConfigurationSetSuppressionOptionsCommand({ ConfigurationSetName, SuppressedReasons: [] })),
    ),
    'ses:CreateConfigurationSetEventDestination': plain('ses:CreateConfigurationSetEventDestination', (ses) =>
      ses.send(new CreateConfigurationSetEventDestinationCommand(destination)),
    ),
    'ses:UpdateConfigurationSetEventDestination': plain('ses:UpdateConfigurationSetEventDestination', (ses) =>
      ses.send(new UpdateConfigurationSetEventDestinationCommand(destination)),
    ),
    'ses:DeleteConfigurationSetEventDestination': plain('ses:DeleteConfigurationSetEventDestination', (ses) =>
      ses.send(new DeleteConfigurationSetEventDestinationCommand(inSet)),
    ),
  }
}

/** Trials that are made only where another has passed: what is left behind must be taken back, an identity must be known. */
export const restsOn: Readonly<Record<string, string>> = {
  'ses:CreateConfigurationSet': 'ses:DeleteConfigurationSet',
  'ses:GetEmailIdentity': 'ses:ListEmailIdentities',
  'ses:PutSuppressedDestination': 'ses:DeleteSuppressedDestination',
}

/** The customer may have let us see some identities only: one that can be read is enough. */
const readIdentity: Trial = async (call) => {
  const { EmailIdentities = [] } = await call('ses:ListEmailIdentities', (ses) =>
    ses.send(new ListEmailIdentitiesCommand({ PageSize: 20 })),
  )
  const names = EmailIdentities.flatMap(({ IdentityName }) => IdentityName ?? [])
  if (names.length === 0) return 'the account has no identity yet'
  let refusal: unknown
  for (const EmailIdentity of names) {
    try {
      await call('ses:GetEmailIdentity', (ses) => passed(ses.send(new GetEmailIdentityCommand({ EmailIdentity }))))
      return undefined
    } catch (error) {
      if (!(error instanceof PermissionMissingError)) throw error
      refusal = error
    }
  }
  throw refusal
}

const suppressNobody: Trial = async (call) => {
  const isSandbox = await call('ses:PutSuppressedDestination', async (ses) => {
    try {
      await ses.send(new PutSuppressedDestinationCommand({ EmailAddress: unusedAddress, Reason: 'BOUNCE' }))
      return false
    } catch (error) {
      if (error instanceof BadRequestException) return true
      throw error
    }
  })
  if (isSandbox)
    return 'allowed, but SES keeps no list for an account in its sandbox: the customer asks AWS for production access'
  await call('ses:DeleteSuppressedDestination', (ses) =>
    passed(ses.send(new DeleteSuppressedDestinationCommand({ EmailAddress: unusedAddress }))),
  )
  return undefined
}
