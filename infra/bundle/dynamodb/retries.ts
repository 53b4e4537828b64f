/**
 * Which failed attempts are repeated, and when: AWS's standard retry mode, with the values of the SDK's DynamoDB client.
 *
 * A repeated write changes nothing more, because every write of Sesame is idempotent.
 */

/** What an attempt ended with: an error of DynamoDB, with metadata, or an error of the socket, with a code. */
export type Failure = Error & {
  readonly code?: string
  $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean; readonly attempts?: number }
}

const throttled = new Set([
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'TransactionInProgressException',
])
const transientStatus = new Set([500, 502, 503, 504])
const transientCode = new Set(
  'ECONNRESET ECONNREFUSED EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH ENOTFOUND EAI_AGAIN'.split(' '),
)

/** Attempts of one request, the first included. */
const maxAttempts = 4

/** The longest first delay in milliseconds. It doubles with each retry. */
const baseDelayMs = { throttled: 1_000, transient: 25 }
const maxDelayMs = 20_000

/** What a retry costs of the allowance, which has this size when full, and what a request that succeeds at once gives back. */
const cost = { throttled: 5, transient: 14 }
const fullAllowance = 500
const refund = 1

function kindOf({ name, code = '', $metadata: { httpStatusCode = 0, clockSkewCorrected = false } = {} }: Failure) {
  if (httpStatusCode === 429 || throttled.has(name)) return 'throttled'
  const isTransient = clockSkewCorrected || transientStatus.has(httpStatusCode) || transientCode.has(code)
  return isTransient ? 'transient' : undefined
}

/**
 * The retries of one client. Its requests share an allowance, so that a service that is down is not called four times as often as one that is not.
 * @param random a number from 0 to 1, so that clients that failed at the same time do not come back at the same time
 */
export function createRetries(random: () => number = Math.random) {
  let allowance = fullAllowance
  return {
    /** @returns milliseconds until the next attempt, or `undefined` if this was the last one */
    delayAfter(failure: Failure, attempts: number): number | undefined {
      const kind = kindOf(failure)
      if (kind === undefined || attempts >= maxAttempts || allowance < cost[kind]) return undefined
      allowance -= cost[kind]
      return random() * Math.min(baseDelayMs[kind] * 2 ** (attempts - 1), maxDelayMs)
    },
    /** @param failure what the last attempt but one ended with: its cost is given back */
    succeeded(failure?: Failure): void {
      const kind = failure && kindOf(failure)
      allowance = Math.min(fullAllowance, allowance + (kind ? cost[kind] : refund))
    },
  }
}
