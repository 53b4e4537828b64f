/** Step: with the external id the role lets us in. */
import type { UsableConnection } from '../connection.ts'
import type { OwnPlace } from '../operation.ts'
import { ConnectionError, DurationRefusedError, TrustRefusedError } from '../session-errors.ts'
import { allowing } from '../session-policy.ts'
import type { Purpose, Sessions } from '../sessions.ts'
import { durationToPaste, trustToPaste } from './paste.ts'
import { failing, open, passing, type Step, said } from './step.ts'

const name = { step: 'with the external id the role lets us in', layer: 'trust' } as const

export type Entered = {
  readonly step: Step
  /** The connection by the one external id that the role takes; absent if it takes none. */
  readonly inside?: UsableConnection
}

/** The shortest session, for nothing but a look: what entering needs and no more. */
export const looking = (connection: UsableConnection, seconds = 900): Purpose => ({
  name: 'prove',
  seconds,
  allow: allowing(connection, ['ses:GetAccount']),
})

/** During a rotation the second id is tried first: a role that takes it needs the first no longer. */
export async function entranceStep(
  connection: UsableConnection,
  { account: ourAccount }: OwnPlace,
  sessions: Sessions,
): Promise<Entered> {
  const { nextExternalId, ...current } = connection
  const keys = [...(nextExternalId === undefined ? [] : [nextExternalId]), connection.externalId]
  let refusal: unknown
  for (const externalId of keys) {
    const inside: UsableConnection = { ...current, externalId }
    try {
      await sessions.credentials(inside, looking(inside))()
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

function refused(refusal: unknown, connection: UsableConnection, ourAccount: string): Step {
  if (refusal instanceof TrustRefusedError) {
    return failing(
      name,
      `${refusal.message.replace(/^Project [\w-]+: /, '')}. STS does not say which. Compare the account and path of the principal, the external id, and look for a Deny; the trust policy must be`,
      trustToPaste(connection, ourAccount),
    )
  }
  if (refusal instanceof DurationRefusedError)
    return failing({ ...name, layer: 'duration' }, said(refusal), durationToPaste(connection.roleArn, 900))
  if (refusal instanceof ConnectionError && !refusal.retryable && refusal.layer === 'account')
    return failing({ ...name, layer: 'account' }, said(refusal))
  if (refusal instanceof ConnectionError && refusal.layer === 'region')
    return failing({ ...name, layer: 'account' }, said(refusal))
  return open(name, said(refusal))
}
