/**
 * Proves all connections that are due, a few at a time, until the time is up.
 *
 * A connection whose proof fails with an error (a defect, an unavailable table) does not affect the others. A connection that the run does
 * not reach stays due.
 */
import type { Deployment } from '../../arn.ts'
import { concurrently } from '../../concurrently.ts'
import type { Actor } from '../../projects/changes.ts'
import type { Connection } from '../../projects/connection.ts'
import type { Prover } from './prover.ts'
import { isDue } from './schedule.ts'
import type { Settle } from './settle.ts'

/** The log line of one connection. Contains no address and no external id. `not told`: the proof had no result this time. */
export type ProofOutcome = {
  readonly project: string
  readonly outcome: 'proven' | 'waiting' | 'quarantined' | 'not told' | 'failed'
  readonly why?: string | undefined
}

/** Numbers of connections: proven in this run, and still due. */
export type ProofRun = { readonly proven: number; readonly left: number }

export type ProveDueDependencies = {
  readonly connections: () => AsyncIterable<Connection>
  readonly prove: Prover
  readonly settle: Settle
  readonly report: (line: ProofOutcome) => void
  readonly now: () => Date
  /** Whether there is time for another proof. */
  readonly hasTimeLeft: () => boolean
}

const atOnce = 5

/** @throws AggregateError the errors of single connections, after every other due connection was tried */
export async function proveDue(
  { connections, prove, settle, report, now, hasTimeLeft }: ProveDueDependencies,
  deployment: Deployment,
  actor: Actor,
): Promise<ProofRun> {
  const due: Connection[] = []
  for await (const connection of connections()) if (isDue(connection, now())) due.push(connection)
  // The connection that has waited longest comes first.
  due.sort((a, b) => (a.checkedAt?.getTime() ?? 0) - (b.checkedAt?.getTime() ?? 0))
  const errors: unknown[] = []
  let proven = 0

  const proveOne = async (connection: Connection): Promise<ProofOutcome> => {
    const { project } = connection
    try {
      const { conclusion, why, state } = await settle(connection, await prove(connection, deployment), actor)
      return { project, outcome: conclusion === 'open' ? 'not told' : state, why }
    } catch (error) {
      errors.push(error)
      return { project, outcome: 'failed', why: error instanceof Error ? error.name : 'an unknown error' }
    }
  }
  await concurrently(due, atOnce, async (connection) => {
    if (!hasTimeLeft()) return
    report(await proveOne(connection))
    proven++
  })
  if (errors.length > 0)
    throw new AggregateError(errors, `The proofs of ${errors.length} of ${due.length} connections failed with an error`)
  return { proven, left: due.length - proven }
}
