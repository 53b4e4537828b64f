/**
 * Background work of the embedded AWS: deliveries, retries, handlers.
 *
 * Delays are virtual: nothing sleeps. A delayed task runs when every task that is due earlier is done, in the order of virtual time. So a
 * retry after one minute costs no time and still runs after a retry after ten seconds.
 */
export type Work = {
  /** Runs a task in the background. A task handles its own errors; a task that rejects makes `settled` reject. */
  start(task: () => Promise<void>): void
  /** Runs a task after a virtual delay. */
  after(delayMs: number, task: () => Promise<void>): void
  /** Resolves when no task is running or waiting. Rejects with the errors of the tasks that rejected since the last call. */
  settled(): Promise<void>
}

type DelayedTask = { due: number; order: number; task: () => Promise<void> }

export function createWork(): Work {
  const waiting: DelayedTask[] = []
  const idle: { resolve: () => void; reject: (cause: unknown) => void }[] = []
  const defects: unknown[] = []
  let running = 0
  let virtualTimeMs = 0
  let order = 0

  const start = (task: () => Promise<void>): void => {
    running++
    // In the next turn of the event loop, so that the caller finishes its own step first.
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
      virtualTimeMs = next.due
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
      waiting.push({ due: virtualTimeMs + delayMs, order: order++, task })
      waiting.sort((a, b) => a.due - b.due || a.order - b.order)
      // An empty task in between, so that a burst of delayed tasks is complete before the first one runs.
      start(async () => {})
    },
    settled: () =>
      new Promise((resolve, reject) => {
        idle.push({ resolve, reject })
        start(async () => {})
      }),
  }
}
