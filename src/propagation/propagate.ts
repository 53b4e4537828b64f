/**
 * Takes changed addresses to the account lists of their projects: many projects at once, each project by itself.
 *
 * A project that cannot be reached never holds up the others: what passes by itself is parked in the retry queue, what somebody must mend
 * is left to the reconcile, and for a while nobody knocks there again. Only our own failures fail a record.
 * docs/decisions/0111-one-broken-customer.md
 */
import { type Connection, NotConnectedError, type UsableConnection, usable } from '../projects/connection.ts'
import type { Project } from '../projects/project.ts'
import type { StoredItem } from '../suppression/read-list.ts'
import { recordOf } from '../suppression/read-list.ts'
import { restsOnTheAccountList } from './account-entry.ts'
import type { AccountList } from './account-list.ts'
import type { Applied, Target, VerdictApplier } from './apply-verdict.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import { type AccountFailure, accountFailureOf } from './classify-failure.ts'
import { type DomainEvent, domainEventOf, type Publish } from './domain-events.ts'
import type { OutOfSync } from './out-of-sync.ts'
import { mostAttempts, type RetryMessage } from './retry-queue.ts'
import { type StreamChange, verdictsOf } from './stream-record.ts'

/** A record to work off: one of the stream, with its change, or one of the retry queue, with how often it was tried. */
export type PropagationTask = {
  /** What Lambda is told when it failed. */
  readonly id: string
  readonly project: string
  readonly address: string
  readonly change?: StreamChange
  readonly attempt?: number
}

/** What became of one task. */
export type TaskOutcome =
  | { readonly task: PropagationTask; readonly outcome: string }
  | { readonly task: PropagationTask; readonly error: unknown }

type Parts = {
  readonly projects: { find(project: string): Promise<Project | undefined> }
  readonly connections: { find(project: string): Promise<Connection | undefined> }
  readonly listOf: (connection: UsableConnection) => AccountList
  readonly carrier: VerdictApplier
  readonly circuits: CircuitBreaker
  readonly behind: OutOfSync
  readonly park: (addresses: readonly RetryMessage[]) => Promise<void>
  readonly publish: Publish
  readonly now: () => Date
}

/** Projects worked on at once. */
const atOnce = 25

/** One project takes no more of an invocation than this: the rest of its addresses waits in the queue. */
const patienceMs = 10_000

/** The tasks of one address, and its items as they stand now. */
type Subject = { readonly address: string; readonly tasks: PropagationTask[]; readonly items: readonly StoredItem[] }

