/** Step: the session is in the account that the customer said. */
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts'
import type { UsableConnection } from '../../../projects/connection.ts'
import { ConnectionError } from '../../session/errors.ts'
import type { SessionCredentials, Sessions } from '../../session/sessions.ts'
import { failing, messageOf, type ProofStep, passing, unanswered } from '../step.ts'
import { lookPurpose } from './entrance.ts'

const name = { step: 'the session is in the account that the connection says', layer: 'account' } as const

export async function accountStep(
  inside: UsableConnection,
  sessions: Sessions,
  stsWith: (credentials: SessionCredentials) => STSClient,
): Promise<ProofStep> {
  try {
    const { Account: found = 'none' } = await sessions.use(inside, lookPurpose(inside), (credentials) =>
      stsWith(credentials).send(new GetCallerIdentityCommand({})),
    )
    if (found === inside.account) return passing(name, found)
    return failing(name, `it is in ${found}, the connection says ${inside.account}`)
  } catch (error) {
    if (error instanceof ConnectionError) return unanswered(name, messageOf(error))
    throw error
  }
}
