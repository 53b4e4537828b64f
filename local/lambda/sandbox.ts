/**
 * One execution environment of a function: the handler, made once, with a session of the function's own role and clients that speak to
 * the embedded AWS in process.
 *
 * It handles one event at a time. It dies of a timeout or of an ordered crash; from then on nothing that its handler still tries reaches
 * AWS. A call that was under way when it died is done, as on AWS, and its answer is lost.
 */
import type { Context } from 'aws-lambda'
import { withDenialsLogged } from '../../src/lambda/failure.ts'
import type { LambdaHandler } from '../../src/lambda/runtime.ts'
import type { ClientConfig, Platform } from '../service.ts'
import { type HandlerFactory, type InvocationResult, invocationFailureOf, type LambdaFunction } from './function.ts'
import { openLog } from './function-log.ts'
import type { Logs } from '../logs/logs.ts'

export type Sandbox = {
  /** Handles one event. Never rejects: a failure is what it answers. */
  run(event: unknown, requestId: string): Promise<InvocationResult>
  readonly dead: boolean
  /** When its session ends; a sandbox is not used in the last minutes before. */
  readonly expiresAt: Date | undefined
}

type State = {
  dead: boolean
  calls: number
  fuse: number | undefined
  underWay: Set<Promise<unknown>>
  die: () => void
}

const never = (): Promise<never> => new Promise(() => {})

/** Starts a sandbox cold. Rejects with what keeps the handler from being made. */
export async function startSandbox(fn: LambdaFunction, platform: Platform, logs: Logs): Promise<Sandbox> {
  const { definition, options } = fn
  const credentials = await platform.assumeAsService(
    'lambda.amazonaws.com',
    definition.roleArn,
    definition.name.slice(0, 64),
  )
  const state: State = { dead: false, calls: 0, fuse: undefined, underWay: new Set(), die: () => {} }
  const config = platform.clientConfig(credentials)
  const log = await openLog(fn, platform, logs)
  const make = withDenialsLogged(options.make ?? (await factoryIn(definition.handler)))
  const handler = make({
    env: {
      ...definition.environment,
      AWS_REGION: platform.region,
      AWS_LAMBDA_FUNCTION_NAME: definition.name,
      AWS_LAMBDA_LOG_GROUP_NAME: definition.logGroup,
    },
    client: { ...config, requestHandler: mortal(config.requestHandler, state) },
    log: (line) => {
      if (!state.dead) log.write(line)
    },
    now: () => platform.clock.now(),
  })
  return {
    expiresAt: credentials.expiration,
    get dead() {
      return state.dead
    },
    async run(event, requestId) {
      state.calls = 0
      state.fuse = fn.crashes.shift()?.afterCalls
      const finished = await raceWithDeath(handler, event, contextOf(fn, requestId), state)
      await Promise.allSettled(state.underWay)
      await log.flush()
      return finished
    },
  }
}

/** A request handler that counts calls, and goes silent when the sandbox is dead. */
function mortal(inner: ClientConfig['requestHandler'], state: State): ClientConfig['requestHandler'] {
  return {
    ...inner,
    async handle(request) {
      const burnt = (): boolean => state.fuse !== undefined && state.calls >= state.fuse
      if (!state.dead && burnt()) state.die()
      if (state.dead) return never()
      state.calls++
      const call = inner.handle(request)
      state.underWay.add(call)
      try {
        const answer = await call
        if (!state.dead && burnt()) state.die()
        return state.dead ? never() : answer
      } finally {
        state.underWay.delete(call)
      }
    },
  }
}

async function raceWithDeath(
  handler: LambdaHandler<unknown>,
  event: unknown,
  context: Context & { limitMs: number },
  state: State,
): Promise<InvocationResult> {
  const { awsRequestId, limitMs } = context
  let timer: NodeJS.Timeout | undefined
  const death = new Promise<InvocationResult>((resolve) => {
    const fail = (errorType: string, what: string): void => {
      state.dead = true
      resolve({ failure: { errorType, errorMessage: `RequestId: ${awsRequestId} Error: ${what}` } })
    }
    state.die = () => fail('Runtime.ExitError', 'Runtime exited without providing a reason')
    timer = setTimeout(
      () => fail('Sandbox.Timedout', `Task timed out after ${(limitMs / 1000).toFixed(2)} seconds`),
      limitMs,
    )
  })
  const life = async (): Promise<InvocationResult> => {
    try {
      return { payload: (await handler(event, context)) ?? null }
    } catch (cause) {
      return { failure: invocationFailureOf(cause) }
    }
  }
  try {
    return await Promise.race([life(), death])
  } finally {
    clearTimeout(timer)
  }
}

function contextOf({ definition }: LambdaFunction, awsRequestId: string): Context & { limitMs: number } {
  const limitMs = definition.timeoutSeconds * 1000
  const started = Date.now()
  const outdated = (): never => {
    throw new Error('A handler answers by its promise')
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
    done: outdated,
    fail: outdated,
    succeed: outdated,
  }
}

/** `src/handlers/record-bounce.handler` → the export `recordBounce` of src/handlers/record-bounce.ts. */
async function factoryIn(handler: string): Promise<HandlerFactory> {
  const file = handler.replace(/\.[^./]+$/, '.ts')
  const name = file.replace(/^.*\/|\.ts$/g, '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  const exports: Record<string, unknown> = await import(new URL(`../../${file}`, import.meta.url).href)
  const factory = exports[name]
  if (isFactory(factory)) return factory
  throw new Error(`${file} exports no factory ${name}`)
}

const isFactory = (value: unknown): value is HandlerFactory => typeof value === 'function'
