/**
 * The link to the customer template. Quick-create links accept templates in S3 only, so the template is in Sesame's access bucket.
 *
 * Anyone may read it, and it stays, so a link that a customer opens weeks later still works. It contains no secret: the external id is a
 * parameter and not part of it. docs/design/access.md#why-can-anyone-read-the-customer-template
 */
import { createHash } from 'node:crypto'
import type { STSClient } from '@aws-sdk/client-sts'
import { partitionOf } from '../session/session-policy.ts'
import { customerAccessText } from './customer-access.ts'
import { signedLinkOf } from './signed-link.ts'

/** The bucket of the template, and a client to reach it with. */
export type TemplateStore = {
  /** The bucket of infra/access-bucket.yml. */
  readonly bucket: string
  /** Where the deployment hosts the template itself. Absent: in the bucket. */
  readonly url?: string | undefined
  /** Any client with Sesame's own role: its region, credentials and network connections are used. */
  readonly client: { readonly config: Pick<STSClient['config'], 'region' | 'credentials' | 'requestHandler'> }
  /** The endpoint of an emulated AWS, where the bucket is part of the path. Absent on AWS. */
  readonly endpoint?: string | undefined
}

/** S3 did not accept the template. Retryable if S3 itself failed. */
export class TemplateNotStoredError extends Error {
  override readonly name = 'TemplateNotStoredError'
  readonly retryable: boolean
  readonly status: number

  constructor(status: number) {
    super(
      `S3 answered ${status} when the template was stored: check that the role has s3:PutObject on the access bucket`,
    )
    this.status = status
    this.retryable = status >= 500
  }
}

/** Validity of the link by which this function itself puts the template. */
const seconds = 60

/**
 * Stores the template, unless the deployment hosts it elsewhere.
 * @returns the link to it, which does not expire
 * @throws TemplateNotStoredError
 */
export async function storeTemplate(store: TemplateStore, now: () => Date): Promise<string> {
  if (store.url !== undefined) return store.url
  const { config } = store.client
  const [region, credentials] = await Promise.all([config.region(), config.credentials()])
  const body = customerAccessText()
  const object = objectIn(
    store,
    region,
    `customer-access/${createHash('sha256').update(body).digest('hex').slice(0, 16)}.yml`,
  )
  const sign = (method: 'PUT') => signedLinkOf({ method, object, region, seconds, at: now() }, credentials)
  // Idempotent: the key is a hash of the content. A later version of the template has another key, so each link keeps its template.
  await put(store, new URL(sign('PUT')), body)
  return object.href
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
  // Consume the body, so that the network connection can be reused.
  response.body?.resume?.()
  if (response.statusCode !== 200) throw new TemplateNotStoredError(response.statusCode)
}
