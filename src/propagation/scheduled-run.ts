/**
 * One scheduled run: every project that is due gets its turns, side by side with the others.
 *
 * A turn ends when the project's share of the time is used up. What is left waits behind the other projects, so a project with much work, or
 * one whose account does not answer, delays no other. A project that cannot be read, or whose turn fails with an error, fails alone. A run stops
 * when its time is up, and the next one continues.
 * docs/design/propagation.md#how-are-the-projects-found-that-are-due
 */
import { concurrently } from '../concurrently.ts'
import { type DueEntry, quarterAfter } from '../projects/due-work.ts'
import type { DirectorySlice } from '../projects/list-due-work.ts'
import { dayMs } from '../time.ts'
import type { DoneReconciles } from './done-reconciles.ts'
import type { DueReconciles } from './due-reconciles.ts'
import type { ExpiredSuppressions } from './expired-suppressions.ts'
import { nextWeekAt } from './next-week.ts'
import { createProjectTurn, type RunOutcome, type TurnDependencies, type TurnResult } from './project-turn.ts'

type Dependencies = TurnDependencies & {
  /** What is due now, by project. */
  readonly listDue: (now: Date) => Promise<ReadonlyMap<string, readonly DueEntry[]>>
  /** The next slice of the daily pass over all projects. */
  readonly nextSlice: (now: Date) => Promise<DirectorySlice>
  readonly due: DueReconciles
  readonly done: DoneReconciles
  readonly expired: ExpiredSuppressions
}

type DueProject = { readonly id: string; readonly entries: readonly DueEntry[] }

/** Numbers of projects. `left`: not done when the time was up. `failed`: their turn failed with an error of Sesame itself. */
export type RunTotals = { readonly due: number; readonly done: number; readonly left: number; readonly failed: number }

const projectsAtOnce = 25
/** The share of a project: the time of one turn. */
const shareMs = 60_000

const shortestDelayMs = 15 * 60_000
/** Longest delay after a failure of the account, and after an error of Sesame itself. */
const longestDelayMs = { later: 60 * 60_000, failed: dayMs }

/** Some projects failed with an error. The others are done, and the failed ones are due again later. */
class ProjectsFailedError extends AggregateError {
  override readonly name = 'ProjectsFailedError'
  readonly retryable = true
  readonly totals: RunTotals

  constructor(totals: RunTotals, errors: readonly unknown[]) {
    super(errors, `${totals.failed} of ${totals.due} projects failed with an error: the log names them`)
    this.totals = totals
  }
}

export function createScheduledRun(deps: Dependencies) {
  const { due, done, expired, states, now } = deps
  const takeTurn = createProjectTurn(deps)

  /** The entry of next week, for a project that the pass has found without one. */
  async function scheduleNextWeek(id: string): Promise<void> {
    const { finished } = await states.find(id)
    if (finished) await due.add(id, nextWeekAt(id, finished))
  }

  /** The new entry is written before the old ones are removed, so that the project is due at any time. */
  async function putOff({ id, entries }: DueProject, result: 'later' | 'failed'): Promise<void> {
    const tries = Math.max(0, ...entries.map((entry) => entry.tries)) + 1
    const delayMs = Math.min(longestDelayMs[result], shortestDelayMs * 2 ** (tries - 1))
    await due.add(id, quarterAfter(new Date(now().getTime() + delayMs)), tries)
    await done.remove(entries)
  }

  async function settle(project: DueProject, result: Exclude<TurnResult, 'again'>): Promise<void> {
    if (result === 'later') return putOff(project, 'later')
    if (project.entries.length === 0) await scheduleNextWeek(project.id)
    await done.remove(project.entries)
  }

  async function findDue(): Promise<{ queue: DueProject[]; slice: DirectorySlice }> {
    await expired.moveOld(now())
    const [entriesByProject, slice] = [await deps.listDue(now()), await deps.nextSlice(now())]
    const ids = new Set([...entriesByProject.keys(), ...slice.projects])
    return { queue: [...ids].map((id) => ({ id, entries: entriesByProject.get(id) ?? [] })), slice }
  }

  /**
   * @param report is called for each expired suppression and each turn of a project
   * @throws ProjectsFailedError after all other projects had their turns
   */
  return async (until: Date, report: (outcome: RunOutcome) => void): Promise<RunTotals> => {
    const { queue, slice } = await findDue()
    const count = queue.length
    let settled = 0
    const errors: unknown[] = []
    const failed = new Set<string>()

    const work = async (project: DueProject): Promise<void> => {
      if (now() >= until) return
      try {
        const result = await takeTurn(
          project.id,
          new Date(Math.min(until.getTime(), now().getTime() + shareMs)),
          report,
        )
        if (result === 'again') return void queue.push(project)
        await settle(project, result)
        settled++
      } catch (error) {
        errors.push(error)
        failed.add(project.id)
        report({ project: project.id, outcome: `failed: ${error instanceof Error ? error.name : 'an unknown error'}` })
        await putOff(project, 'failed').catch((cause: unknown) => errors.push(cause))
      }
    }
    await concurrently(turnsOf(queue), projectsAtOnce, work)
    // A run that was cut off repeats its slice.
    if (now() < until) await done.savePass(slice)
    const totals = { due: count, done: settled, left: count - settled - failed.size, failed: failed.size }
    if (failed.size > 0) throw new ProjectsFailedError(totals, errors)
    return totals
  }
}

/** The projects of the queue, in order, those included that are appended while others are worked on. */
const turnsOf = (queue: DueProject[]): Iterable<DueProject> => ({
  [Symbol.iterator]: () => ({
    next: (): IteratorResult<DueProject> => {
      const value = queue.shift()
      return value ? { value } : { done: true, value: undefined }
    },
  }),
})
