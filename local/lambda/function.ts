/** The state of a function: its definition, handler, policy, sandboxes and attempts. */
import type { LambdaHandler, Runtime } from '../../src/lambda/runtime.ts'
import type { FunctionDefinition } from '../service.ts'

/** Creates a handler. Each handler file exports its factory under its own name. */
export type HandlerFactory = (runtime: Runtime) => LambdaHandler<unknown>

export type FunctionOptions = {
  /** The factory of a test. Default: the factory in the definition's handler file. */
  make?: HandlerFactory
  /** The queue of DeadLetterConfig, the older form of an on-failure destination. */
  deadLetterArn?: string
  /** Maximum number of concurrent sandboxes. Default 1: one cold start, and invocations run one after another. */
  concurrency?: number
  /** Asked before each invocation: after how many AWS calls its sandbox is killed, if at all. */
  crashAfter?: () => number | undefined
}

/** A statement of a function's policy, with the properties of AWS::Lambda::Permission. */
export type InvokePermission = { sid: string; principal: string; sourceArn?: string; sourceAccount?: string }

/** Stops a sandbox after this number of AWS calls in one invocation. */
export type SandboxCrash = { afterCalls: number }

/** A failed invocation, in the shape of the payload that Lambda returns. */
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

/** One execution environment of a function. */
export type Sandbox = {
  /** Handles one event. Never rejects: a failure is a result. */
  run(event: unknown, requestId: string): Promise<InvocationResult>
  readonly dead: boolean
  /** When its session expires. A sandbox is not reused in the last minutes before. */
  readonly expiresAt: Date | undefined
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
  /** Lines that the role was not permitted to write, with the refusal. */
  readonly lostLines: { line: string; refusal: string }[]
}

/** A thrown value in the shape that Lambda's Node runtime returns. */
export function invocationFailureOf(cause: unknown): InvocationFailure {
  if (!(cause instanceof Error)) return { errorType: typeof cause, errorMessage: String(cause), trace: [] }
  return { errorType: cause.name, errorMessage: cause.message, trace: (cause.stack ?? '').split('\n') }
}
