/**
 * Invokes the function probe-connection, which tries to assume a role without knowing its external id.
 *
 * The call is signed and sent without the Lambda client, which would make up an eighth of the bundle for this one call.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
import type { STSClient } from '@aws-sdk/client-sts'
import * as v from 'valibot'
import { partitionOf } from '../session/session-policy.ts'
import type { Probe, ProbeAttempt, ProbeResult } from './probe.ts'

const attempts = /^(refused|let in|unclear: .*)$/s
const isAttempt = (value: unknown): value is ProbeAttempt => typeof value === 'string' && attempts.test(value)
const Attempt = v.custom<ProbeAttempt>(isAttempt)
const Answer = v.object({ withoutId: Attempt, randomId: Attempt })

export type ProbeFunction = {
  /** The function's name in AWS. */
  readonly name: string
  /**
   * A client of our own role, used for nothing else. Only its region, signer and HTTP handler are used, and its signer continues to sign
   * for the service that it signed for first.
   */
  readonly client: Pick<STSClient, 'config'>
  /** Replaces the public endpoint of AWS, as the embedded AWS does. */
  readonly endpoint?: string | undefined
}

/** The function answered with an error. */
class ProbeFailedError extends Error {
  override readonly name = 'ProbeFailedError'
  readonly retryable = true
  readonly status: number

  constructor(status: number) {
    super(`The function probe-connection failed with status ${status}. See its log`)
    this.status = status
  }
}

/** @returns a probe that never rejects: if the function cannot be invoked, both attempts are `unclear` */
export function createProbe(probe: ProbeFunction): Probe {
  return async (project, roleArn): Promise<ProbeResult> => {
    try {
      return v.parse(Answer, JSON.parse(await invoke(probe, JSON.stringify({ project, roleArn }))))
    } catch (error) {
      const why = error instanceof ProbeFailedError ? error.message : error instanceof Error ? error.name : 'unknown'
      const unclear: ProbeAttempt = `unclear: our own function probe-connection could not be invoked (${why})`
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

/** The body is a stream on Lambda, and bytes in the embedded AWS. */
async function textOf(body: AsyncIterable<Uint8Array> | Uint8Array): Promise<string> {
  if (body instanceof Uint8Array) return Buffer.from(body).toString()
  return Buffer.concat(await Array.fromAsync(body)).toString()
}
