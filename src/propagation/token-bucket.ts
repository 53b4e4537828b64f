/**
 * A token bucket: so many calls a second on average, a few at once. SES allows most operations of its API once a second, for an account as
 * a whole, its owner's own calls included.
 * https://docs.aws.amazon.com/ses/latest/dg/quotas.html
 */
type Options = {
  readonly perSecond: number
  /** Calls that may come at once after a rest. */
  readonly atOnce: number
  readonly now: () => Date
  readonly wait: (milliseconds: number) => Promise<void>
}

export type TokenBucket = ReturnType<typeof createTokenBucket>

export function createTokenBucket({ perSecond, atOnce, now, wait }: Options) {
  const intervalMs = 1_000 / perSecond
  /** When the bucket is full again. */
  let fullAt = 0

  return {
    /** Resolves when another call may be made; whoever asks first is first. */
    async next(): Promise<void> {
      const time = now().getTime()
      fullAt = Math.max(fullAt, time) + intervalMs
      const early = fullAt - atOnce * intervalMs - time
      if (early > 0) await wait(early)
    },
    /** SES said that it was too much all the same: the bucket is empty, and nobody calls for a while. */
    async pause(milliseconds: number): Promise<void> {
      fullAt = now().getTime() + milliseconds + atOnce * intervalMs
      await wait(milliseconds)
    },
  }
}
