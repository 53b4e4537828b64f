/**
 * A token bucket: an average rate of calls, and a few calls at once after a pause. SES allows most operations of its API once a second for
 * the whole account, including the calls of its owner.
 * https://docs.aws.amazon.com/ses/latest/dg/quotas.html
 */
type Options = {
  readonly perSecond: number
  /** Calls that may be made at once when the bucket is full. */
  readonly burst: number
  readonly now: () => Date
  readonly wait: (milliseconds: number) => Promise<void>
}

export type TokenBucket = ReturnType<typeof createTokenBucket>

export function createTokenBucket({ perSecond, burst, now, wait }: Options) {
  const intervalMs = 1_000 / perSecond
  /** The time at which the bucket is full again. */
  let fullAtMs = 0

  return {
    /** Resolves when the next call may be made, in the order in which callers ask. */
    async take(): Promise<void> {
      const nowMs = now().getTime()
      fullAtMs = Math.max(fullAtMs, nowMs) + intervalMs
      const waitMs = fullAtMs - burst * intervalMs - nowMs
      if (waitMs > 0) await wait(waitMs)
    },
    /** Empties the bucket and waits. Call it when SES throttles a call that the bucket allowed. */
    async pause(milliseconds: number): Promise<void> {
      fullAtMs = now().getTime() + milliseconds + burst * intervalMs
      await wait(milliseconds)
    },
  }
}
