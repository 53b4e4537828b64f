/**
 * One round of everything that is due: suppressions that have ended, then projects whose turn has come.
 *
 * A round ends when its time is up; the next one goes on. What fails of one project is its own affair and is told of.
 */
import { type Connection, usable } from '../projects/connection.ts'
import type { Project } from '../projects/project.ts'
import type { Target, VerdictApplier } from './apply-verdict.ts'
import { accountFailureOf } from './classify-failure.ts'
import type { ExpiredSuppressions } from './ended.ts'
import type { Expiry } from './ends.ts'
import type { OutOfSync } from './out-of-sync.ts'
import type { ReconcileSlice } from './reconcile.ts'
import type { ReconcileStates } from './reconcile-state.ts'
import { dueReasonOf, dueReasons } from './schedule.ts'

type Parts = {
  readonly projects: () => Promise<readonly Project[]>
  readonly connections: () => AsyncIterable<Connection>
  readonly states: ReconcileStates
  readonly ends: ExpiredSuppressions
  readonly behind: OutOfSync
  readonly carrier: VerdictApplier
  readonly listOf: (connection: Target['connection']) => Target['list']
  readonly reconcile: (order: { id: string; preview: false; until: Date }) => Promise<ReconcileSlice>
  readonly now: () => Date
}

export type RunOutcome = { readonly project: string; readonly address?: string; readonly outcome: string }

const atOnce = 8

export function createScheduledRun(parts: Parts) {
  const { states, ends, behind, carrier, now } = parts

  /** Takes off what has ended: the table says whether it has. Again, it is off already. */
  async function lift(end: Expiry, project: Project | undefined, connection: Connection | undefined): Promise<string> {
    const { address } = end
    // Whoever connects later begins with a reconcile.
    if (!project || !connection) return 'ignored: not connected'
    try {
      const way = usable(project.id, connection)
      return await carrier.carry(
        { project, connection: way, list: parts.listOf(way) },
        address,
        await carrier.read(project.id, address),
      )
    } catch (error) {
      const obstacle = accountFailureOf(error)
      if (!obstacle) throw error
      // One mark for a project, however many addresses: else a customer who is gone would be knocked at for each of them.
      await behind.mark(project.id, now())
      return `left to the reconcile: ${obstacle.why}`
    }
  }

  return async (until: Date, tell: (told: RunOutcome) => void): Promise<void> => {
    const projects = new Map((await parts.projects()).map((project) => [project.id, project]))
    const connections = new Map<string, Connection>()
    for await (const connection of parts.connections()) connections.set(connection.project, connection)

    for await (const end of ends.come(now())) {
      if (now() >= until) return
      const outcome = await lift(end, projects.get(end.project), connections.get(end.project))
      await ends.forget(end)
      tell({ project: end.project, address: end.address, outcome })
    }

    const known = await states.all()
    const due = [...projects.values()].flatMap((project) => {
      const connection = connections.get(project.id)
      if (connection?.state !== 'proven' || !connection.features.includes('suppression')) return []
      const why = dueReasonOf(project, connection, known.get(project.id) ?? {}, now())
      return why ? [{ id: project.id, why }] : []
    })
    const inOrder = due.sort((a, b) => dueReasons.indexOf(a.why) - dueReasons.indexOf(b.why)).values()
    const worker = async () => {
      for (const { id, why } of inOrder) {
        if (now() >= until) return
        tell({ project: id, outcome: `${why}: ${await outcomeOf(id, until)}` })
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
  }

  async function outcomeOf(id: string, until: Date): Promise<string> {
    try {
      const { state, why, counts } = await parts.reconcile({ id, preview: false, until })
      return [state, why, counts && words(counts)].filter(Boolean).join(', ')
    } catch (error) {
      const obstacle = accountFailureOf(error)
      if (!obstacle) throw error
      return `not now: ${obstacle.why}`
    }
  }
}

const words = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []))
    .join(' ')
