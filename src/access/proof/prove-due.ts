/**
 * Proves all connections that are due, many side by side, until the time is up.
 *
 * A connection that cannot be read, or whose proof fails with an error (a defect, an unavailable table), does not affect the others. A
 * connection that the run does not reach stays due.
 * docs/design/access.md#how-are-all-connections-proven-in-a-day
 */
import type { Deployment } from '../../arn.ts'
import { concurrently } from '../../concurrently.ts'
import type { Actor } from '../../projects/changes.ts'
import type { Connection } from '../../projects/connection.ts'
import type { DueEntry } from '../../projects/due-work.ts'
import type { DirectorySlice } from '../../projects/list-due-work.ts'
import { isDue, nextProofAt } from '../../projects/proof-schedule.ts'
import type { ProofSchedule } from '../../projects/schedule-proofs.ts'
import { dayMs } from '../../time.ts'
import type { Prover } from './prover.ts'
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
  readonly connections: { find(project: string): Promise<Connection | undefined> }
  /** What is due now, by project. */
  readonly listDue: (now: Date) => Promise<ReadonlyMap<string, readonly DueEntry[]>>
  /** The next slice of the daily pass over all projects. */
  readonly nextSlice: (now: Date) => Promise<DirectorySlice>
  readonly schedule: ProofSchedule
  readonly prove: Prover
  readonly settle: Settle
  readonly report: (line: ProofOutcome) => void
  /** The numbers of the run, also of one that ends with an error. */
  readonly tally: (run: ProofRun) => void
  readonly now: () => Date
  /** Whether there is time for another proof. */
  readonly hasTimeLeft: () => boolean
}

type Candidate = { readonly project: string; readonly entries: readonly DueEntry[] }

/** Proofs under way. A proof waits for AWS nearly all of its time: it makes about 40 calls, and keeps to the rate of SES. */
const atOnce = 32

/** Delay of a proof that had no result, and of one that failed with an error. It doubles with each further try, up to a day. */
const shortestDelayMs = 30 * 60_000
const longestDelayMs = dayMs

/** @throws AggregateError the errors of single connections, after every other due connection was tried */
export async function proveDue(deps: ProveDueDependencies, deployment: Deployment, actor: Actor): Promise<ProofRun> {
  const { schedule, report, now, hasTimeLeft } = deps
  const [entriesByProject, slice] = [await deps.listDue(now()), await deps.nextSlice(now())]
  const ids = new Set([...longestWaitFirst(entriesByProject), ...slice.projects])
  const errors: unknown[] = []
  let [proven, left] = [0, 0]

  await concurrently(ids, atOnce, async (project) => {
    const candidate = { project, entries: entriesByProject.get(project) ?? [] }
    if (!hasTimeLeft()) {
      if (candidate.entries.length > 0) left++
      return
    }
    try {
      const outcome = await proveCandidate(deps, candidate, deployment, actor)
      if (outcome === undefined) return
      report(outcome)
      proven++
    } catch (error) {
      errors.push(error)
      report({ project, outcome: 'failed', why: error instanceof Error ? error.name : 'an unknown error' })
      await putOff(deps, candidate).catch((cause: unknown) => errors.push(cause))
    }
  })
  // A run that was cut off repeats its slice.
  if (hasTimeLeft()) await schedule.savePass(slice)
  deps.tally({ proven, left })
  if (errors.length > 0)
    throw new AggregateError(errors, `The proofs of ${errors.length} of ${ids.size} connections failed with an error`)
  return { proven, left }
}

function longestWaitFirst(entriesByProject: ReadonlyMap<string, readonly DueEntry[]>): string[] {
  const dueSinceMs = (entries: readonly DueEntry[]) => Math.min(...entries.map(({ at }) => at.getTime()))
  return [...entriesByProject].sort(([, a], [, b]) => dueSinceMs(a) - dueSinceMs(b)).map(([project]) => project)
}

/** @returns `undefined` if there was nothing to prove */
async function proveCandidate(
  deps: ProveDueDependencies,
  candidate: Candidate,
  deployment: Deployment,
  actor: Actor,
): Promise<ProofOutcome | undefined> {
  const { connections, prove, settle, schedule, now } = deps
  const { project, entries } = candidate
  const connection = await connections.find(project)
  if (!connection?.roleArn) {
    // It is due again when a role is attached.
    await schedule.move(project, entries, undefined)
    return undefined
  }
  const next = () => schedule.move(project, entries, nextProofAt(project, now()))
  if (!isDue(connection, now()) && !entries.some(({ isRequested }) => isRequested)) {
    await next()
    return undefined
  }
  const { conclusion, why, state } = await settle(connection, await prove(connection, deployment), actor)
  await (conclusion === 'open' ? putOff(deps, candidate) : next())
  return { project, outcome: conclusion === 'open' ? 'not told' : state, why }
}

async function putOff({ schedule, now }: ProveDueDependencies, { project, entries }: Candidate): Promise<void> {
  const tries = Math.max(0, ...entries.map((entry) => entry.tries)) + 1
  const delayMs = Math.min(longestDelayMs, shortestDelayMs * 2 ** (tries - 1))
  await schedule.move(project, entries, new Date(now().getTime() + delayMs), tries)
}
