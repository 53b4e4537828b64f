/**
 * A link to the customer template in our private bucket, good for an hour.
 *
 * CloudFormation takes a template from S3 only, and quick-create links take no other: so the template is put there, and read by whoever
 * holds the signed link. It holds nothing secret: the external id is a parameter, not part of it.
 */
import { createHash } from 'node:crypto'
import type { STSClient } from '@aws-sdk/client-sts'
import { partitionOf } from '../session/session-policy.ts'
import { customerAccessText } from './customer-access.ts'
import { signedLinkOf } from './signed-link.ts'

export type TemplateLink = { readonly url: string; readonly expires: Date }

/** Where the template is kept, and how to get there. */
export type TemplateStore = {
  /** The bucket of infra/access-bucket.yml. */
  readonly bucket: string
  /** Any client of our own role: its region, credentials and connection serve. */
  readonly client: { readonly config: Pick<STSClient['config'], 'region' | 'credentials' | 'requestHandler'> }
  /** Set where AWS is not AWS's own: buckets then stand in the path. */
  readonly endpoint?: string | undefined
}

/** The template could not be stored. */
export class TemplateNotStoredError extends Error {
  override readonly name = 'TemplateNotStoredError'
  readonly retryable: boolean
  readonly status: number

  constructor(status: number) {
    super(`S3 answered ${status} to the template: the role needs s3:PutObject on the bucket of templates`)
    this.status = status
    this.retryable = status >= 500
  }
}

const seconds = 3_600

/** @throws TemplateNotStoredError */
export async function createTemplateLink(store: TemplateStore, now: () => Date): Promise<TemplateLink> {
  const { config } = store.client
  const [region, credentials] = await Promise.all([config.region(), config.credentials()])
  const body = customerAccessText()
  const object = objectIn(
    store,
    region,
    `customer-access/${createHash('sha256').update(body).digest('hex').slice(0, 16)}.yml`,
  )
  const at = now()
  const sign = (method: 'GET' | 'PUT') => signedLinkOf({ method, object, region, seconds, at }, credentials)
  // Named by its content: putting it again changes nothing but its age, by which the bucket lets go of it.
  await put(store, new URL(sign('PUT')), body)
  const expires = new Date(at.getTime() + seconds * 1_000)
  const { expiration } = credentials
  // A link ends with the credentials that signed it, if that is sooner.
  return { url: sign('GET'), expires: expiration && expiration < expires ? expiration : expires }
}

function objectIn({ bucket, endpoint }: TemplateStore, region: string, key: string): URL {
  if (endpoint !== undefined) return new URL(`/${bucket}/${key}`, endpoint)
  const suffix = partitionOf(region) === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'
  return new URL(`https://${bucket}.s3.${region}.${suffix}/${key}`)
}

async function put({ client }: TemplateStore, link: URL, body: string): Promise<void> {
  const { response } = await client.config.requestHandler.handle({
    method: 'PUT',
    protocol: link.protocol,
    hostname: link.hostname,
    ...(link.port && { port: Number(link.port) }),
    path: link.pathname,
    query: Object.fromEntries(link.searchParams),
    headers: { host: link.host, 'content-type': 'application/yaml', 'content-length': String(Buffer.byteLength(body)) },
    body,
  })
  // Read to its end, so that the connection can be used again.
  response.body?.resume?.()
  if (response.statusCode !== 200) throw new TemplateNotStoredError(response.statusCode)
}
