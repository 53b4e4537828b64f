/**
 * Step: SES accepts a test mail to its mailbox simulator, which answers with a bounce.
 *
 * This step only sends. `sesame doctor --mail` then waits for the address to appear on the suppression list. The caller chooses a part
 * of the local part of the address only, so the mail always goes to the simulator, which counts in no rate.
 */
import {
  ListEmailIdentitiesCommand,
  SESv2Client,
  type SESv2ClientConfig,
  SendEmailCommand,
} from '@aws-sdk/client-sesv2'
import { answered, IncompleteAnswerError } from '../../../answered.ts'
import { configurationSetOf, type UsableConnection } from '../../../projects/connection.ts'
import { ConnectionError, PermissionMissingError } from '../../session/errors.ts'
import type { Purpose } from '../../session/request.ts'
import { sessionStatementsOf } from '../../session/session-policy.ts'
import type { SessionCredentials, Sessions } from '../../session/sessions.ts'
import { statementToPaste } from '../paste.ts'
import { bounceAddressOf } from '../simulator.ts'
import { type FallibleCheck, failing, inconclusive, messageOf, type ProofStep, passing, skipping } from '../step.ts'

const check: FallibleCheck = {
  step: 'SES accepts a test mail',
  failure: 'SES does not accept a test mail',
  layer: 'delivery',
}

export type DeliveryDependencies = {
  readonly sessions: Pick<Sessions, 'use'>
  /** Options for SES clients in customers' accounts, except region and credentials. */
  readonly client: Pick<SESv2ClientConfig, 'region' | 'credentials' | 'endpoint' | 'requestHandler'>
}

/**
 * Sends a mail from the account's first verified identity to the mailbox simulator.
 * @param nonce 16 hexadecimal digits: a part of the address that bounces (bounceAddressOf)
 */
export async function deliveryStep(
  connection: UsableConnection,
  nonce: string,
  ourAccount: string,
  { sessions, client }: DeliveryDependencies,
): Promise<ProofStep> {
  if (!connection.features.includes('sending'))
    return skipping(check, 'the connection does not use the feature "sending"')
  const sesWith = (credentials: SessionCredentials) =>
    new SESv2Client({ ...client, region: connection.region, credentials })
  const listing: Purpose = { name: 'prove', allow: sessionStatementsOf(connection, ['ses:ListEmailIdentities']) }
  try {
    const { EmailIdentities } = await sessions.use(connection, listing, (credentials) =>
      sesWith(credentials).send(new ListEmailIdentitiesCommand({ PageSize: 100 })),
    )
    const identity = answered(EmailIdentities, 'ListEmailIdentities: EmailIdentities').find(
      ({ SendingEnabled }) => SendingEnabled,
    )?.IdentityName
    if (identity === undefined) return inconclusive(check, 'the account has no verified identity to send from')
    const allow = sessionStatementsOf(connection, ['ses:SendEmail'], { identity })
    const { MessageId } = await sessions.use(connection, { name: 'test-mail', seconds: 900, allow }, (credentials) =>
      sesWith(credentials).send(testMailFrom(identity, connection, nonce)),
    )
    answered(MessageId, 'SendEmail: MessageId')
    return passing(check, 'accepted')
  } catch (error) {
    if (error instanceof PermissionMissingError)
      return failing(
        check,
        `${messageOf(error)}. The role needs`,
        statementToPaste(connection, ourAccount, 'ses:SendEmail'),
      )
    if (error instanceof IncompleteAnswerError) return inconclusive(check, error.message)
    if (error instanceof ConnectionError) return (error.retryable ? inconclusive : failing)(check, messageOf(error))
    throw error
  }
}

const testMailFrom = (identity: string, { project }: UsableConnection, nonce: string): SendEmailCommand =>
  new SendEmailCommand({
    FromEmailAddress: identity.includes('@') ? identity : `sesame-proof@${identity}`,
    Destination: { ToAddresses: [bounceAddressOf(nonce)] },
    ConfigurationSetName: configurationSetOf(project),
    Content: {
      Simple: {
        Subject: { Data: 'Sesame tests this connection' },
        Body: { Text: { Data: 'This mail goes to the mailbox simulator of Amazon SES, which bounces it.' } },
      },
    },
  })
