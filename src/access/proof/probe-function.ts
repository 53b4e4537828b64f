/**
 * Asks the function probe-connection, which knows no external id, to try a role as a stranger.
 *
 * Signed and sent by hand: the Lambda client would be an eighth of the bundle, for one call.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
import type { STSClient } from '@aws-sdk/client-sts'
import * as v from 'valibot'
import { partitionOf } from '../session/session-policy.ts'
import type { ProbeAttempt } from './probe.ts'
import type { Probe, ProbeResult } from './steps/strangers.ts'

const isAttempt = (value: unknown): value is ProbeAttempt => typeof value === 'string' && attempt.test(value)
const attempt = /^(refused|let in|unclear: .*)$/s
const Attempted = v.custom<ProbeAttempt>(isAttempt)
const Answer = v.object({ withoutId: Attempted, randomId: Attempted })

export type ProbeFunction = {
  /** As serverless.yml has it. */
  readonly name: string
  /**
   * A client of our own role that is used for nothing else: its region, signature and connection serve, and it goes on signing for
   * the service that it signed for first.
   */
  readonly client: Pick<STSClient, 'config'>
  /** Set where AWS is not AWS's own. */
  readonly endpoint?: string | undefined
}

/** The function answered with an error, or not at all. */
class ProbeFailedError extends Error {
  override readonly name = 'ProbeFailedError'
  readonly retryable = true
  readonly status: number

  constructor(status: number) {
    super(`The function probe-connection answered ${status}`)
    this.status = status
  }
}

export function createProbe(probe: ProbeFunction): Probe {
  return async (project, roleArn): Promise<ProbeResult> => {
    try {
      return v.parse(Answer, JSON.parse(await invoke(probe, JSON.stringify({ project, roleArn }))))
    } catch (error) {
      const why = error instanceof ProbeFailedError ? error.message : error instanceof Error ? error.name : 'unknown'
      const unclear: ProbeAttempt = `unclear: our own function probe-connection could not be asked (${why})`
      return { withoutId: unclear, randomId: unclear }
    }
  }
}

async function invoke({ name, client, endpoint }: ProbeFunction, body: string): Promise<string> {
  const { config } = client
  const region = await config.region()
  const suffix = partitionOf(region) === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'
  const { protocol, hostname, port, host } = new URL(endpoint ?? `https://lambda.${region}.${suffix}`)
  const signer = await config.signer({ name: 'sigv4', signingName: 'lambda', signingRegion: region, properties: {} })
  const request = await signer.sign({
    method: 'POST',
    protocol,
    hostname,
    ...(port && { port: Number(port) }),
    path: `/2015-03-31/functions/${name}/invocations`,
    query: {},
    headers: { host, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) },
    body,
  })
  const { response } = await config.requestHandler.handle(request)
  const text = await textOf(response.body)
  if (response.statusCode !== 200 || response.headers['x-amz-function-error'])
    throw new ProbeFailedError(response.statusCode)
  return text
}

/** A stream on Lambda, bytes in the embedded AWS. */
async function textOf(body: AsyncIterable<Uint8Array> | Uint8Array): Promise<string> {
  if (body instanceof Uint8Array) return Buffer.from(body).toString()
  return Buffer.concat(await Array.fromAsync(body)).toString()
}
