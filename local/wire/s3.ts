/** The restXml protocol for putting and getting one object: bucket and key in the path, the object as body, errors as XML. */
import { AwsError } from '../service.ts'
import type { WireRequest, WireResponse } from './request.ts'

export type S3Request = { operation: string | undefined; input: Readonly<Record<string, unknown>> }

const operations: Readonly<Record<string, string>> = { GET: 'GetObject', PUT: 'PutObject' }

/** Path-style addresses only: `/bucket/key`. Keys have only characters that need no encoding in a path. */
export function readS3({ method, path, headers, body }: WireRequest): S3Request {
  if (path === '/' && method === 'GET') return { operation: 'ListBuckets', input: {} }
  const [, bucket, key] = /^\/([a-z0-9.-]+)\/([\w./-]+)$/.exec(path) ?? []
  if (bucket === undefined) return { operation: undefined, input: {} }
  if (headers['content-encoding']?.includes('aws-chunked'))
    throw new AwsError('NotImplemented', 'The embedded AWS does not support chunked bodies.', 501)
  const contentType = headers['content-type']
  return {
    operation: operations[method],
    input: {
      Bucket: bucket,
      Key: key,
      ...(method === 'PUT' && { Body: body, ...(contentType !== undefined && { ContentType: contentType }) }),
    },
  }
}

/** The only answer in XML: the list of buckets. */
function writeBuckets(buckets: readonly unknown[]): WireResponse {
  const items = buckets.map((bucket) => {
    const { Name, CreationDate } = Object(bucket)
    return `<Bucket><Name>${Name}</Name><CreationDate>${CreationDate.toISOString()}</CreationDate></Bucket>`
  })
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Buckets>${items.join('')}</Buckets></ListAllMyBucketsResult>`
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: new TextEncoder().encode(text) }
}

export function writeS3(output: object): WireResponse {
  if ('Buckets' in output && Array.isArray(output.Buckets)) return writeBuckets(output.Buckets)
  const given = new Map<string, unknown>(Object.entries(output))
  const body = given.get('Body')
  const at = given.get('LastModified')
  const header = (name: string, value: unknown) => (typeof value === 'string' ? { [name]: value } : {})
  return {
    status: 200,
    headers: {
      ...(body instanceof Uint8Array && { 'accept-ranges': 'bytes' }),
      ...header('etag', given.get('ETag')),
      ...header('content-type', given.get('ContentType')),
      ...(at instanceof Date && { 'last-modified': at.toUTCString() }),
    },
    body: body instanceof Uint8Array ? body : new Uint8Array(),
  }
}

export function writeS3Error({ code, message, status }: AwsError, requestId: string): WireResponse {
  const escaped = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escaped}</Message><RequestId>${requestId}</RequestId></Error>`
  return { status, headers: { 'content-type': 'application/xml' }, body: new TextEncoder().encode(text) }
}
