/**
 * Presigned URLs: Signature Version 4 in the query. Until it expires, a URL gives its holder the permissions of its signer.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
import { timingSafeEqual } from 'node:crypto'
import type { WireRequest } from './request.ts'
import { readLongDate, type Scope, type SignatureProblem, signatureOf } from './sigv4.ts'

const queryValue = ({ query }: WireRequest, name: string): string => {
  const value = query[`X-Amz-${name}`]
  return typeof value === 'string' ? value : ''
}

export const isPresigned = (request: WireRequest): boolean =>
  request.headers.authorization === undefined && queryValue(request, 'Signature') !== ''

export const tokenOf = (request: WireRequest): string | undefined =>
  isPresigned(request) ? queryValue(request, 'Security-Token') || undefined : request.headers['x-amz-security-token']

export function presignedScope(request: WireRequest): Scope | SignatureProblem {
  const [accessKeyId, date, region, service, end, ...more] = queryValue(request, 'Credential').split('/')
  const signedHeaders = queryValue(request, 'SignedHeaders').split(';')
  // Only for S3: with other services the body would be unsigned.
  const isComplete = accessKeyId && date && region && service === 's3' && end === 'aws4_request' && more.length === 0
  if (!isComplete || queryValue(request, 'Algorithm') !== 'AWS4-HMAC-SHA256' || !signedHeaders.includes('host'))
    return { reason: 'incomplete', message: 'Error parsing the X-Amz-Credential parameter' }
  return { accessKeyId, date, region, service, signedHeaders, signature: queryValue(request, 'Signature') }
}

const mismatch: SignatureProblem = {
  reason: 'wrong signature',
  message: 'The request signature we calculated does not match the signature you provided.',
}

/** Checks signature and expiry. Undefined when both are valid. */
export function checkPresigned(
  request: WireRequest,
  scope: Scope,
  secret: string,
  now: Date,
): SignatureProblem | undefined {
  const longDate = queryValue(request, 'Date')
  const signedAt = readLongDate(longDate)
  const seconds = Number(queryValue(request, 'Expires'))
  if (signedAt === undefined || !(seconds > 0 && seconds <= 604_800))
    return { reason: 'incomplete', message: 'X-Amz-Date and X-Amz-Expires must be present and in range' }
  if (now.getTime() > signedAt + seconds * 1000) return { reason: 'expired link', message: 'Request has expired' }
  if (now.getTime() < signedAt - 15 * 60_000) return { reason: 'expired link', message: 'Request is not yet valid' }
  const { 'X-Amz-Signature': _, ...query } = request.query
  const expected = Buffer.from(signatureOf({ ...request, query }, scope, secret, longDate, 'UNSIGNED-PAYLOAD'))
  const given = Buffer.from(scope.signature)
  return expected.length === given.length && timingSafeEqual(expected, given) ? undefined : mismatch
}
