/** Compares the stored counts of a day with its events. Pure. */
import { type Count, kindKeyOf } from './counts.ts'
import type { CountedDay } from './day-counts.ts'
import type { StoredDay } from './stored-counts.ts'

export type Difference = {
  readonly type: string
  readonly detail?: string | undefined
  readonly stored: number
  readonly counted: number
}

export type Verified = {
  readonly day: string
  /**
   * `equal`: the stored counts are those of the events. `not sealed`: events have arrived since the last seal, so the live counts may differ.
   * `expired`: the events are older than what is kept, and the counts are all that is left. `different`: a seal is wrong, or events were deleted.
   */
  readonly state: 'equal' | 'not sealed' | 'expired' | 'different'
  readonly events: number
  readonly differences: readonly Difference[]
}

/** @param isExpired whether the events of the day are older than what the project keeps */
export function verifiedOf(stored: StoredDay, { counts }: CountedDay, isExpired: boolean): Verified {
  const kinds = new Map<string, Count>([...stored.counts, ...counts])
  const numberIn = (all: ReadonlyMap<string, Count>, kind: Count) => all.get(kindKeyOf(kind))?.count ?? 0
  const differences = [...kinds.values()]
    .map((kind) => ({
      type: kind.type,
      detail: kind.apart ?? kind.detail,
      stored: numberIn(stored.counts, kind),
      counted: numberIn(counts, kind),
    }))
    .filter((one) => one.stored !== one.counted)
  const isLess = differences.every((one) => one.counted < one.stored)
  const state =
    differences.length === 0 ? 'equal' : !stored.isExact ? 'not sealed' : isExpired && isLess ? 'expired' : 'different'
  const events = [...counts.values()].reduce((sum, { count }) => sum + count, 0)
  return { day: stored.day, state, events, differences }
}
