/**
 * What a function gets from its environment: on Lambda from the process, on the embedded AWS from the emulator.
 */
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import type { Context } from 'aws-lambda'

export type Runtime = {
  /** Environment variables of the function. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Configuration for every AWS client that the function makes. */
  readonly client: Pick<DynamoDBClientConfig, 'region' | 'credentials' | 'endpoint' | 'requestHandler'>
  readonly log: (line: string) => void
  readonly now: () => Date
  /** Waits between retries. Absent on Lambda, where the time is the machine's. */
  readonly sleep?: (milliseconds: number) => Promise<void>
}

/** A Lambda function: event and context → answer. */
export type LambdaHandler<Result> = (event: unknown, context: Context) => Promise<Result>

/**
 * The value of an environment variable that serverless.yml sets for the function.
 * @throws Error if the variable is missing or empty
 */
export function readSetting({ env }: Runtime, name: string): string {
  const value = env[name]
  if (!value) throw new Error(`The environment variable ${name} is not set: see the function's block in serverless.yml`)
  return value
}

/** The endpoint for requests that are signed by hand instead of sent by an AWS client; `undefined` for AWS's own. */
export const endpointOf = ({ client, env }: Runtime): string | undefined =>
  typeof client.endpoint === 'string' ? client.endpoint : env.AWS_ENDPOINT_URL
