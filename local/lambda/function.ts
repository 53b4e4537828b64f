/** A function as the runner holds it: its definition, its handler, its policy, its sandboxes, what it did. */
import type { LambdaHandler, Runtime } from '../../src/lambda/runtime.ts'
import type { FunctionDefinition } from '../service.ts'
import type { Sandbox } from './sandbox.ts'

/** What makes a handler: the factory that a handler file exports under its own name. */
export type HandlerFactory = (surroundings: Runtime) => LambdaHandler<unknown>

export type FunctionOptions = {
  /** The handler itself, for a test; by default the factory in the definition's handler file. */
  make?: HandlerFactory
  /** A queue for DeadLetterConfig, the older sibling of the on-failure destination. */
  deadLetterArn?: string
  /** How many sandboxes may run at once. One by default: then a function starts cold once, and its invocations come one after another. */
  concurrency?: number
}

/** A statement of a function's policy, as AWS::Lambda::Permission has it. */
export type InvokePermission = { sid: string; principal: string; sourceArn?: string; sourceAccount?: string }

/** A sandbox that dies after so many AWS calls of one invocation. */
export type SandboxCrash = { afterCalls: number }

/** What an invocation came to. A failure is shaped like the payload that Lambda answers. */
export type InvocationFailure = { errorType: string; errorMessage: string; trace?: readonly string[] }
export type InvocationResult = { payload: unknown; failure?: undefined } | { failure: InvocationFailure }

/** One attempt to handle one event. */
export type Attempt = {
  functionName: string
  requestId: string
  number: number
  event: unknown
  coldStart: boolean
  finished: InvocationResult
}

export type LambdaFunction = {
  readonly definition: FunctionDefinition
  readonly options: FunctionOptions
  readonly permissions: InvokePermission[]
  readonly crashes: SandboxCrash[]
  readonly idle: Sandbox[]
  readonly waiting: (() => void)[]
  running: number
  coldStarts: number
  /** Lines that could not be written for want of a permission, and the refusal. */
  readonly lostLines: { line: string; refusal: string }[]
}

/** What a thrown value looks like in an answer of Lambda's Node runtime. */
export function invocationFailureOf(cause: unknown): InvocationFailure {
  if (!(cause instanceof Error)) return { errorType: typeof cause, errorMessage: String(cause), trace: [] }
  return { errorType: cause.name, errorMessage: cause.message, trace: (cause.stack ?? '').split('\n') }
}
