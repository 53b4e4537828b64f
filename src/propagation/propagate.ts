/**
 * Propagates changed addresses: publishes an event for each changed verdict, and applies the verdicts to the account lists. Many projects
 * are worked on at once, and none delays another. An address that fails does not affect the other addresses of its project.
 *
 * Only a failure of Sesame itself fails a task. A failure of a customer's account defers its addresses (`apply-pending.ts`), and a failure of
 * the event bus defers the events.
 * docs/design/propagation.md#how-does-one-broken-account-not-affect-others
 */
import { concurrently } from '../concurrently.ts'
import type { Publish } from '../events/bus.ts'
import type { Project } from '../projects/project.ts'
import { recordOf, type StoredItem } from '../suppression/read-list.ts'
import type { ErasureMarks } from '../suppression/read-marks.ts'
import { type AddressChange, addressChangeOf, type OutstandingEvent } from './address-change.ts'
import {
  type AddressOutcome,
  type ApplyDependencies,
  createPendingApplier,
  type PendingAddress,
} from './apply-pending.ts'
import { isImportChange } from './import-change.ts'
import type { SoftOutcomeNotes } from './note-soft-outcome.ts'
import type { PropagationTask } from './read-tasks.ts'
import { isDeletion } from './stream-record.ts'
import type { WeekExpiry } from './week-expiry.ts'

/** `error` is a failure of Sesame itself: the task must be delivered again. `event` says that its event is not published yet. */
export type TaskOutcome = { readonly task: PropagationTask; readonly feedbackId?: string } & (
  | { readonly outcome: string; readonly event?: string }
  | { readonly error: unknown }
)

export type PropagationDependencies = ApplyDependencies & {
  readonly projects: { find(project: string): Promise<Project | undefined> }
  readonly publish: Publish
  readonly softOutcomes: SoftOutcomeNotes
  readonly weekExpiry: WeekExpiry
  readonly marks: ErasureMarks
}

/** An address and what changed about it, or the error of reading it. */
type Read = { readonly address: string } & (
  | { readonly pending: PendingAddress; readonly change: AddressChange }
  | { readonly error: unknown }
)

const projectsAtOnce = 25
/** Addresses of one project that are read at a time. */
const addressesAtOnce = 10

export function createPropagation(deps: PropagationDependencies) {
  const { projects, applier, softOutcomes, weekExpiry, marks, now } = deps
  const applyPending = createPendingApplier(deps)

  async function readAddress(project: Project, address: string, tasks: readonly PropagationTask[]): Promise<Read> {
    try {
      for (const { change } of tasks) if (change) await weekExpiry.keep(change)
      const pending = { address, tasks, items: await applier.read(project.id, address) }
      const { verdict } = applier.judgeItems({ project }, pending.items)
      await softOutcomes.keep(project.id, address, pending.items, verdict, project.rules)
      const isErased = tasks.some(({ change }) => change && isDeletion(change))
      const mark = isErased ? await marks.find(project.id, address) : undefined
      return { address, pending, change: addressChangeOf(project, pending, verdict, now(), mark?.accountList) }
    } catch (error) {
      return { address, error }
    }
  }

  /** What a project that no longer exists left behind expires like the rest. */
  async function ignoreTask(task: PropagationTask): Promise<TaskOutcome> {
    try {
      if (task.change) await weekExpiry.keep(task.change)
      return { task, outcome: 'ignored: there is no such project' }
    } catch (error) {
      return { task, error }
    }
  }

  async function propagateProject(id: string, tasks: readonly PropagationTask[]): Promise<TaskOutcome[]> {
    const project = await projects.find(id)
    if (!project) return Promise.all(tasks.map(ignoreTask))
    const reads: Read[] = []
    const tasksByAddress = Map.groupBy(tasks, (task) => task.address)
    const imported = new Set<string>()
    for (const [address, ofAddress] of tasksByAddress) if (ofAddress.every(isImportChange)) imported.add(address)
    // Idempotent: the latest mark is kept.
    if (imported.size > 0) await deps.outOfSync.mark(id, now())
    for (const address of imported) tasksByAddress.delete(address)
    await concurrently(tasksByAddress, addressesAtOnce, async ([address, tasksOfAddress]) => {
      reads.push(await readAddress(project, address, tasksOfAddress))
    })
    const changes = reads.flatMap((read) => ('change' in read ? [read] : []))
    const published = await publishOrKeep(
      deps,
      changes.flatMap(({ change }) => change.events),
    )
    const pending = changes.flatMap(({ pending, change }) => (change.affectsAccountList ? [pending] : []))
    const outcomes = new Map<string, AddressOutcome>(pending.length > 0 ? await applyPending(project, pending) : [])
    for (const address of imported) outcomes.set(address, 'left to the reconcile: imported')
    for (const read of reads) if ('error' in read) outcomes.set(read.address, { error: read.error })
    const addressesOfEvents = new Set(
      changes.flatMap(({ address, change }) => (change.events.length > 0 ? address : [])),
    )
    const feedbackIds = new Map(changes.map(({ address, pending }) => [address, latestFeedbackId(pending.items)]))
    return tasks.map((task) => {
      const outcome = outcomeOf(
        task,
        outcomes.get(task.address),
        addressesOfEvents.has(task.address) ? published : 'published',
      )
      const feedbackId = feedbackIds.get(task.address)
      return feedbackId === undefined ? outcome : { ...outcome, feedbackId }
    })
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
    await markFailed(deps, outcomes)
    return outcomes
  }
}

