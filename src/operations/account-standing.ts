/**
 * Operation `account-standing`: what SES itself says about the account of a project: whether it may send, whether it is under review, and how much
 * it has sent. https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetAccount.html
 */
import { GetAccountCommand, SESv2Client, type SESv2ClientConfig } from '@aws-sdk/client-sesv2'
import { sessionStatementsOf } from '../access/session/session-policy.ts'
import type { Sessions } from '../access/session/sessions.ts'
import { answered } from '../answered.ts'
import type { Connections } from '../projects/connections.ts'
import { ProjectId } from '../projects/project.ts'
import type { AccountStandingAnswer, AnswerOf } from './answers.ts'
import { createOperation } from './operation.ts'

type Dependencies = {
  readonly sessions: Pick<Sessions, 'use'>
  readonly client: Pick<SESv2ClientConfig, 'endpoint' | 'requestHandler'>
}

/** Reads in a session that may ask nothing else. */
export const accountStanding = (connections: Pick<Connections, 'usable'>, { sessions, client }: Dependencies) =>
  createOperation({ project: ProjectId }, async ({ project }): Promise<AnswerOf<typeof AccountStandingAnswer>> => {
    const connection = await connections.usable(project)
    const { account, region } = connection
    const purpose = { name: 'standing' as const, allow: sessionStatementsOf(connection, ['ses:GetAccount']) }
    return sessions.use(connection, purpose, async (credentials) => {
      const ses = new SESv2Client({ ...client, region, credentials })
      const answer = await ses.send(new GetAccountCommand({}))
      return {
        account,
        region,
        enforcement: answered(answer.EnforcementStatus, 'GetAccount: EnforcementStatus'),
        maySend: answered(answer.SendingEnabled, 'GetAccount: SendingEnabled'),
        isInSandbox: answer.ProductionAccessEnabled === false,
        sentLast24Hours: answered(answer.SendQuota?.SentLast24Hours, 'GetAccount: SentLast24Hours'),
        max24HourSend: answered(answer.SendQuota?.Max24HourSend, 'GetAccount: Max24HourSend'),
      }
    })
  })
