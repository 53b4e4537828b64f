/**
 * Asks the function manage-connection for a change: who may invoke it may ask, and it decides.
 */
import { userInfo } from 'node:os'
import { InvokeCommand } from '@aws-sdk/client-lambda'
import type { Command } from 'commander'
import * as v from 'valibot'
import type { StackAccess } from './stack.ts'

/** What the function refused, in its own words. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly error: string
  readonly retryable: boolean

  constructor({ error, message, retryable }: { error: string; message: string; retryable: boolean }) {
    super(message)
    this.error = error
    this.retryable = retryable
  }
}

/** The function itself failed, before it could answer. */
class FunctionFailedError extends Error {
  override readonly name = 'FunctionFailedError'
  readonly retryable = false

  constructor(why: string) {
    super(`manage-connection failed: ${why}. Its log says more`)
  }
}

export type Asked = { readonly do: string; readonly by: string; readonly [field: string]: unknown }

/** Every change is kept with who asked for it. */
export const withBy = (command: Command): Command => command.option('--by <name>', 'who asks', userInfo().username)

/**
 * The answer to a request, read by a schema.
 * @throws RefusedError | FunctionFailedError
 */
export async function manage<Schema extends v.GenericSchema>(
  { lambda, functionName }: StackAccess,
  request: Asked,
  answer: Schema,
): Promise<v.InferOutput<Schema>> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: functionName('manage-connection'), Payload: JSON.stringify(request) }),
  )
  const given: unknown = JSON.parse(Payload?.transformToString() || 'null')
  if (FunctionError) throw new FunctionFailedError(v.is(Failure, given) ? given.errorMessage : FunctionError)
  const { done, refused } = v.parse(Answer, given)
  if (refused) throw new RefusedError(refused)
  return v.parse(answer, done)
}

const Failure = v.object({ errorMessage: v.string() })
const Answer = v.object({
  done: v.optional(v.unknown()),
  refused: v.optional(v.object({ error: v.string(), message: v.string(), retryable: v.boolean() })),
})
