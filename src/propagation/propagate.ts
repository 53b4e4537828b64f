/**
 * Propagates changed addresses: publishes an event for each changed verdict, then applies the verdicts to the account lists. Many projects
 * are worked on at once, and none delays another.
 *
 * Only a failure of Sesame itself fails a task. A failure of a customer's account defers its addresses (`apply-pending.ts`).
 * docs/design/propagation.md#how-does-one-broken-account-not-affect-others
 */
import { concurrently } from '../concurrently.ts'
import type { Publish } from '../events/bus.ts'
import type { Project } from '../projects/project.ts'
import { addressChangeOf } from './address-change.ts'
import { type ApplyDependencies, createPendingApplier, type PendingAddress } from './apply-pending.ts'
import type { PropagationTask } from './read-tasks.ts'

/** `error` is a failure of Sesame itself: the task must be delivered again. */
export type TaskOutcome =
  | { readonly task: PropagationTask; readonly outcome: string }
  | { readonly task: PropagationTask; readonly error: unknown }

export type PropagationDependencies = ApplyDependencies & {
  readonly projects: { find(project: string): Promise<Project | undefined> }
  readonly publish: Publish
}

const projectsAtOnce = 25

export function createPropagation(deps: PropagationDependencies) {
  const { projects, applier, publish, now } = deps
  const applyPending = createPendingApplier(deps)

  async function readAddresses(projectId: string, tasks: readonly PropagationTask[]): Promise<PendingAddress[]> {
    const addresses: PendingAddress[] = []
    for (const [address, tasksOfAddress] of Map.groupBy(tasks, (task) => task.address))
      addresses.push({ address, tasks: tasksOfAddress, items: await applier.read(projectId, address) })
    return addresses
  }

  async function propagateProject(id: string, tasks: readonly PropagationTask[]): Promise<TaskOutcome[]> {
    const project = await projects.find(id)
    if (!project) return tasks.map((task) => ({ task, outcome: 'ignored: there is no such project' }))
    const changes = (await readAddresses(id, tasks)).map((pending) => ({
      pending,
      ...addressChangeOf(project, pending, applier.judgeItems({ project }, pending.items).verdict, now()),
    }))
    // Events are published first: if that fails, the tasks come again as a whole.
    await publish(changes.flatMap(({ events }) => events))
    const pending = changes.flatMap((change) => (change.affectsAccountList ? [change.pending] : []))
    const outcomes = pending.length > 0 ? await applyPending(project, pending) : new Map<string, string>()
    return tasks.map((task) => ({ task, outcome: outcomes.get(task.address) ?? 'nothing to carry' }))
  }

  /** Never rejects: an error becomes the outcome of its tasks. */
  return async (tasks: readonly PropagationTask[]): Promise<TaskOutcome[]> => {
    const outcomes: TaskOutcome[] = []
    await concurrently(
      Map.groupBy(tasks, ({ project }) => project),
      projectsAtOnce,
      async ([id, tasksOfProject]) => {
        const asErrors = (error: unknown) => tasksOfProject.map((task): TaskOutcome => ({ task, error }))
        outcomes.push(...(await propagateProject(id, tasksOfProject).catch(asErrors)))
      },
    )
    return outcomes
  }
}