export function createPropagation(parts: Parts) {
  const { projects, connections, carrier, circuits, behind, park, publish, now } = parts

  /** Where a project's addresses go, or what stands in the way. */
  async function wayOf(project: Project): Promise<Target | AccountFailure | string> {
    try {
      const connection = usable(project.id, await connections.find(project.id))
      if (!connection.features.includes('suppression')) return 'skipped: the connection leaves suppression out'
      return { project, connection, list: parts.listOf(connection) }
    } catch (error) {
      // On connection, the reconcile brings the list up to date.
      if (error instanceof NotConnectedError) return 'skipped: not connected'
      const obstacle = accountFailureOf(error)
      if (obstacle) return obstacle
      throw error
    }
  }

  /** What changed, told to the world; and whether the account list can be concerned at all. */
  function newsOf(project: Project, { tasks, items, address }: Subject): { events: DomainEvent[]; concerns: boolean } {
    const events: DomainEvent[] = []
    const record = recordOf(items)
    const { verdict } = carrier.stateOf({ project }, items)
    let concerns = verdict.state === 'suppressed' && !restsOnTheAccountList(verdict, record)
    for (const { change } of tasks) {
      if (!change) {
        concerns = true
        continue
      }
      const { before, after } = verdictsOf(change, items, project.rules, now())
      const event = domainEventOf(project.id, address, before, after)
      if (event) events.push(event)
      if (verdict.state === 'clear' && (before.state === 'suppressed' || after.state === 'suppressed')) concerns = true
    }
    return { events, concerns }
  }

  async function ofProject(id: string, tasks: readonly PropagationTask[]): Promise<TaskOutcome[]> {
    const project = await projects.find(id)
    if (!project) return tasks.map((task) => ({ task, outcome: 'ignored: there is no such project' }))
    const byAddress = Map.groupBy(tasks, ({ address }) => address)
    const subjects: Subject[] = []
    for (const [address, its] of byAddress)
      subjects.push({ address, tasks: its, items: await carrier.read(id, address) })
    const news = subjects.map((subject) => ({ subject, ...newsOf(project, subject) }))
    // Before anything is carried: a record that fails here comes again as a whole.
    await publish(news.flatMap(({ events }) => events))
    const outcomes = new Map<string, string>()
    for (const { subject, concerns } of news) if (!concerns) outcomes.set(subject.address, 'nothing to carry')
    const waiting = news.flatMap(({ subject, concerns }) => (concerns ? [subject] : []))
    if (waiting.length > 0) await carryAll(project, waiting, outcomes)
    return tasks.map((task) => ({ task, outcome: outcomes.get(task.address) ?? 'nothing to carry' }))
  }

  async function carryAll(project: Project, subjects: readonly Subject[], outcomes: Map<string, string>) {
    const way = await wayOf(project)
    const all = (outcome: string) => subjects.forEach(({ address }) => void outcomes.set(address, outcome))
    if (typeof way === 'string') return all(way)
    if ('kind' in way) return leave(project, subjects, way, outcomes)
    const key = `${project.id} ${way.connection.revision}`
    const left: Subject[] = []
    let obstacle = circuits.obstacleOf(key)
    const until = now().getTime() + patienceMs
    for (const subject of subjects) {
      if (!obstacle && now().getTime() >= until) obstacle = { kind: 'passing', why: 'too many at once' }
      if (!obstacle) {
        const result = await attempt(way, subject)
        if (typeof result === 'string') outcomes.set(subject.address, result)
        else {
          obstacle = result
          circuits.failed(key, result)
        }
        if (typeof result === 'string' && !obstacle) circuits.succeeded(key)
      }
      if (obstacle && !outcomes.has(subject.address)) left.push(subject)
    }
    if (obstacle && left.length > 0) await leave(project, left, obstacle, outcomes)
  }

  async function attempt(way: Target, { address, items }: Subject): Promise<Applied | AccountFailure> {
    try {
      const carried = await carrier.carry(way, address, items)
      return carried === 'in the sandbox' ? { kind: 'lasting', why: 'account: in the sandbox' } : carried
    } catch (error) {
      const obstacle = accountFailureOf(error)
      if (obstacle) return obstacle
      throw error
    }
  }

  /** For later: in the queue, or, if somebody must mend something first or it was tried often enough, in the reconcile's care. */
  async function leave(
    project: Project,
    subjects: readonly Subject[],
    { kind, why }: AccountFailure,
    outcomes: Map<string, string>,
  ): Promise<void> {
    const parked = subjects.map(({ address, tasks }) => {
      const attempt = Math.min(...tasks.map((task) => task.attempt ?? 0)) + 1
      return { project: project.id, address, attempt }
    })
    const again = kind === 'passing' ? parked.filter(({ attempt }) => attempt <= mostAttempts) : []
    if (again.length > 0) await park(again)
    if (again.length < parked.length) await behind.mark(project.id, now())
    const waiting = new Set(again.map(({ address }) => address))
    for (const { address } of parked)
      outcomes.set(address, `${waiting.has(address) ? 'parked' : 'left to the reconcile'}: ${why}`)
  }

  /** Works off every task. Never rejects: what failed is among what it answers. */
  return async (tasks: readonly PropagationTask[]): Promise<TaskOutcome[]> => {
    const waiting = Map.groupBy(tasks, ({ project }) => project).entries()
    const done: TaskOutcome[] = []
    const worker = async () => {
      for (const [id, its] of waiting)
        done.push(
          ...(await ofProject(id, its).catch((error: unknown) => its.map((task): TaskOutcome => ({ task, error })))),
        )
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    return done
  }
}
