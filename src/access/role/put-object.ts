/** Puts an object into a bucket of ours, by a link that is signed by hand: docs/design/access.md#why-sign-template-links-by-hand */
import type { STSClient } from '@aws-sdk/client-sts'
import { partitionOf } from '../session/session-policy.ts'
import { signedLinkOf } from './signed-link.ts'

/** A bucket, and a client to reach it with. */
export type ObjectStore = {
  readonly bucket: string
  /** A client with Sesame's own role: its region, credentials and network connections are used. Not DynamoDB's, which has none of them in a bundle. */
  readonly client: { readonly config: Pick<STSClient['config'], 'region' | 'credentials' | 'requestHandler'> }
  /** The endpoint of an emulated AWS, where the bucket is part of the path. Absent on AWS. */
  readonly endpoint?: string | undefined
}

/** An object of a bucket. `key` consists of letters, digits, `/`, `.`, `-` and `_`. */
export type NewObject = { readonly key: string; readonly body: string; readonly contentType: string }

/** Validity of the link. */
const seconds = 60

/** @returns the status of S3's answer, and the URL of the object */
export async function putObject(
  { bucket, client, endpoint }: ObjectStore,
  { key, body, contentType }: NewObject,
  now: () => Date,
): Promise<{ readonly status: number; readonly url: URL }> {
  const { region: regionOf, credentials: credentialsOf, requestHandler } = client.config
  const [region, credentials] = await Promise.all([regionOf(), credentialsOf()])
  const url = objectIn({ bucket, endpoint }, region, key)
  const sign = (method: 'PUT') => signedLinkOf({ method, object: url, region, seconds, at: now() }, credentials)
  const link = new URL(sign('PUT'))
  const { response } = await requestHandler.handle({
    method: 'PUT',
    protocol: link.protocol,
    hostname: link.hostname,
    ...(link.port && { port: Number(link.port) }),
    path: link.pathname,
    query: Object.fromEntries(link.searchParams),
    headers: { host: link.host, 'content-type': contentType, 'content-length': String(Buffer.byteLength(body)) },
    body,
  })
  // Consume the body, so that the network connection can be reused.
  response.body?.resume?.()
  return { status: response.statusCode, url }
}

function objectIn({ bucket, endpoint }: Pick<ObjectStore, 'bucket' | 'endpoint'>, region: string, key: string): URL {
  if (endpoint !== undefined) return new URL(`/${bucket}/${key}`, endpoint)
  const suffix = partitionOf(region) === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'
  return new URL(`https://${bucket}.s3.${region}.${suffix}/${key}`)
}
