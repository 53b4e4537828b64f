/** The time of the embedded AWS: the machine's, or one that stands still; both can be put forward, never back. */
export type Clock = {
  now(): Date
  /** Puts the clock forward, as if that much time had passed. */
  advance(milliseconds: number): void
}

/** The machine's time plus whatever it was put forward by. */
export function runningClock(): Clock {
  let ahead = 0
  return {
    now: () => new Date(Date.now() + ahead),
    advance: (milliseconds) => {
      ahead += forward(milliseconds)
    },
  }
}

/** A clock that moves only when told to. */
export function standingClock(start: Date): Clock {
  let at = start.getTime()
  return {
    now: () => new Date(at),
    advance: (milliseconds) => {
      at += forward(milliseconds)
    },
  }
}

function forward(milliseconds: number): number {
  if (!(milliseconds >= 0)) throw new RangeError(`a clock only goes forward, not by ${milliseconds} ms`)
  return milliseconds
}
