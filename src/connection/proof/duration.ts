/**
 * Step: sessions may last as long as we open them.
 *
 * An hour is all that role chaining allows, so no longer one is ever asked for; STS refuses what is too long, it does not shorten.
 */
import type { UsableConnection } from '../connection.ts'
import { ConnectionError, DurationRefusedError } from '../session-errors.ts'
import type { Sessions } from '../sessions.ts'
import { looking } from './entrance.ts'
import { durationToPaste } from './paste.ts'
import { failing, open, passing, type Step, said } from './step.ts'

const name = { step: 'sessions of 900 s and of 3600 s are allowed', layer: 'duration' } as const

/** @param inside the connection by the id that the role takes: it took it for 900 s */
export async function durationStep(inside: UsableConnection, sessions: Sessions): Promise<Step> {
  const seconds = 3_600
  try {
    await sessions.credentials(inside, looking(inside, seconds))()
    return passing(name, 'allowed')
  } catch (error) {
    if (error instanceof DurationRefusedError)
      return failing(name, said(error), durationToPaste(inside.roleArn, seconds))
    if (error instanceof ConnectionError) return open(name, said(error))
    throw error
  }
}
