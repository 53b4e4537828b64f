/** Answers to operators' requests: shared by manage-connection and reconcile-suppressions. */
import * as v from 'valibot'
import { readDeployment } from '../arn.ts'
import type { LambdaHandler, Runtime } from '../lambda/runtime.ts'
import { type Answer, dispatch, type Operation } from '../operations/operation.ts'

const Request = v.object({ do: v.string() })

/** Whether an event is an operator's request. The event of a schedule is not. */
export const isRequest = (event: unknown): boolean => v.is(Request, event)

/** A handler that runs the operation that a request names, and logs one line about it. A refusal is an answer, not a failure. */
export function createAnswering(
  { log, now }: Runtime,
  operations: Readonly<Record<string, Operation>>,
): LambdaHandler<Answer> {
  return async (request, context) =>
    dispatch(
      operations,
      request,
      { at: now(), request: context.awsRequestId, deployment: readDeployment(context) },
      (line) => log(JSON.stringify(line)),
    )
}
