/** The time of the embedded AWS. It can be advanced, never set back. */
import { sleep } from '../src/time.ts'

export type Clock = {
  now(): Date
  /** @throws RangeError for a negative number */
  advance(milliseconds: number): void
  /** Waits as long as a function asks between retries. On a clock that moves only by `advance`, a wait takes no time. */
  sleep(milliseconds: number): Promise<void>
}

/** The time of the machine plus all advances. */
export function createSystemClock(): Clock {
  let advancedMs = 0
  return {
    now: () => new Date(Date.now() + advancedMs),
    advance: (milliseconds) => {
      advancedMs += checkedAdvance(milliseconds)
    },
    sleep,
  }
}

/** A clock that moves only by `advance`. */
export function createManualClock(start: Date): Clock {
  let at = start.getTime()
  return {
    now: () => new Date(at),
    advance: (milliseconds) => {
      at += checkedAdvance(milliseconds)
    },
    sleep: async () => {},
  }
}

function checkedAdvance(milliseconds: number): number {
  if (!(milliseconds >= 0)) throw new RangeError(`A clock can only be advanced, not by ${milliseconds} ms`)
  return milliseconds
}
