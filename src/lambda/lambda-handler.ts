/**
 * The handler that Lambda calls, made from a function of the runtime. It is made once per cold start, in the initialisation phase if there is one.
 */
import { withDenialsLogged } from './failure.ts'
import type { LambdaHandler, Runtime } from './runtime.ts'

/** A client retries after these, well within the timeout of every function. */
const connectionTimeoutMs = 1_000
const requestTimeoutMs = 5_000

/**
 * @param create wires the function: makes its clients and returns its handler
 * @param options another timeout of one request to AWS
 */
export function createLambdaHandler<Result>(
  create: (runtime: Runtime) => LambdaHandler<Result>,
  options: { readonly requestTimeoutMs?: number } = {},
): LambdaHandler<Result> {
  let created: LambdaHandler<Result> | undefined
  const handler = () => {
    created ??= withDenialsLogged(create)({
      env: process.env,
      client: {
        requestHandler: {
          connectionTimeout: connectionTimeoutMs,
          requestTimeout: options.requestTimeoutMs ?? requestTimeoutMs,
          // Without it, a client would only write a warning when the time is over, and wait on.
          throwOnRequestTimeout: true,
        },
      },
      log: (line) => process.stdout.write(`${line}\n`),
      now: () => new Date(),
    })
    return created
  }
  if (process.env.AWS_LAMBDA_FUNCTION_NAME) handler()
  return (event, context) => handler()(event, context)
}
