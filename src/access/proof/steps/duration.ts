/**
 * Step: the role allows sessions as long as we open them.
 *
 * Role chaining limits a session to one hour, so we never ask for more. STS refuses a duration that is too long; it does not shorten it.
 */
import type { UsableConnection } from '../../../projects/connection.ts'
import { ConnectionError, DurationRefusedError } from '../../session/errors.ts'
import type { Sessions } from '../../session/sessions.ts'
import { durationToPaste } from '../paste.ts'
import { type FallibleCheck, failing, messageOf, type ProofStep, passing, unanswered } from '../step.ts'
import { minimalPurpose } from './trust.ts'

const check: FallibleCheck = {
  step: 'sessions of 900 s and of 3600 s are allowed',
  failure: 'sessions of 3600 s are not allowed',
  layer: 'duration',
}

/** @param accepted the connection with the external id that the role accepts: it has accepted the id for 900 s */
export async function durationStep(accepted: UsableConnection, sessions: Sessions): Promise<ProofStep> {
  const seconds = 3_600
  try {
    await sessions.credentials(accepted, minimalPurpose(accepted, seconds))()
    return passing(check, 'allowed')
  } catch (error) {
    if (error instanceof DurationRefusedError)
      return failing(check, messageOf(error), durationToPaste(accepted.roleArn, seconds))
    if (error instanceof ConnectionError) return unanswered(check, messageOf(error))
    throw error
  }
}
