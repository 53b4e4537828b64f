/**
 * Verifies Signature Version 4.
 *
 * Pure: the keys and the time are arguments. The canonical path is encoded a second time (as every service except S3 does). A query name
 * that occurs twice is sorted by value. Signatures are compared in constant time.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { WireRequest } from './request.ts'

export type Scope = {
  accessKeyId: string
  date: string
  region: string
  service: string
  signedHeaders: readonly string[]
  signature: string
}

/** Why a signature is not accepted. Each protocol has its own name for each reason: see errors.ts. */
export type SignatureProblem = {
  reason: 'missing token' | 'incomplete' | 'unknown key' | 'wrong signature' | 'expired token' | 'expired link'
  message: string
}

const fifteenMinutes = 15 * 60 * 1000
const mismatch =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.'

/** Reads the Authorization header without verifying it. */
export function readScope(headers: WireRequest['headers']): Scope | SignatureProblem {
  const header = headers.authorization
  if (!header) return { reason: 'missing token', message: 'Request is missing Authentication Token' }
  if (!header.startsWith('AWS4-HMAC-SHA256 ')) {
    return { reason: 'incomplete', message: 'Unsupported signing algorithm: only AWS4-HMAC-SHA256 is accepted.' }
  }
  const parts = new Map<string, string>()
  for (const piece of header.slice('AWS4-HMAC-SHA256 '.length).split(',')) {
    const [name, ...rest] = piece.trim().split('=')
    parts.set(name ?? '', rest.join('='))
  }
  const signature = parts.get('Signature')
  const signed = parts.get('SignedHeaders')
  const [accessKeyId, date, region, service, end, ...more] = (parts.get('Credential') ?? '').split('/')
  if (
    !signature ||
    !signed ||
    !accessKeyId ||
    !date ||
    !region ||
    !service ||
    end !== 'aws4_request' ||
    more.length > 0
  ) {
    return {
      reason: 'incomplete',
      message: "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature'.",
    }
  }
  return { accessKeyId, date, region, service, signedHeaders: signed.split(';'), signature }
}

/** Verifies the signature and its time. Undefined when both are valid. */
export function checkSignature(
  request: WireRequest,
  scope: Scope,
  secret: string,
  now: Date,
): SignatureProblem | undefined {
  const { headers } = request
  const longDate = headers['x-amz-date'] ?? ''
  const signedAt = readLongDate(longDate)
  if (signedAt === undefined || longDate.slice(0, 8) !== scope.date) {
    return {
      reason: 'incomplete',
      message: "Date must be in ISO-8601 'basic format' and agree with the credential scope.",
    }
  }
  const skew = signedAt - now.getTime()
  if (skew < -fifteenMinutes || skew > fifteenMinutes) {
    const state = skew < 0 ? 'Signature expired' : 'Signature not yet current'
    return {
      reason: 'wrong signature',
      message: `${state}: ${longDate} is more than 15 minutes away from ${writeLongDate(now)}.`,
    }
  }
  const signed = new Set(scope.signedHeaders)
  const unsigned = Object.keys(headers).find(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !signed.has(name),
  )
  if (unsigned !== undefined || !signed.has('host')) {
    return { reason: 'wrong signature', message: `The header '${unsigned ?? 'host'}' must be signed.` }
  }
  const payloadHash = sha256(request.body)
  const declared = headers['x-amz-content-sha256']
  if (declared !== undefined && declared !== payloadHash) return { reason: 'wrong signature', message: mismatch }
  const expected = Buffer.from(signatureOf(request, scope, secret, longDate, payloadHash))
  const given = Buffer.from(scope.signature)
  if (expected.length !== given.length || !timingSafeEqual(expected, given))
    return { reason: 'wrong signature', message: mismatch }
  return undefined
}

/** The signature in hexadecimal digits. */
export function signatureOf(
  request: WireRequest,
  scope: Scope,
  secret: string,
  longDate: string,
  payloadHash: string,
): string {
  const names = [...scope.signedHeaders].sort()
  const canonical = [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(request.query),
    ...names.map((name) => `${name}:${(request.headers[name] ?? '').trim().replace(/\s+/g, ' ')}`),
    '',
    names.join(';'),
    payloadHash,
  ].join('\n')
  const scopeText = `${scope.date}/${scope.region}/${scope.service}/aws4_request`
  const text = `AWS4-HMAC-SHA256\n${longDate}\n${scopeText}\n${sha256(canonical)}`
  return createHmac('sha256', signingKey(secret, scope)).update(text).digest('hex')
}

/** Signing keys of a secret for one day, region and service. Each takes four hashes, so recent ones are cached. */
const signingKeys = new Map<string, KeyObject>()

function signingKey(secret: string, scope: Scope): KeyObject {
  const name = `${secret}/${scope.date}/${scope.region}/${scope.service}`
  let key = signingKeys.get(name)
  if (!key) {
    const derived = [scope.date, scope.region, scope.service, 'aws4_request'].reduce(
      (before, part) => createHmac('sha256', before).update(part).digest(),
      Buffer.from(`AWS4${secret}`),
    )
    // Node imports a key from bytes for each use, which takes several times as long as the hash.
    key = createSecretKey(derived)
    if (signingKeys.size >= 1000) signingKeys.clear()
    signingKeys.set(name, key)
  }
  return key
}

function canonicalPath(path: string): string {
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  const slash = kept.length > 0 && path.endsWith('/') ? '/' : ''
  return `/${kept.map(encode).join('/')}${slash}`
}

function canonicalQuery(query: WireRequest['query']): string {
  const pairs: string[] = []
  for (const [name, value] of Object.entries(query)) {
    for (const one of typeof value === 'string' ? [value] : value) pairs.push(`${encode(name)}=${encode(one)}`)
  }
  return pairs.sort().join('&')
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

/** `20260304T050607Z` as milliseconds, or undefined. */
export function readLongDate(text: string): number | undefined {
  const found = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (!found) return undefined
  const [, year, month, day, hour, minute, second] = found
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(at) ? undefined : at
}

function writeLongDate(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
}
