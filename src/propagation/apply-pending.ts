/**
 * Applies the verdicts of one project's pending addresses to its account list, or defers them.
 *
 * After a transient failure the addresses wait in the retry queue. After a permanent one, or after too many attempts, the project is marked
 * as out of sync and its next reconcile applies them. The circuit breaker then stops further calls to the account for a while.
 * docs/design/propagation.md#how-does-one-broken-account-not-affect-others
 */
import { type Connection, NotConnectedError, requireUsable } from '../projects/connection.ts'
import type { Project } from '../projects/project.ts'
import type { StoredItem } from '../suppression/read-list.ts'
import type { AccountList, ListTarget } from './account-list.ts'
import type { ApplyOutcome, Target, VerdictApplier } from './apply-verdict.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import { type AccountFailure, accountFailureOf } from './classify-failure.ts'
import type { OutOfSync } from './out-of-sync.ts'
import type { PropagationTask } from './read-tasks.ts'
import { maxAttempts, type RetryMessage, type RetryQueue } from './retry-queue.ts'

/** The tasks of one address, and its items as they are now. */
export type PendingAddress = {
  readonly address: string
  readonly tasks: readonly PropagationTask[]
  readonly items: readonly StoredItem[]
}

export type ApplyDependencies = {
  readonly connections: { find(project: string): Promise<Connection | undefined> }
  readonly listOf: (connection: ListTarget) => AccountList
  readonly applier: VerdictApplier
  readonly circuitBreaker: CircuitBreaker
  readonly outOfSync: OutOfSync
  readonly retryQueue: Pick<RetryQueue, 'enqueue' | 'hasRoom'>
  readonly now: () => Date
}

/**
 * Time limit for one project in one invocation. The rest of its addresses waits in the retry queue. It is short, because the records of other
 * projects wait in the stream meanwhile.
 */
const timeLimitMs = 2_000

const tooMany: AccountFailure = { kind: 'transient', why: 'too many at once' }

/** The log outcome of an address, or the error of Sesame itself that its tasks fail with. */
export type AddressOutcome = string | { readonly error: unknown }
type Outcomes = Map<string, AddressOutcome>

export function createPendingApplier(deps: ApplyDependencies) {
  const { applier, circuitBreaker, retryQueue, now } = deps

  async function applyAll(target: Target, addresses: readonly PendingAddress[]): Promise<Outcomes> {
    const { project, connection } = target
    const outcomes: Outcomes = new Map()
    const remaining: PendingAddress[] = []
    const circuit = `${project.id} ${connection.revision}`
    const deadlineMs = now().getTime() + timeLimitMs
    let failure = circuitBreaker.blockedBy(circuit) ?? (retryQueue.hasRoom(project.id) ? undefined : tooMany)
    for (const pending of addresses) {
      if (!failure && now().getTime() >= deadlineMs) failure = tooMany
      if (!failure) {
        const result = await attempt(applier, target, pending)
        if (typeof result === 'string' || 'error' in result) {
          if (typeof result === 'string') circuitBreaker.succeeded(circuit)
          outcomes.set(pending.address, result)
          continue
        }
        failure = result
        circuitBreaker.failed(circuit, failure)
      }
      remaining.push(pending)
    }
    if (!failure) return outcomes
    return new Map([...outcomes, ...(await defer(deps, project, remaining, failure))])
  }

  return async (
    project: Project,
    addresses: readonly PendingAddress[],
  ): Promise<ReadonlyMap<string, AddressOutcome>> => {
    const target = await findTarget(deps, project)
    if (typeof target === 'string') return new Map(addresses.map(({ address }) => [address, target]))
    return 'kind' in target ? defer(deps, project, addresses, target) : applyAll(target, addresses)
  }
}

/** The project's account list, the failure that makes it unusable, or the outcome if the project has none. */
async function findTarget(
  { connections, listOf }: Pick<ApplyDependencies, 'connections' | 'listOf'>,
  project: Project,
): Promise<Target | AccountFailure | string> {
  try {
    const connection = requireUsable(project.id, await connections.find(project.id))
    if (!connection.features.includes('suppression')) return 'skipped: the connection leaves suppression out'
    return { project, connection, list: listOf({ ...connection, tenant: project.tenant }) }
  } catch (error) {
    // A project that connects later starts with a reconcile.
    if (error instanceof NotConnectedError) return 'skipped: not connected'
    const failure = accountFailureOf(error)
    if (failure) return failure
    throw error
  }
}

async function attempt(
  applier: VerdictApplier,
  target: Target,
  { address, items }: PendingAddress,
): Promise<ApplyOutcome | AccountFailure | { readonly error: unknown }> {
  try {
    const outcome = await applier.apply(target, address, items)
    return outcome === 'in the sandbox' ? { kind: 'permanent', why: 'account: in the sandbox' } : outcome
  } catch (error) {
    return accountFailureOf(error) ?? { error }
  }
}

async function defer(
  { retryQueue, outOfSync, now }: Pick<ApplyDependencies, 'retryQueue' | 'outOfSync' | 'now'>,
  project: Project,
  addresses: readonly PendingAddress[],
  { kind, why }: AccountFailure,
): Promise<Outcomes> {
  const messages = addresses.map(({ address, tasks }): RetryMessage => {
    const attempt = Math.min(...tasks.map((task) => task.attempt ?? 0)) + 1
    return { project: project.id, address, attempt }
  })
  const isRetried = kind === 'transient' && retryQueue.hasRoom(project.id)
  const retried = isRetried ? messages.filter(({ attempt }) => attempt <= maxAttempts) : []
  if (retried.length > 0) await retryQueue.enqueue(retried)
  if (retried.length < messages.length) await outOfSync.mark(project.id, now())
  const retriedAddresses = new Set(retried.map(({ address }) => address))
  return new Map(
    addresses.map(({ address }) => [
      address,
      `${retriedAddresses.has(address) ? 'parked' : 'left to the reconcile'}: ${why}`,
    ]),
  )
}
