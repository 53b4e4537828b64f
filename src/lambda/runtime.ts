/**
 * What a function finds around itself. On Lambda it is the process; the embedded AWS hands in its own.
 */
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import type { Context } from 'aws-lambda'
import { withDenialsLogged } from './failure.ts'

export type Runtime = {
  /** The function's environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** What its AWS clients are made with. */
  readonly client: Pick<DynamoDBClientConfig, 'region' | 'credentials' | 'endpoint' | 'requestHandler'>
  readonly log: (line: string) => void
  readonly now: () => Date
}

/** A setting that serverless.yml gives the function. */
export function readSetting({ env }: Runtime, name: string): string {
  const value = env[name]
  if (!value) throw new Error(`The environment variable ${name} is not set: see the function's block in serverless.yml`)
  return value
}

/** A Lambda function: what it makes of an event. */
export type LambdaHandler<Result> = (event: unknown, context: Context) => Promise<Result>

/**
 * The handler that Lambda calls: made once per cold start, in the initialisation phase where there is one.
 * Clients give up on a connection in 1 s and on an answer in 5 s, and try again, well within the function's timeout.
 */
export function createLambdaHandler<Result>(
  make: (surroundings: Runtime) => LambdaHandler<Result>,
): LambdaHandler<Result> {
  let made: LambdaHandler<Result> | undefined
  const handler = () => {
    made ??= withDenialsLogged(make)({
      env: process.env,
      client: { requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000 } },
      log: (line) => process.stdout.write(`${line}\n`),
      now: () => new Date(),
    })
    return made
  }
  if (process.env.AWS_LAMBDA_FUNCTION_NAME) handler()
  return (event, context) => handler()(event, context)
}
