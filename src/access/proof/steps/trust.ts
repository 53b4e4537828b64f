/**
 * Steps: the role can be assumed with the external id, and not without it, with a random id or with a near-miss id.
 *
 * Another role of ours, which knows no external id at all (iam/connection-probe.yml), makes the attempts without an id and with a random
 * one: whatever it can assume is open to any caller that finds the ARN. The attempt with a near-miss id needs the real id, so it runs
 * here; it detects conditions with wildcards.
 */
import type { STSClient } from '@aws-sdk/client-sts'
import type { Deployment } from '../../../arn.ts'
import type { UsableConnection } from '../../../projects/connection.ts'
import { ConnectionError, DurationRefusedError, TrustRefusedError } from '../../session/errors.ts'
import { sessionStatementsOf } from '../../session/session-policy.ts'
import type { Purpose, Sessions } from '../../session/sessions.ts'
import { durationToPaste, trustToPaste } from '../paste.ts'
import { type Probe, type ProbeAttempt, tryToAssume } from '../probe.ts'
import { similarIdsOf } from '../similar-ids.ts'
import { type FallibleCheck, failing, messageOf, type ProofStep, passing, unanswered } from '../step.ts'

const withId: FallibleCheck = {
  step: 'the role can be assumed with the external id',
  failure: 'the role cannot be assumed with the external id',
  layer: 'trust',
}
const withoutId: FallibleCheck = {
  step: 'the role cannot be assumed without an external id',
  failure: 'the role can be assumed without an external id',
  layer: 'trust',
}
const withRandomId: FallibleCheck = {
  step: 'the role cannot be assumed with a random external id',
  failure: 'the role can be assumed with a random external id',
  layer: 'trust',
}
const withSimilarId: FallibleCheck = {
  step: 'near-miss external ids are refused',
  failure: 'a near-miss external id is accepted',
  layer: 'trust',
}

export type TrustResult = {
  readonly step: ProofStep
  /** The connection with the one external id that the role accepts. Absent if the role accepts none. */
  readonly accepted?: UsableConnection
}

/**
 * The purpose of a session that is opened to see whether it opens: the permission that every session needs, and no more.
 * @param seconds duration of the session
 */
export const minimalPurpose = (connection: UsableConnection, seconds = 900): Purpose => ({
  name: 'prove',
  seconds,
  allow: sessionStatementsOf(connection, ['ses:GetAccount']),
})

/**
 * Assumes the role with the external id. During a rotation the second id is tried first: a role that accepts it no longer needs the first.
 * @throws whatever is not a ConnectionError: it is a defect, and no finding about the role
 */
export async function trustStep(
  connection: UsableConnection,
  { account: ourAccount }: Deployment,
  sessions: Sessions,
): Promise<TrustResult> {
  const { nextExternalId, ...current } = connection
  const externalIds = [...(nextExternalId === undefined ? [] : [nextExternalId]), connection.externalId]
  let refusal: unknown
  for (const externalId of externalIds) {
    const accepted: UsableConnection = { ...current, externalId }
    try {
      await sessions.credentials(accepted, minimalPurpose(accepted))()
      return { accepted, step: passing(withId, foundOf(externalId, connection)) }
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error
      refusal = error
      if (!(error instanceof TrustRefusedError)) break
    }
  }
  return { step: refusedStep(refusal, connection, ourAccount) }
}

function foundOf(externalId: string, { nextExternalId }: UsableConnection): string {
  if (nextExternalId === undefined) return 'allowed'
  return externalId === nextExternalId
    ? 'allowed with the second id: the first can be retired'
    : 'allowed with the first id: the customer has yet to update the role with the second'
}

function refusedStep(refusal: unknown, connection: UsableConnection, ourAccount: string): ProofStep {
  if (refusal instanceof TrustRefusedError) {
    return failing(
      withId,
      `${messageOf(refusal)}. STS does not say which. Compare the account and path of the principal and the external id, and look for a Deny. The trust policy must be`,
      trustToPaste(connection, ourAccount),
    )
  }
  if (refusal instanceof DurationRefusedError)
    return failing(
      { ...withId, failure: 'sessions of 900 s are not allowed', layer: 'duration' },
      messageOf(refusal),
      durationToPaste(connection.roleArn, 900),
    )
  if (refusal instanceof ConnectionError && !refusal.retryable && refusal.layer === 'account')
    return failing({ ...withId, failure: 'the role belongs to another account', layer: 'account' }, messageOf(refusal))
  if (refusal instanceof ConnectionError && refusal.layer === 'region')
    return failing({ ...withId, failure: 'STS is not active in the region', layer: 'account' }, messageOf(refusal))
  return unanswered(withId, messageOf(refusal))
}

/** What the probe, which knows no external id, can do with the role. */
export async function unknownIdSteps(
  connection: UsableConnection,
  { account }: Deployment,
  probe: Probe,
): Promise<ProofStep[]> {
  const attempts = await probe(connection.project, connection.roleArn)
  const paste = trustToPaste(connection, account)
  const found = (id: string) =>
    `Any role in our account can assume ${connection.roleArn} ${id}, so another customer of ours could use us to enter this account. ${openConditions}. The trust policy must be`
  return [
    judged(withoutId, attempts.withoutId, found('without an external id'), paste),
    judged(withRandomId, attempts.randomId, found('with any external id'), paste),
  ]
}

const openConditions =
  'A statement has no condition on sts:ExternalId, or a condition that a missing or arbitrary id satisfies (…IfExists, ForAllValues, StringLike "*", a misspelled Deny)'

export async function similarIdStep(
  connection: UsableConnection,
  { account }: Deployment,
  sts: STSClient,
): Promise<ProofStep> {
  for (const id of similarIdsOf(connection.externalId)) {
    const attempt = await tryToAssume(sts, connection, id)
    if (attempt === 'refused') continue
    const found = `${connection.roleArn} accepts an id that is only similar to the external id. The condition must be StringEquals with the whole id, without wildcards. The trust policy must be`
    return judged(withSimilarId, attempt, found, trustToPaste(connection, account))
  }
  return passing(withSimilarId, 'refused')
}

function judged(check: FallibleCheck, attempt: ProbeAttempt, found: string, paste: string): ProofStep {
  if (attempt === 'refused') return passing(check, 'refused')
  if (attempt === 'let in') return failing(check, found, paste)
  return unanswered(check, attempt)
}
