/**
 * Does the tasks of a batch from a stream or a queue, logs the outcome of each, and reports those that failed and are kept nowhere else: Lambda
 * delivers a stream again from the first of them on, and a queue delivers exactly those again.
 */
import type { AddressLog } from './address-log.ts'
import { failureOf } from './failure.ts'

/**
 * The outcome or the error of one task. `id` identifies the task's record to Lambda. A task whose record cannot be read has neither project
 * nor address. `event` says what became of its event, if that is not published yet.
 */
type TaskResult = {
  readonly task: { readonly id: string; readonly project?: string; readonly address?: string }
  /** The event of SES to which the task goes back: the line that recorded it has the same id. */
  readonly feedbackId?: string
} & (
  | { readonly outcome: string; readonly event?: string }
  | {
      readonly error: unknown
      /** Where the record of a failed task waits now, if Lambda need not deliver it again. */
      readonly kept?: string
      /** The error of the attempt to keep it. */
      readonly notKept?: string
    }
)

/** The answer to Lambda. It must have no other field. */
export type BatchAnswer = { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] }

/** @param work does all tasks of an event and reports errors as results instead of throwing them */
export const eachTask =
  (work: (event: unknown) => Promise<readonly TaskResult[]>, log: AddressLog) =>
  async (event: unknown): Promise<BatchAnswer> => {
    const results = await work(event)
    for (const result of results) {
      const { project, address } = result.task
      const facts =
        'outcome' in result
          ? { outcome: result.outcome, event: result.event }
          : { ...failureOf(result.error), kept: result.kept, notKept: result.notKept }
      log({ ...facts, project, feedbackId: result.feedbackId, ...(address !== undefined && { address }) })
    }
    const failed = results.filter((result) => 'error' in result && result.kept === undefined)
    return { batchItemFailures: failed.map(({ task }) => ({ itemIdentifier: task.id })) }
  }
