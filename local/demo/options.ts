/** The options of `npm start`. */
import { parseArgs } from 'node:util'

export type StartOptions = {
  readonly once: boolean
  readonly verbose: boolean
  readonly help: boolean
  readonly port: number
  /** The origin of the one receiver of webhooks that may be on this machine. */
  readonly webhookReceiver?: string
  /** The folder that keeps the state between runs. */
  readonly data?: string
}

export const help = `Usage: npm start -- [options]

Starts an embedded AWS from serverless.yml and the files of iam/, runs the main flow on it, then serves it to the AWS CLI,
to the sesame command and to any SDK.

Options:
  --port PORT   serve at this port of 127.0.0.1 (default: PORT from the environment, else 4566; 0 for any free port)
  --webhook-receiver ORIGIN
                also deliver webhooks to this receiver on your machine, such as http://127.0.0.1:9000
  --data DIR    keep the state in DIR: the next start with DIR goes on where this one ended, without the main flow
  --once        exit after the main flow: with 0 if all checks passed, else with 1
  --verbose     print every event, list entry and call
  --help        print this help

Examples:
  npm start
  npm start -- --port 4567
  npm start -- --data .sesame-data
  npm start -- --once --verbose`

/** An option that does not exist, or a value that it cannot have. */
export class StartOptionError extends Error {
  override readonly name = 'StartOptionError'
  readonly retryable = false

  constructor(problem: string, options?: ErrorOptions) {
    super(`${problem} npm start -- --help lists the options.`, options)
  }
}

/** @throws StartOptionError */
export function readStartOptions(
  args: readonly string[],
  environment: { readonly PORT?: string | undefined },
): StartOptions {
  const { port, data, 'webhook-receiver': receiver, ...flags } = valuesOf(args)
  const webhookReceiver = receiver === undefined ? undefined : originOf(receiver)
  if (data === '') throw new StartOptionError('--data must name a folder.')
  return {
    ...flags,
    port: portOf(port ?? environment.PORT ?? '4566'),
    ...(webhookReceiver && { webhookReceiver }),
    ...(data !== undefined && { data }),
  }
}

function valuesOf(args: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: flag,
        verbose: flag,
        help: flag,
        port: { type: 'string' },
        data: { type: 'string' },
        'webhook-receiver': { type: 'string' },
      },
    }).values
  } catch (cause) {
    const [problem = ''] = cause instanceof Error ? cause.message.split(/\. |\n/) : []
    throw new StartOptionError(`${problem.replace(/\.$/, '')}.`, { cause })
  }
}

function originOf(text: string): string {
  const url = URL.parse(text)
  if (url && (url.protocol === 'http:' || url.protocol === 'https:') && url.href === `${url.origin}/`) return url.origin
  throw new StartOptionError(
    `--webhook-receiver must be an origin like http://127.0.0.1:9000, not ${JSON.stringify(text)}.`,
  )
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new StartOptionError(`--port must be a number from 0 to 65535, not ${JSON.stringify(text)}.`)
}