/**
 * Marks the projects of failed tasks as out of sync: if their records end in the dead-letter queue, which does not keep their content, the next
 * reconcile still applies them. Idempotent. A mark that fails is made again when the tasks are delivered again.
 */
async function markFailed(
  { outOfSync, now }: Pick<PropagationDependencies, 'outOfSync' | 'now'>,
  outcomes: readonly TaskOutcome[],
): Promise<void> {
  const projects = new Set(outcomes.flatMap((outcome) => ('error' in outcome ? outcome.task.project : [])))
  await Promise.allSettled([...projects].map((project) => outOfSync.mark(project, now())))
}

/** The event of SES to which the verdict on an address goes back at last. A ruling has none. */
function latestFeedbackId(items: readonly StoredItem[]): string | undefined {
  const { evidence, manual, reinstated } = recordOf(items)
  const latest = evidence.toSorted((one, other) => other.at.getTime() - one.at.getTime())[0]
  const isRuledSince = [manual, reinstated].some((ruling) => ruling && latest && ruling.at >= latest.at)
  return isRuledSince ? undefined : latest?.feedbackId
}

/** `published`; or `waits`, with the reason, if the events are in the retry queue. */
type Published = 'published' | `waits: ${string}` | { readonly error: unknown }

/**
 * Publishes events. If the bus does not accept them, they wait in the retry queue, so that the account list does not wait for the bus.
 * Idempotent: an event that is published twice has the same id.
 *
 * @returns the error if neither bus nor queue accepts them
 */
async function publishOrKeep(
  { publish, retryQueue }: Pick<PropagationDependencies, 'publish' | 'retryQueue'>,
  events: readonly OutstandingEvent[],
): Promise<Published> {
  if (events.length === 0) return 'published'
  try {
    await publish(events.map(({ event }) => event))
    return 'published'
  } catch (error) {
    const messages = events.map(({ event, attempt }) => {
      const { project, address } = event.detail
      return { project, address, attempt: attempt + 1, event }
    })
    return retryQueue.enqueue(messages).then(
      () => `waits: ${error instanceof Error ? error.name : 'an unknown error'}` as const,
      (cause: unknown) => ({ error: cause }),
    )
  }
}

function outcomeOf(task: PropagationTask, applied: AddressOutcome | undefined, published: Published): TaskOutcome {
  if (typeof applied === 'object') return { task, error: applied.error }
  if (typeof published === 'object') return { task, error: published.error }
  const outcome = task.event ? 'event published' : (applied ?? 'nothing to carry')
  if (published === 'published') return { task, outcome }
  return { task, outcome: task.event ? 'event parked' : outcome, event: published }
}
