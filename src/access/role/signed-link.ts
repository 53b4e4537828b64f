/**
 * A presigned link to one object in S3: its holder may perform this one operation until it expires.
 *
 * Signed without the S3 client, which would be most of the function's bundle: docs/design/access.md#why-sign-template-links-by-hand
 * Pure: the clock and the credentials are arguments.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
import { createHash, createHmac } from 'node:crypto'

export type LinkTo = {
  readonly method: 'GET' | 'PUT'
  /** The URL of the object. Its path consists of letters, digits, `/`, `.`, `-` and `_`, which need no encoding. */
  readonly object: URL
  readonly region: string
  /** Validity: 1 to 604,800. */
  readonly seconds: number
  readonly at: Date
}

export type Signer = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

export function signedLinkOf({ method, object, region, seconds, at }: LinkTo, signer: Signer): string {
  const time = `${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  const scope = [time.slice(0, 8), region, 's3', 'aws4_request']
  const query = Object.entries({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': [signer.accessKeyId, ...scope].join('/'),
    'X-Amz-Date': time,
    'X-Amz-Expires': String(seconds),
    ...(signer.sessionToken !== undefined && { 'X-Amz-Security-Token': signer.sessionToken }),
    'X-Amz-SignedHeaders': 'host',
  })
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
  const canonical = [method, object.pathname, query, `host:${object.host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n')
  const text = ['AWS4-HMAC-SHA256', time, scope.join('/'), createHash('sha256').update(canonical).digest('hex')]
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${signer.secretAccessKey}`)
  return `${object.origin}${object.pathname}?${query}&X-Amz-Signature=${hmac(key, text.join('\n')).toString('hex')}`
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
