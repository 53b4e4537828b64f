/**
 * Invokes a function of the stack, waits for its answer and parses it.
 *
 * The user of the command needs permission to invoke the function only; the function works under its own role.
 */
import { InvokeCommand } from '@aws-sdk/client-lambda'
import * as v from 'valibot'
import { OperationAnswer, type RefusalAnswer } from '../operations/answers.ts'
import type { FunctionKey, StackAccess } from './stack.ts'

/** The function refused the request. `error` is the name of the function's error; the message is the function's own. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly error: string
  readonly retryable: boolean

  constructor({ error, message, retryable }: v.InferOutput<typeof RefusalAnswer>) {
    super(message)
    this.error = error
    this.retryable = retryable
  }
}

/** The function threw an error, so it gave no answer. `why` is the message of that error. */
export class FunctionFailedError extends Error {
  override readonly name = 'FunctionFailedError'
  readonly retryable = false
  readonly functionName: string
  readonly why: string

  constructor(functionName: string, why: string) {
    super(`${functionName} failed: ${why.replace(/\.$/, '')}. See its log`)
    this.functionName = functionName
    this.why = why
  }
}

/** A request for an operation: `do` names the operation, `by` the person; the other fields belong to the operation. */
export type OperationRequest = { readonly do: string; readonly by: string; readonly [field: string]: unknown }

/**
 * Invokes a function with a payload and returns its answer, parsed by a schema.
 * @throws FunctionFailedError | ValiError
 */
export async function invoke<Schema extends v.GenericSchema>(
  { lambda, functionName }: StackAccess,
  functionKey: FunctionKey,
  payload: object,
  answer: Schema,
): Promise<v.InferOutput<Schema>> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: functionName(functionKey), Payload: JSON.stringify(payload) }),
  )
  const received: unknown = JSON.parse(Payload?.transformToString() || 'null')
  if (FunctionError)
    throw new FunctionFailedError(functionKey, v.is(FailureAnswer, received) ? received.errorMessage : FunctionError)
  return v.parse(answer, received)
}

/**
 * Invokes a function that takes operations and returns the answer of the operation, parsed by a schema.
 * @throws RefusedError | FunctionFailedError | ValiError
 */
export async function requestOperation<Schema extends v.GenericSchema>(
  stack: StackAccess,
  functionKey: FunctionKey,
  request: OperationRequest,
  answer: Schema,
): Promise<v.InferOutput<Schema>> {
  const { done, refused } = await invoke(stack, functionKey, request, OperationAnswer)
  if (refused) throw new RefusedError(refused)
  return v.parse(answer, done)
}

/**
 * Requests an operation of the function manage-connection.
 * @throws RefusedError | FunctionFailedError | ValiError
 */
export const manage = <Schema extends v.GenericSchema>(
  stack: StackAccess,
  request: OperationRequest,
  answer: Schema,
): Promise<v.InferOutput<Schema>> => requestOperation(stack, 'manage-connection', request, answer)

/** The payload that Lambda returns in place of an answer when the function threw an error. */
const FailureAnswer = v.object({ errorMessage: v.string() })
