/**
 * What goes on in the background of the embedded AWS: deliveries, retries, handlers.
 *
 * Delays are virtual. A delayed task waits only until everything that is due before it has been done, in order of its virtual time, and
 * runs then without any sleeping; so a retry after a minute costs nothing and still comes after a retry after ten seconds.
 */
export type Work = {
  /** Runs a task in the background. A task reports its own failures; one that throws is a defect and makes `settled` reject. */
  start(task: () => Promise<void>): void
  /** Runs a task after a virtual delay. */
  after(delayMs: number, task: () => Promise<void>): void
  /** Resolves when nothing runs and nothing waits. */
  settled(): Promise<void>
}

type Delayed = { due: number; order: number; task: () => Promise<void> }

export function createWork(): Work {
  const waiting: Delayed[] = []
  const idle: { resolve: () => void; reject: (cause: unknown) => void }[] = []
  const defects: unknown[] = []
  let running = 0
  let virtual = 0
  let order = 0

  const start = (task: () => Promise<void>): void => {
    running++
    // A turn later, so that whoever starts a task has finished its own step first.
    setImmediate(() => {
      task()
        .catch((cause: unknown) => defects.push(cause))
        .finally(() => {
          running--
          advance()
        })
    })
  }

  const advance = (): void => {
    if (running > 0) return
    const next = waiting.shift()
    if (next) {
      virtual = next.due
      start(next.task)
      return
    }
    const failed = defects.splice(0)
    for (const waiter of idle.splice(0)) {
      if (failed.length > 0) waiter.reject(failed.length === 1 ? failed[0] : new AggregateError(failed))
      else waiter.resolve()
    }
  }

  return {
    start,
    after: (delayMs, task) => {
      waiting.push({ due: virtual + delayMs, order: order++, task })
      waiting.sort((one, other) => one.due - other.due || one.order - other.order)
      // Through a task of its own, so that a burst of delayed tasks is complete before the first of them runs.
      start(async () => {})
    },
    settled: () =>
      new Promise((resolve, reject) => {
        idle.push({ resolve, reject })
        start(async () => {})
      }),
  }
}
