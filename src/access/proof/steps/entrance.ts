/** Step: with the external id the role lets us in. */

import type { Deployment } from '../../../arn.ts'
import type { UsableConnection } from '../../../projects/connection.ts'
import { ConnectionError, DurationRefusedError, TrustRefusedError } from '../../session/errors.ts'
import { sessionStatementsOf } from '../../session/session-policy.ts'
import type { Purpose, Sessions } from '../../session/sessions.ts'
import { durationToPaste, trustToPaste } from '../paste.ts'
import { failing, messageOf, type ProofStep, passing, unanswered } from '../step.ts'

const name = { step: 'with the external id the role lets us in', layer: 'trust' } as const

export type ProvenEntry = {
  readonly step: ProofStep
  /** The connection by the one external id that the role takes; absent if it takes none. */
  readonly inside?: UsableConnection
}

/** The shortest session, for nothing but a look: what entering needs and no more. */
export const lookPurpose = (connection: UsableConnection, seconds = 900): Purpose => ({
  name: 'prove',
  seconds,
  allow: sessionStatementsOf(connection, ['ses:GetAccount']),
})

/** During a rotation the second id is tried first: a role that takes it needs the first no longer. */
export async function trustStep(
  connection: UsableConnection,
  { account: ourAccount }: Deployment,
  sessions: Sessions,
): Promise<ProvenEntry> {
  const { nextExternalId, ...current } = connection
  const keys = [...(nextExternalId === undefined ? [] : [nextExternalId]), connection.externalId]
  let refusal: unknown
  for (const externalId of keys) {
    const inside: UsableConnection = { ...current, externalId }
    try {
      await sessions.credentials(inside, lookPurpose(inside))()
      return { inside, step: passing(name, foundOf(externalId, connection)) }
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error
      refusal = error
      if (!(error instanceof TrustRefusedError)) break
    }
  }
  return { step: refused(refusal, connection, ourAccount) }
}

function foundOf(externalId: string, { nextExternalId }: UsableConnection): string {
  if (nextExternalId === undefined) return 'let in'
  return externalId === nextExternalId
    ? 'let in with the second id: the first can be retired'
    : 'let in with the first id: the customer has yet to update the role with the second'
}

function refused(refusal: unknown, connection: UsableConnection, ourAccount: string): ProofStep {
  if (refusal instanceof TrustRefusedError) {
    return failing(
      name,
      `${refusal.message.replace(/^Project [\w-]+: /, '')}. STS does not say which. Compare the account and path of the principal, the external id, and look for a Deny; the trust policy must be`,
      trustToPaste(connection, ourAccount),
    )
  }
  if (refusal instanceof DurationRefusedError)
    return failing({ ...name, layer: 'duration' }, messageOf(refusal), durationToPaste(connection.roleArn, 900))
  if (refusal instanceof ConnectionError && !refusal.retryable && refusal.layer === 'account')
    return failing({ ...name, layer: 'account' }, messageOf(refusal))
  if (refusal instanceof ConnectionError && refusal.layer === 'region')
    return failing({ ...name, layer: 'account' }, messageOf(refusal))
  return unanswered(name, messageOf(refusal))
}
