/**
 * The rates by which SES judges an account, from CloudWatch in the account of the customer.
 *
 * The request is signed and sent without the client of CloudWatch, which would make up a tenth of the bundle for this one call.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 * https://docs.aws.amazon.com/ses/latest/dg/reputationdashboard-cloudwatch-alarm.html
 */
import type { SESv2Client } from '@aws-sdk/client-sesv2'
import * as v from 'valibot'
import { partitionOf } from '../access/session/session-policy.ts'
import { dayMs } from '../time.ts'

export type Reputation = {
  /** From 0 to 1. Absent: SES has no value, because the account has sent too little. */
  readonly bounceRate?: number
  readonly complaintRate?: number
}

/** CloudWatch answered with an error. */
class MetricsRefusedError extends Error {
  override readonly name = 'MetricsRefusedError'
  readonly retryable: boolean
  readonly status: number
  /** CloudWatch's error code. */
  readonly code: string

  constructor(status: number, code: string) {
    const what = status === 403 ? 'Deploy the template of the role again, with Reputation on' : 'Try again'
    super(`CloudWatch refused to show the reputation metrics: ${code}. ${what}`)
    this.status = status
    this.code = code
    this.retryable = status !== 403
  }
}

const names = { bounceRate: 'Reputation.BounceRate', complaintRate: 'Reputation.ComplaintRate' } as const

/**
 * @param client of the session in the account, used for nothing else. Only its region, signer and HTTP handler are used, and its signer continues to
 * sign for the service that it signed for first
 * @param endpoint replaces the public endpoint of AWS
 * @throws MetricsRefusedError
 */
export async function readReputation(
  { config }: Pick<SESv2Client, 'config'>,
  now: Date,
  endpoint?: string,
): Promise<Reputation> {
  const body = JSON.stringify({
    StartTime: (now.getTime() - dayMs) / 1_000,
    EndTime: now.getTime() / 1_000,
    ScanBy: 'TimestampDescending',
    MetricDataQueries: Object.entries(names).map(([Id, MetricName]) => ({
      Id,
      MetricStat: { Metric: { Namespace: 'AWS/SES', MetricName }, Period: 3_600, Stat: 'Average' },
    })),
  })
  const region = await config.region()
  const suffix = partitionOf(region) === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'
  const { protocol, hostname, port, host } = new URL(endpoint ?? `https://monitoring.${region}.${suffix}`)
  const signer = await config.signer({
    name: 'sigv4',
    signingName: 'monitoring',
    signingRegion: region,
    properties: {},
  })
  const request = await signer.sign({
    method: 'POST',
    protocol,
    hostname,
    ...(port && { port: Number(port) }),
    path: '/',
    query: {},
    headers: {
      host,
      'content-type': 'application/x-amz-json-1.0',
      'content-length': String(Buffer.byteLength(body)),
      'x-amz-target': 'GraniteServiceVersion20100801.GetMetricData',
    },
    body,
  })
  const { response } = await config.requestHandler.handle(request)
  const text = await textOf(response.body)
  if (response.statusCode !== 200) throw new MetricsRefusedError(response.statusCode, codeIn(text))
  const { MetricDataResults } = v.parse(Answer, JSON.parse(text))
  const latest = (id: string) => MetricDataResults.find(({ Id }) => Id === id)?.Values[0]
  const [bounceRate, complaintRate] = [latest('bounceRate'), latest('complaintRate')]
  return { ...(bounceRate !== undefined && { bounceRate }), ...(complaintRate !== undefined && { complaintRate }) }
}

const Answer = v.object({ MetricDataResults: v.array(v.object({ Id: v.string(), Values: v.array(v.number()) })) })
const Failure = v.object({ __type: v.pipe(v.string(), v.regex(/^[\w.#]{1,100}$/)) })

function codeIn(text: string): string {
  const failure = v.safeParse(v.pipe(v.string(), v.parseJson(), Failure), text)
  return failure.success ? (failure.output.__type.split('#').at(-1) ?? '') : 'an unknown error'
}

/** The body is a stream on Lambda, and bytes in the embedded AWS. */
async function textOf(body: AsyncIterable<Uint8Array> | Uint8Array): Promise<string> {
  if (body instanceof Uint8Array) return Buffer.from(body).toString()
  return Buffer.concat(await Array.fromAsync(body)).toString()
}
