/**
 * Sends DynamoDB's JSON protocol: signed by AWS's signer, over keep-alive connections, with retries.
 *
 * Input and output of a command are the protocol's JSON. Only binary values differ: they are base64 in the protocol.
 */
import { SignatureV4 } from '@smithy/signature-v4'
import { defaultProvider } from '../environment-credentials.ts'
import { decode, encode } from './binary.ts'
import { errorOf } from './errors.ts'
import { createRetries, type Failure } from './retries.ts'
import type { DynamoDBClientConfig } from './sdk-types.ts'
import { Sha256 } from './sha256.ts'
import { createTransport } from './transport.ts'

/**
 * The settings of the SDK's client. `requestHandler` and `cacheMiddleware` are ignored: this client has connections and limits of its own, and no
 * middleware.
 */
export type Settings = Pick<
  DynamoDBClientConfig,
  'region' | 'endpoint' | 'credentials' | 'requestHandler' | 'cacheMiddleware'
>

/** Our functions set region and endpoint as texts or not at all. */
const textOf = (setting: Settings['region' | 'endpoint']): string | undefined =>
  typeof setting === 'string' ? setting : undefined

/** A request. The class of a command gives `operation`, the function that sends it `input`. */
export type Command<Output> = { readonly operation: string; readonly input: object; readonly output?: Output }

/** A clock that is further off than this, in milliseconds, explains a refusal: the limit of the SDK's signer. */
const tolerableSkewMs = 240_000

export class DynamoDBClient {
  readonly #url: { readonly protocol: string; readonly hostname: string; readonly path: '/'; readonly port?: number }
  readonly #host: string
  readonly #post: ReturnType<typeof createTransport>
  readonly #signer: SignatureV4
  readonly #retries = createRetries()
  /** How far the server's clock is ahead of ours, in milliseconds. */
  #aheadMs = 0

  constructor({ region, endpoint, credentials }: Settings = {}) {
    const { AWS_REGION = '', AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL } = process.env
    const inRegion = textOf(region) ?? AWS_REGION
    const url = new URL(textOf(endpoint) ?? AWS_ENDPOINT_URL_DYNAMODB ?? AWS_ENDPOINT_URL ?? endpointOf(inRegion))
    const { protocol, hostname, port, host } = url
    this.#url = { protocol, hostname, path: '/', ...(port && { port: Number(port) }) }
    this.#host = host
    this.#post = createTransport(url)
    this.#signer = new SignatureV4({
      region: inRegion,
      service: 'dynamodb',
      credentials: credentials ?? defaultProvider(),
      sha256: Sha256,
    })
  }

  async send<Output>({ operation, input }: Command<Output>): Promise<Output> {
    const body = encode(input)
    let failure: Failure | undefined
    for (let attempts = 1; ; attempts += 1) {
      try {
        const output: Output = decode(await this.#attempt(operation, body))
        this.#retries.succeeded(failure)
        return output
      } catch (thrown) {
        failure = thrown instanceof Error ? thrown : new Error(String(thrown))
        failure.$metadata = { ...failure.$metadata, attempts }
        const delayMs = this.#retries.delayAfter(failure, attempts)
        if (delayMs === undefined) throw failure
        await new Promise((resolve) => setTimeout(resolve, delayMs))
      }
    }
  }

  /** One signed request. @returns the body of the answer. Rejects with what DynamoDB refused, or with the error of the socket. */
  async #attempt(operation: string, body: string): Promise<string> {
    const unsigned = {
      ...this.#url,
      method: 'POST',
      query: {},
      headers: {
        host: this.#host,
        'content-type': 'application/x-amz-json-1.0',
        'content-length': String(Buffer.byteLength(body)),
        'x-amz-target': `DynamoDB_20120810.${operation}`,
      },
      body,
    }
    const aheadMs = this.#aheadMs
    const { headers } = await this.#signer.sign(unsigned, { signingDate: new Date(Date.now() + aheadMs) })
    const answer = await this.#post(headers, body)
    const date = Date.parse(answer.headers.date ?? '')
    if (!Number.isNaN(date)) this.#aheadMs = date - Date.now()
    if (answer.statusCode < 300) return answer.body
    // A correction by less cannot have been the reason for a refusal.
    const clockSkewCorrected = Math.abs(this.#aheadMs - aheadMs) >= tolerableSkewMs
    throw errorOf(answer, { clockSkewCorrected })
  }
}

const endpointOf = (region: string) =>
  `https://dynamodb.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`
