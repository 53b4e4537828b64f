/**
 * Sends one POST request to a receiver on the public internet, within a time limit. Reads the status of the answer and nothing else.
 *
 * Against request forgery: the name is resolved once, every address that it has must be public, and the connection is made to a checked
 * address, so a name server cannot give another one afterwards. Redirects are not followed.
 */
import { lookup } from 'node:dns/promises'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, isIPv4 } from 'node:net'
import { isPublicAddress } from './public-address.ts'
import { hostOf, readWebhookUrl, WebhookUrlError } from './webhook-url.ts'

/** What decides where a request may go. Tests have their own. */
export type Network = {
  /** All addresses of a name. */
  readonly resolve: (hostname: string) => Promise<readonly string[]>
  readonly isAllowed: (address: string) => boolean
  readonly timeoutMs: number
  /** The origin of a receiver that may be called although it is not public: for tests only. */
  readonly testReceiver?: string
  /** A certificate authority to trust instead of the public ones: for tests only. */
  readonly authority?: string
}

export const publicNetwork: Network = {
  resolve: async (hostname) => (await lookup(hostname, { all: true })).map(({ address }) => address),
  isAllowed: isPublicAddress,
  timeoutMs: 10_000,
}

export type PostRequest = { readonly headers: Readonly<Record<string, string>>; readonly body: string }

/** `status` of the answer, or why there is none: in words, without an address. */
export type PostResult = { readonly status: number } | { readonly failed: string }

export async function post(network: Network, to: string, content: PostRequest): Promise<PostResult> {
  const limit = AbortSignal.timeout(network.timeoutMs)
  const late = new Promise<PostResult>((resolve) => {
    limit.addEventListener('abort', () => resolve({ failed: `no answer within ${network.timeoutMs / 1_000} s` }))
  })
  return Promise.race([late, attempt(network, to, content, limit)])
}

async function attempt(network: Network, to: string, content: PostRequest, limit: AbortSignal): Promise<PostResult> {
  try {
    const url = readWebhookUrl(to, network.testReceiver)
    const isTest = url.origin === network.testReceiver
    const host = hostOf(url)
    const addresses = isIP(host) ? [host] : await network.resolve(host)
    if (!isTest && !addresses.every(network.isAllowed))
      return { failed: 'the name of the receiver has an address that is not on the public internet' }
    // Functions outside of a VPC reach IPv4 only.
    const address = addresses.find(isIPv4) ?? addresses[0]
    if (address === undefined) return { failed: 'the name of the receiver has no address' }
    return { status: await statusOf(network, url, address, content, limit) }
  } catch (error) {
    return { failed: whyOf(error) }
  }
}

/** Connects to the address, whatever the name resolves to now. The certificate must be the one of the name. */
function statusOf(
  { authority }: Network,
  url: URL,
  address: string,
  { headers, body }: PostRequest,
  signal: AbortSignal,
): Promise<number> {
  const isEncrypted = url.protocol === 'https:'
  const host = hostOf(url)
  const bytes = Buffer.from(body)
  const options = {
    host: address,
    port: url.port || (isEncrypted ? 443 : 80),
    path: `${url.pathname}${url.search}`,
    method: 'POST',
    agent: false as const,
    headers: { ...headers, host: url.host, 'content-length': String(bytes.length) },
    signal,
    ...(isEncrypted && !isIP(host) && { servername: host }),
    ...(authority !== undefined && { ca: authority }),
  }
  return new Promise((resolve, reject) => {
    const request = (isEncrypted ? requestHttps : requestHttp)(options, (answer) => {
      resolve(answer.statusCode ?? 0)
      // The body may be huge or never end.
      answer.destroy()
    })
    request.on('error', reject)
    request.end(bytes)
  })
}

/** Of an error of the network, its code: its message may hold an address. */
function whyOf(error: unknown): string {
  if (error instanceof WebhookUrlError) return error.message
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return failureTexts[code] ?? `the connection failed (${code})`
}

const failureTexts: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name of the receiver does not exist',
  EAI_AGAIN: 'the name of the receiver could not be resolved',
  ECONNREFUSED: 'the receiver refused the connection',
  ECONNRESET: 'the receiver closed the connection',
  CERT_HAS_EXPIRED: 'the certificate of the receiver has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate of the receiver has another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate of the receiver is not from a public authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate of the receiver is not from a public authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate of the receiver is not from a public authority',
}
