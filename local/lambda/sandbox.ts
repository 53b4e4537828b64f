/**
 * Starts execution environments. In each one the handler is created once, with a session of the function's own role and SDK clients that
 * call the embedded AWS in process.
 *
 * A sandbox handles one event at a time. It stops at a timeout or at a requested crash. After that no further call of its handler reaches
 * AWS. A call that was in progress completes, as on AWS, and its answer is lost.
 */
import type { Context } from 'aws-lambda'
import { withDenialsLogged } from '../../src/lambda/failure.ts'
import type { LambdaHandler } from '../../src/lambda/runtime.ts'
import type { Logs } from '../logs/logs.ts'
import type { ClientConfig, Platform } from '../service.ts'
import {
  type HandlerFactory,
  type InvocationResult,
  invocationFailureOf,
  type LambdaFunction,
  type Sandbox,
} from './function.ts'
import { openLog } from './function-log.ts'

type State = {
  dead: boolean
  calls: number
  /** Stop after this number of calls. */
  crashAfter: number | undefined
  pendingCalls: Set<Promise<unknown>>
  stop: () => void
}

const never = (): Promise<never> => new Promise(() => {})

/** Starts a sandbox (cold start). Rejects with the error that prevents the handler from being created. */
export async function startSandbox(fn: LambdaFunction, platform: Platform, logs: Logs): Promise<Sandbox> {
  const { definition, options } = fn
  const credentials = await platform.assumeAsService(
    'lambda.amazonaws.com',
    definition.roleArn,
    definition.name.slice(0, 64),
  )
  const state: State = { dead: false, calls: 0, crashAfter: undefined, pendingCalls: new Set(), stop: () => {} }
  const config = platform.clientConfig(credentials)
  const log = await openLog(fn, platform, logs)
  const make = withDenialsLogged(options.make ?? (await importFactory(definition.handler)))
  const handler = make({
    env: {
      ...definition.environment,
      AWS_REGION: platform.region,
      AWS_LAMBDA_FUNCTION_NAME: definition.name,
      AWS_LAMBDA_LOG_GROUP_NAME: definition.logGroup,
    },
    client: { ...config, requestHandler: stoppable(config.requestHandler, state) },
    log: (line) => {
      if (!state.dead) log.write(line)
    },
    now: () => platform.clock.now(),
    sleep: (milliseconds) => platform.clock.sleep(milliseconds),
  })
  return {
    expiresAt: credentials.expiration,
    get dead() {
      return state.dead
    },
    async run(event, requestId) {
      state.calls = 0
      state.crashAfter = fn.crashes.shift()?.afterCalls ?? fn.options.crashAfter?.()
      const finished = await runUntilStopped(handler, event, contextOf(fn, requestId), state)
      await Promise.allSettled(state.pendingCalls)
      await log.flush()
      return finished
    },
  }
}

/** A request handler that counts calls and never answers once the sandbox is stopped. */
function stoppable(inner: ClientConfig['requestHandler'], state: State): ClientConfig['requestHandler'] {
  return {
    ...inner,
    async handle(request) {
      const crashes = (): boolean => state.crashAfter !== undefined && state.calls >= state.crashAfter
      if (!state.dead && crashes()) state.stop()
      if (state.dead) return never()
      state.calls++
      const call = inner.handle(request)
      state.pendingCalls.add(call)
      try {
        const answer = await call
        if (!state.dead && crashes()) state.stop()
        return state.dead ? never() : answer
      } finally {
        state.pendingCalls.delete(call)
      }
    },
  }
}

async function runUntilStopped(
  handler: LambdaHandler<unknown>,
  event: unknown,
  context: Context & { limitMs: number },
  state: State,
): Promise<InvocationResult> {
  const { awsRequestId, limitMs } = context
  let timer: NodeJS.Timeout | undefined
  const stopped = new Promise<InvocationResult>((resolve) => {
    const fail = (errorType: string, message: string): void => {
      state.dead = true
      resolve({ failure: { errorType, errorMessage: `RequestId: ${awsRequestId} Error: ${message}` } })
    }
    state.stop = () => fail('Runtime.ExitError', 'Runtime exited without providing a reason')
    timer = setTimeout(
      () => fail('Sandbox.Timedout', `Task timed out after ${(limitMs / 1000).toFixed(2)} seconds`),
      limitMs,
    )
  })
  const handled = async (): Promise<InvocationResult> => {
    try {
      return { payload: (await handler(event, context)) ?? null }
    } catch (cause) {
      return { failure: invocationFailureOf(cause) }
    }
  }
  try {
    return await Promise.race([handled(), stopped])
  } finally {
    clearTimeout(timer)
  }
}

function contextOf({ definition }: LambdaFunction, awsRequestId: string): Context & { limitMs: number } {
  const limitMs = definition.timeoutSeconds * 1000
  const started = Date.now()
  const unsupported = (): never => {
    throw new Error('context.done, fail and succeed are not supported: a handler returns a promise')
  }
  return {
    limitMs,
    awsRequestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: definition.name,
    functionVersion: '$LATEST',
    invokedFunctionArn: definition.arn,
    memoryLimitInMB: '256',
    logGroupName: definition.logGroup,
    logStreamName: awsRequestId,
    getRemainingTimeInMillis: () => Math.max(0, limitMs - (Date.now() - started)),
    done: unsupported,
    fail: unsupported,
    succeed: unsupported,
  }
}

/** `src/handlers/record-bounce.handler` → the export `recordBounce` of src/handlers/record-bounce.ts. */
async function importFactory(handler: string): Promise<HandlerFactory> {
  const file = handler.replace(/\.[^./]+$/, '.ts')
  const name = file.replace(/^.*\/|\.ts$/g, '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  const exports: Record<string, unknown> = await import(new URL(`../../${file}`, import.meta.url).href)
  const factory = exports[name]
  if (isFactory(factory)) return factory
  throw new Error(`${file} does not export a handler factory ${name}`)
}

const isFactory = (value: unknown): value is HandlerFactory => typeof value === 'function'
