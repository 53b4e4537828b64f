/** Step: the session belongs to the account that the connection names. */
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts'
import type { UsableConnection } from '../../../projects/connection.ts'
import { ConnectionError } from '../../session/errors.ts'
import type { SessionCredentials, Sessions } from '../../session/sessions.ts'
import { type FallibleCheck, failing, messageOf, type ProofStep, passing, unanswered } from '../step.ts'
import { minimalPurpose } from './trust.ts'

const check: FallibleCheck = {
  step: "the session belongs to the connection's account",
  failure: 'the session belongs to another account',
  layer: 'account',
}

/** @param accepted the connection with the external id that the role accepts */
export async function accountStep(
  accepted: UsableConnection,
  sessions: Sessions,
  stsWith: (credentials: SessionCredentials) => STSClient,
): Promise<ProofStep> {
  try {
    const { Account: found } = await sessions.use(accepted, minimalPurpose(accepted), (credentials) =>
      stsWith(credentials).send(new GetCallerIdentityCommand({})),
    )
    // An answer without an account says nothing, and must not quarantine the connection.
    if (found === undefined) return unanswered(check, 'STS answered without an account')
    if (found === accepted.account) return passing(check, found)
    return failing(check, `the session belongs to ${found}, the connection names ${accepted.account}`)
  } catch (error) {
    if (error instanceof ConnectionError) return unanswered(check, messageOf(error))
    throw error
  }
}
