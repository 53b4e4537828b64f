/**
 * Step: sessions may last as long as we open them.
 *
 * An hour is all that role chaining allows, so no longer one is ever asked for; STS refuses what is too long, it does not shorten.
 */
import type { UsableConnection } from '../../../projects/connection.ts'
import { ConnectionError, DurationRefusedError } from '../../session/errors.ts'
import type { Sessions } from '../../session/sessions.ts'
import { durationToPaste } from '../paste.ts'
import { failing, messageOf, type ProofStep, passing, unanswered } from '../step.ts'
import { lookPurpose } from './entrance.ts'

const name = { step: 'sessions of 900 s and of 3600 s are allowed', layer: 'duration' } as const

/** @param inside the connection by the id that the role takes: it took it for 900 s */
export async function durationStep(inside: UsableConnection, sessions: Sessions): Promise<ProofStep> {
  const seconds = 3_600
  try {
    await sessions.credentials(inside, lookPurpose(inside, seconds))()
    return passing(name, 'allowed')
  } catch (error) {
    if (error instanceof DurationRefusedError)
      return failing(name, messageOf(error), durationToPaste(inside.roleArn, seconds))
    if (error instanceof ConnectionError) return unanswered(name, messageOf(error))
    throw error
  }
}
