/** Step: the session is in the account that the customer said. */
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts'
import type { UsableConnection } from '../connection.ts'
import { ConnectionError } from '../session-errors.ts'
import type { SessionCredentials, Sessions } from '../sessions.ts'
import { looking } from './entrance.ts'
import { failing, open, passing, type Step, said } from './step.ts'

const name = { step: 'the session is in the account that the connection says', layer: 'account' } as const

export async function identityStep(
  inside: UsableConnection,
  sessions: Sessions,
  stsWith: (credentials: SessionCredentials) => STSClient,
): Promise<Step> {
  try {
    const { Account: found = 'none' } = await sessions.use(inside, looking(inside), (credentials) =>
      stsWith(credentials).send(new GetCallerIdentityCommand({})),
    )
    if (found === inside.account) return passing(name, found)
    return failing(name, `it is in ${found}, the connection says ${inside.account}`)
  } catch (error) {
    if (error instanceof ConnectionError) return open(name, said(error))
    throw error
  }
}
