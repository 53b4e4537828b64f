/** A clock that stands still while there is work, and then moves to the next time at which somebody waits. Hours take seconds. */
type Sleeper = { readonly atMs: number; readonly wake: () => void }

export function createVirtualTime(start: Date) {
  let nowMs = start.getTime()
  const sleepers: Sleeper[] = []

  const wakeNext = (): void => {
    const atMs = Math.min(...sleepers.map((sleeper) => sleeper.atMs))
    nowMs = Math.max(nowMs, atMs)
    for (let i = sleepers.length - 1; i >= 0; i--) {
      const sleeper = sleepers[i]
      if (sleeper?.atMs === atMs) sleepers.splice(i, 1)[0]?.wake()
    }
  }

  return {
    now: () => new Date(nowMs),
    sleep: (milliseconds: number) =>
      new Promise<void>((wake) => void sleepers.push({ atMs: nowMs + milliseconds, wake })),
    moveTo: (time: Date) => {
      nowMs = Math.max(nowMs, time.getTime())
    },
    /** Runs a task that waits with `sleep` only. @throws the error of the task */
    async run<T>(task: () => Promise<T>): Promise<T> {
      let isDone = false
      const result = task().finally(() => {
        isDone = true
      })
      result.catch(() => undefined)
      while (!isDone) {
        await new Promise(setImmediate)
        if (!isDone && sleepers.length > 0) wakeNext()
      }
      return result
    },
  }
}
