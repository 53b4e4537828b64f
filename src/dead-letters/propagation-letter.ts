/**
 * A dead letter of propagate-suppression → what it says about itself. It is a message of the retry queue, or names records of the stream that
 * Lambda gave up. Pure.
 */
import * as v from 'valibot'

/** https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html */
const GivenUp = v.object({
  requestContext: v.object({ condition: v.string() }),
  DDBStreamBatchInfo: v.object({ batchSize: v.number() }),
})
const Change = v.object({
  record: v.object({ dynamodb: v.object({ Keys: v.object({ project: v.object({ S: v.string() }) }) }) }),
})
const Retry = v.object({ project: v.string(), event: v.optional(v.object({ type: v.string() })) })

export type PropagationLetter = { readonly what: string; readonly project?: string; readonly cause?: string }

export function readPropagationLetter(content: unknown): PropagationLetter {
  const givenUp = v.safeParse(GivenUp, content)
  if (givenUp.success) {
    const { requestContext, DDBStreamBatchInfo } = givenUp.output
    const count = DDBStreamBatchInfo.batchSize
    return {
      what: count === 1 ? 'change of the list' : `${count} changes of the list`,
      cause: `${requestContext.condition}: the log of propagate-suppression says why`,
    }
  }
  const change = v.safeParse(Change, content)
  if (change.success) return { what: 'change of the list', project: change.output.record.dynamodb.Keys.project.S }
  const retry = v.safeParse(Retry, content)
  if (!retry.success) return { what: 'no message of the retry queue' }
  const { project, event } = retry.output
  return { what: event?.type ?? 'verdict for the account list', project }
}
