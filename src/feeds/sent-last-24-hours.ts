/**
 * How much an account has sent, by its own count: GetAccount, in a session that may ask nothing else.
 * https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendQuota.html
 */
import { GetAccountCommand, type SESv2Client } from '@aws-sdk/client-sesv2'
import { sessionStatementsOf } from '../access/session/session-policy.ts'
import type { SessionCredentials, Sessions } from '../access/session/sessions.ts'
import { answered } from '../answered.ts'
import type { UsableConnection } from '../projects/connection.ts'

/** @returns connection → recipients to whom its account sent in the last 24 hours, in the region of the connection */
export const readSentLast24Hours =
  (sessions: Pick<Sessions, 'use'>, clientOf: (region: string, credentials: SessionCredentials) => SESv2Client) =>
  (connection: UsableConnection): Promise<number> => {
    const purpose = { name: 'quota' as const, allow: sessionStatementsOf(connection, ['ses:GetAccount']) }
    return sessions.use(connection, purpose, async (credentials) => {
      const { SendQuota } = await clientOf(connection.region, credentials).send(new GetAccountCommand({}))
      return answered(SendQuota?.SentLast24Hours, 'GetAccount: SentLast24Hours')
    })
  }
