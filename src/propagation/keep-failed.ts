/**
 * Keeps the records of the stream that failed in the retry queue, so that they neither hold up their shard nor are lost after its retries.
 *
 * docs/design/propagation.md#what-happens-to-a-record-that-fails
 */

import type { PropagationTask } from './read-tasks.ts'
import type { RetryQueue } from './retry-queue.ts'

type Result = { readonly task: Pick<PropagationTask, 'id' | 'record'> } & ({ readonly error: unknown } | object)

/** `kept` says where the record of a failed task is now. Without it, Lambda must deliver the record again. */
type Kept<R> = R & { readonly kept?: 'in the retry queue' }

/**
 * Idempotent in effect: a record that is kept twice is processed twice.
 *
 * @returns the results, those of kept records with `kept`. If the queue accepts none, the stream delivers the records again: nothing is kept then
 */
export const createFailureKeeper =
  (retryQueue: Pick<RetryQueue, 'keep'>) =>
  async <R extends Result>(results: readonly R[]): Promise<Kept<R>[]> => {
    const failed = results.flatMap((result) =>
      'error' in result && result.task.record ? [{ id: result.task.id, record: result.task.record }] : [],
    )
    const records = new Map(failed.map(({ id, record }) => [id, record]))
    if (records.size === 0) return [...results]
    try {
      await retryQueue.keep([...records.values()])
    } catch (cause) {
      const why = cause instanceof Error ? cause.name : 'an unknown error'
      return results.map((result) => (records.has(result.task.id) ? { ...result, notKept: why } : result))
    }
    return results.map((result) =>
      'error' in result && records.has(result.task.id) ? { ...result, kept: 'in the retry queue' } : result,
    )
  }
