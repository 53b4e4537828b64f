/**
 * Proves every connection that is due, a few at a time, for as long as there is time.
 *
 * One that fails to be proven (a defect, a table that does not answer) takes no other with it. What is left over stays due.
 */

import type { Deployment } from '../../arn.ts'
import type { Actor } from '../../projects/changes.ts'
import type { Connection } from '../../projects/connection.ts'
import { isDue } from './daily.ts'
import type { Prover } from './prover.ts'
import type { Settle } from './settle.ts'

/** What became of one; no address and no external id stands in it. */
export type ProofOutcome = {
  readonly project: string
  readonly outcome: 'proven' | 'waiting' | 'quarantined' | 'not told' | 'failed'
  readonly why?: string | undefined
}

export type ProofRun = { readonly proven: number; readonly left: number }

type Means = {
  readonly connections: () => AsyncIterable<Connection>
  readonly prove: Prover
  readonly settle: Settle
  readonly tell: (line: ProofOutcome) => void
  readonly now: () => Date
  /** Whether there is time for another. */
  readonly goesOn: () => boolean
}

const atOnce = 5

/** @throws AggregateError of whatever was no finding, after all were tried */
export async function proveDue(means: Means, place: Deployment, who: Actor): Promise<ProofRun> {
  const due: Connection[] = []
  for await (const connection of means.connections()) if (isDue(connection, means.now())) due.push(connection)
  // Those that have waited longest come first.
  due.sort((a, b) => (a.checkedAt?.getTime() ?? 0) - (b.checkedAt?.getTime() ?? 0))
  const waiting = due.values()
  const errors: unknown[] = []
  let proven = 0

  const proveOne = async (connection: Connection): Promise<ProofOutcome> => {
    const { project } = connection
    try {
      const { conclusion, why, state } = await means.settle(connection, await means.prove(connection, place), who)
      return { project, outcome: conclusion === 'open' ? 'not told' : state, why }
    } catch (error) {
      errors.push(error)
      return { project, outcome: 'failed', why: error instanceof Error ? error.name : 'an unknown error' }
    }
  }
  const work = async () => {
    while (means.goesOn()) {
      const { value, done } = waiting.next()
      if (done) return
      means.tell(await proveOne(value))
      proven++
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  if (errors.length > 0)
    throw new AggregateError(errors, `${errors.length} of ${due.length} connections failed to be proven`)
  return { proven, left: due.length - proven }
}
