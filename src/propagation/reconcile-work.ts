/** What the two phases of a reconcile share: the work at hand, its counts, and its pace. */
import { ThrottledError } from '../access/session/errors.ts'
import type { Target } from './apply-verdict.ts'
import { accountFailureOf } from './classify-failure.ts'
import type { ReconcileCounts, ReconcileRun } from './reconcile-state.ts'
import type { TokenBucket } from './token-bucket.ts'

/** One action that was taken, or in a preview would be. `why` is text for the operator. */
export type ReconcileStep = { readonly address: string; readonly what: keyof ReconcileCounts; readonly why?: string }

export type ReconcileRequest = {
  /** Id of the project. */
  readonly id: string
  /** Report the steps without taking them. */
  readonly preview: boolean
  /** The time at which the slice ends. */
  readonly until: Date
  readonly onStep?: (step: ReconcileStep) => void
}

export type ReconcileWork = Target & ReconcileRequest & { readonly tokenBucket: TokenBucket }

/** The attribute in which the run is stored. */
export const runAttributeOf = ({ preview }: ReconcileRequest): 'run' | 'preview' => (preview ? 'preview' : 'run')

export const withCount = (run: ReconcileRun, what: keyof ReconcileCounts): ReconcileRun => ({
  ...run,
  counts: { ...run.counts, [what]: run.counts[what] + 1 },
})

/**
 * Whether an error concerns one address alone, whose items cannot be read or judged. A failure of the account, of a table or of the network
 * would concern every other address as well.
 */
export const concernsOneAddress = (error: unknown): boolean =>
  accountFailureOf(error) === undefined && !(error instanceof Error && '$metadata' in error)

const maxPauses = 4

/**
 * Repeats a call that SES throttles, after 2, 4, 8 and 16 seconds.
 * @throws ThrottledError if SES still throttles it: the next scheduled run continues
 */
export async function retryThrottled<T>({ tokenBucket }: ReconcileWork, call: () => Promise<T>): Promise<T> {
  for (let pauses = 0; ; pauses++) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof ThrottledError) || pauses === maxPauses) throw error
      await tokenBucket.pause(2_000 * 2 ** pauses)
    }
  }
}
