/**
 * Step: the configuration in the account matches what we set up.
 *
 * Drift stops events from arriving but gives no one access, so the step reports it and does not decide the proof.
 */
import type { UsableConnection } from '../../../projects/connection.ts'
import { ConnectionError } from '../../session/errors.ts'
import { type FallibleCheck, failing, inconclusive, messageOf, type ProofStep, passing, skipping } from '../step.ts'

/** The drift of a connection's configuration as sentences; none if there is no drift. May reject with a ConnectionError. */
export type Inspect = (connection: UsableConnection) => Promise<readonly string[]>

const check: FallibleCheck = {
  step: 'configuration set, event destinations and topic policies match the setup',
  failure: 'the configuration has drifted',
  layer: 'configuration',
}

export async function configurationStep(
  connection: UsableConnection,
  inspect: Inspect | undefined,
): Promise<ProofStep> {
  if (connection.state === 'waiting') return skipping(check, 'set up after the first proof has passed')
  if (!inspect) return skipping(check, 'nothing is set up')
  try {
    const drift = await inspect(connection)
    if (drift.length === 0) return passing(check, 'no drift')
    return failing(check, drift.join('. '), `sesame doctor ${connection.project} --repair`)
  } catch (error) {
    // The inspection reads our own topics and queue too: an error of AWS there is no finding about the customer.
    if (error instanceof ConnectionError || isAwsError(error))
      return inconclusive(check, `could not be read: ${messageOf(error)}`)
    throw error
  }
}

const isAwsError = (error: unknown): boolean => error instanceof Error && '$fault' in error
