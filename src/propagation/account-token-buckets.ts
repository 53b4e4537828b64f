/**
 * One token bucket per SES account: SES limits the rate of calls by account and region, whichever project they are for.
 */
import type { UsableConnection } from '../projects/connection.ts'
import { createTokenBucket, type TokenBucket } from './token-bucket.ts'

/** Calls that may be made at once when a bucket is full. */
const burst = 10

type Options = {
  /** Calls per second in each account and region. */
  readonly perSecond: number
  readonly now: () => Date
  readonly wait: (milliseconds: number) => Promise<void>
}

/** @returns connection → the token bucket of its account and region */
export function createAccountTokenBuckets(options: Options) {
  const buckets = new Map<string, TokenBucket>()
  return ({ account, region }: Pick<UsableConnection, 'account' | 'region'>): TokenBucket => {
    const key = `${account} ${region}`
    const bucket = buckets.get(key) ?? createTokenBucket({ ...options, burst })
    buckets.set(key, bucket)
    return bucket
  }
}
