/**
 * Step: what we set up in the account is as we set it up.
 *
 * Drift keeps events from coming in; it opens no door and closes none. So it is reported, and does not decide the proof.
 */
import type { UsableConnection } from '../../../projects/connection.ts'
import { ConnectionError } from '../../session/errors.ts'
import { failing, inconclusive, messageOf, type ProofStep, passing, skipping } from '../step.ts'

/** What is not as it should be, each in words; none if all is. May reject with a ConnectionError. */
export type Inspect = (connection: UsableConnection) => Promise<readonly string[]>

const name = {
  step: 'configuration set, event destinations and topic policy are as we set them up',
  layer: 'configuration',
} as const

export async function configurationStep(
  connection: UsableConnection,
  inspect: Inspect | undefined,
): Promise<ProofStep> {
  if (connection.state === 'waiting') return skipping(name, 'set up after the first proof has passed')
  if (!inspect) return skipping(name, 'nothing to compare with')
  try {
    const drift = await inspect(connection)
    if (drift.length === 0) return passing(name, 'all there')
    return failing(name, drift.join('; '), `sesame doctor ${connection.project} --mend`)
  } catch (error) {
    // Our own topics and queue are looked at too: what AWS says of them is no finding about the customer.
    if (error instanceof ConnectionError || isAnswer(error))
      return inconclusive(name, `could not be looked at: ${messageOf(error)}`)
    throw error
  }
}

const isAnswer = (error: unknown): boolean => error instanceof Error && '$fault' in error
