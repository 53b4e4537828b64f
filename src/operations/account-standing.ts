/**
 * Operation `account-standing`: what SES itself says about the account of a project: whether it may send, whether it is under review, how much it has
 * sent, and, with the feature `reputation`, the rates by which SES judges it. https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetAccount.html
 */
import { GetAccountCommand, SESv2Client, type SESv2ClientConfig } from '@aws-sdk/client-sesv2'
import { sessionStatementsOf } from '../access/session/session-policy.ts'
import type { Sessions } from '../access/session/sessions.ts'
import { answered } from '../answered.ts'
import type { Connections } from '../projects/connections.ts'
import { ProjectId } from '../projects/project.ts'
import type { AccountStandingAnswer, AnswerOf } from './answers.ts'
import { createOperation } from './operation.ts'
import { readReputation } from './reputation-metrics.ts'

type Dependencies = {
  readonly sessions: Pick<Sessions, 'use'>
  readonly client: Pick<SESv2ClientConfig, 'endpoint' | 'requestHandler'>
  /** Replaces the public endpoints of AWS, as the embedded AWS does. */
  readonly endpoint?: string | undefined
}

/** Reads in a session that may ask nothing else. */
export const accountStanding = (
  connections: Pick<Connections, 'usable'>,
  { sessions, client, endpoint }: Dependencies,
) =>
  createOperation(
    { project: ProjectId },
    async ({ project }, { at }): Promise<AnswerOf<typeof AccountStandingAnswer>> => {
      const connection = await connections.usable(project)
      const { account, region, features } = connection
      const seesReputation = features.includes('reputation')
      const commands = ['ses:GetAccount', ...(seesReputation ? ['monitoring:GetMetricData'] : [])]
      const purpose = { name: 'standing' as const, allow: sessionStatementsOf(connection, commands) }
      return sessions.use(connection, purpose, async (credentials) => {
        const clientOfSession = () => new SESv2Client({ ...client, region, credentials })
        const answer = await clientOfSession().send(new GetAccountCommand({}))
        return {
          account,
          region,
          enforcement: answered(answer.EnforcementStatus, 'GetAccount: EnforcementStatus'),
          maySend: answered(answer.SendingEnabled, 'GetAccount: SendingEnabled'),
          isInSandbox: answer.ProductionAccessEnabled === false,
          sentLast24Hours: answered(answer.SendQuota?.SentLast24Hours, 'GetAccount: SentLast24Hours'),
          max24HourSend: answered(answer.SendQuota?.Max24HourSend, 'GetAccount: Max24HourSend'),
          ...(seesReputation && { reputation: await readReputation(clientOfSession(), at, endpoint) }),
        }
      })
    },
  )
