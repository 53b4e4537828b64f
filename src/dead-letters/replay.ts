/**
 * Sends the records of a dead letter through its function once more. Recording and propagating are idempotent, so a record that was applied
 * before changes nothing. A failed run of a schedule is not repeated: a later run has done its work, or has a dead letter of its own.
 */
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda'
import * as v from 'valibot'
import { concurrently } from '../concurrently.ts'
import { MalformedEventError } from '../intake/malformed-event-error.ts'
import { contentOf, type Message } from './letter.ts'
import { functionFor, isScheduledRun } from './queues.ts'

export type ReplayOutcome = { readonly outcome: 'applied' | 'ignored' | 'failed'; readonly why: string }

/** The function threw an error. The message is the error's own. */
class ReplayFailedError extends Error {
  override readonly name = 'ReplayFailedError'
  readonly retryable = false
}

const Outcomes = v.object({ outcomes: v.array(v.object({ outcome: v.string() })) })
const BatchAnswer = v.object({ batchItemFailures: v.array(v.unknown()) })
const Failure = v.object({ errorMessage: v.string() })
/** Records of one letter that are applied at once. */
const atOnce = 4

/** @returns message → the outcome of each of its records. Never rejects */
export const createReplay =
  (lambda: LambdaClient, stage: string) =>
  async (message: Message): Promise<ReplayOutcome[]> => {
    const results: ReplayOutcome[] = []
    await concurrently(contentOf(message).records.entries(), atOnce, async ([i, record]) => {
      results[i] = await replayRecord(lambda, stage, message, record)
    })
    return results
  }

async function replayRecord(
  lambda: LambdaClient,
  stage: string,
  { id, queue }: Message,
  record: unknown,
): Promise<ReplayOutcome> {
  if (isScheduledRun(queue)) return { outcome: 'ignored', why: 'The next scheduled run does the same work' }
  try {
    const name = `sesame-${stage}-${functionFor(queue, record)}`
    if (queue === 'propagate-suppression') {
      const message = { eventSource: 'aws:sqs', messageId: id, body: record }
      const { batchItemFailures } = v.parse(BatchAnswer, await invoke(lambda, name, { Records: [message] }))
      return batchItemFailures.length === 0 ? { outcome: 'applied', why: '' } : failedAgain
    }
    const payload = queue === 'audit-role-use' ? record : { Records: [record] }
    const answer = await invoke(lambda, name, payload)
    if (queue === 'audit-role-use') return { outcome: 'applied', why: '' }
    const { outcomes } = v.parse(Outcomes, answer)
    const outcome = outcomes[0]?.outcome ?? 'the function returned no outcome'
    if (outcome === 'recorded' || outcome === 'delivered') return { outcome: 'applied', why: '' }
    const [, why] = /^(?:ignored|acknowledged): (.*)$/s.exec(outcome) ?? []
    // An outcome that is neither must not delete the letter.
    return why === undefined ? { outcome: 'failed', why: outcome } : { outcome: 'ignored', why }
  } catch (error) {
    return { outcome: 'failed', why: whyOf(error) }
  }
}

const failedAgain: ReplayOutcome = {
  outcome: 'failed',
  why: 'It failed again: see the log of propagate-suppression',
}

async function invoke(lambda: LambdaClient, name: string, payload: unknown): Promise<unknown> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(payload) }),
  )
  const received: unknown = JSON.parse(Payload?.transformToString() || 'null')
  if (FunctionError) throw new ReplayFailedError(v.is(Failure, received) ? received.errorMessage : FunctionError)
  return received
}

/** AWS's own messages name the session, so of these only the name of the error is passed on. */
const whyOf = (error: unknown): string => {
  if (error instanceof ReplayFailedError || error instanceof MalformedEventError) return error.message
  return `The function could not be invoked: ${error instanceof Error ? error.name : 'an unknown error'}`
}
