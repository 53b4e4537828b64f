/**
 * Operation `test-mail`: one mail from the customer's SES to the mailbox simulator, whose bounce has to come back to us.
 *
 * It only sends. Whoever asked watches the suppression list for the address, which is theirs to choose but for its mailbox and domain:
 * the simulator's, which belongs to nobody and counts in no rate.
 */
import {
  ListEmailIdentitiesCommand,
  SESv2Client,
  type SESv2ClientConfig,
  SendEmailCommand,
} from '@aws-sdk/client-sesv2'
import * as v from 'valibot'
import { createOperation } from '../../../operations/operation.ts'
import { configurationSetOf, type UsableConnection } from '../../../projects/connection.ts'
import type { Connections } from '../../../projects/connections.ts'
import { ProjectId } from '../../../projects/project.ts'
import { ConnectionError, PermissionMissingError } from '../../session/errors.ts'
import { sessionStatementsOf } from '../../session/session-policy.ts'
import type { SessionCredentials, Sessions } from '../../session/sessions.ts'
import { statementToPaste } from '../paste.ts'
import { bounceAddressOf } from '../simulator.ts'
import { failing, inconclusive, messageOf, type ProofStep, passing, skipping } from '../step.ts'

const name = { step: 'SES takes a test mail', layer: 'delivery' } as const

export const testMail = (
  connections: Pick<Connections, 'usable'>,
  sessions: Pick<Sessions, 'use'>,
  client: Pick<SESv2ClientConfig, 'region' | 'credentials' | 'endpoint' | 'requestHandler'>,
) =>
  createOperation(
    { project: ProjectId, nonce: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)) },
    async (asked, asking) => {
      const to = await connections.usable(asked.project)
      if (!to.features.includes('sending'))
        return { step: skipping(name, 'the customer does not let us send (feature sending)') }
      const ses = (credentials: SessionCredentials) => new SESv2Client({ ...client, region: to.region, credentials })
      return { step: await send(to, asked.nonce, asking.place.account, sessions, ses) }
    },
  )

async function send(
  to: UsableConnection,
  nonce: string,
  ourAccount: string,
  sessions: Pick<Sessions, 'use'>,
  ses: (credentials: SessionCredentials) => SESv2Client,
): Promise<ProofStep> {
  const look = { name: 'prove', allow: sessionStatementsOf(to, ['ses:ListEmailIdentities']) }
  try {
    const { EmailIdentities = [] } = await sessions.use(to, look, (credentials) =>
      ses(credentials).send(new ListEmailIdentitiesCommand({ PageSize: 100 })),
    )
    const identity = EmailIdentities.find(({ SendingEnabled }) => SendingEnabled)?.IdentityName
    if (identity === undefined) return inconclusive(name, 'the account has no verified identity to send it from')
    const purpose = { name: 'test-mail', seconds: 900, allow: sessionStatementsOf(to, ['ses:SendEmail'], { identity }) }
    await sessions.use(to, purpose, (credentials) =>
      ses(credentials).send(
        new SendEmailCommand({
          FromEmailAddress: identity.includes('@') ? identity : `sesame-proof@${identity}`,
          Destination: { ToAddresses: [bounceAddressOf(nonce)] },
          ConfigurationSetName: configurationSetOf(to.project),
          Content: {
            Simple: {
              Subject: { Data: 'Sesame proves this connection' },
              Body: {
                Text: { Data: 'To the mailbox simulator of Amazon SES. It bounces, and that is what it is for.' },
              },
            },
          },
        }),
      ),
    )
    return passing(name, 'taken')
  } catch (error) {
    if (error instanceof PermissionMissingError)
      return failing(name, `${messageOf(error)}. It needs`, statementToPaste(to, ourAccount, 'ses:SendEmail'))
    if (error instanceof ConnectionError) return (error.retryable ? inconclusive : failing)(name, messageOf(error))
    throw error
  }
}
