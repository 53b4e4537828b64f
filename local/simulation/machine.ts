/**
 * The machine of a simulation: one virtual clock and one event loop. Nothing waits in real time.
 *
 * A task runs until nothing of it can go on without a timer. Then the task that is due next runs, and the clock moves to its time. Tasks that are
 * due at the same time run in an order that depends on the seed.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createRandom, type Random } from './random.ts'

export type Timer = { readonly at: number; readonly tie: number; readonly order: number; run: (() => void) | undefined }

export type Machine = {
  /** Milliseconds since 1970. */
  now(): number
  /** Random numbers of the machine: keys, UUIDs, `Math.random`. */
  readonly random: Random
  /** Calls `run` after a delay, in the present asynchronous context. A timer is cancelled by removing its `run`. */
  after(delayMs: number, run: () => void): Timer
  /** Called with each error that a task throws or rejects with. */
  start(delayMs: number, task: () => Promise<void>): void
  /** Runs every task that is due before a time, and sets the clock to it. */
  runUntil(timeMs: number): Promise<void>
  /** The time of the next task. */
  nextAt(): number | undefined
  readonly defects: unknown[]
}

/** @param isQuiet resolves when nothing can go on without a timer */
export function createMachine(seed: string, startMs: number, quiet: () => Promise<void>): Machine {
  const ties = createRandom(`${seed}/ties`)
  const heap = createHeap()
  const defects: unknown[] = []
  let nowMs = startMs
  let order = 0

  const machine: Machine = {
    now: () => nowMs,
    random: createRandom(`${seed}/machine`),
    defects,
    after(delayMs, run) {
      const inContext = AsyncLocalStorage.snapshot()
      const timer: Timer = {
        at: nowMs + Math.max(0, delayMs),
        tie: ties.fraction(),
        order: order++,
        run: () => inContext(run),
      }
      heap.push(timer)
      return timer
    },
    start(delayMs, task) {
      machine.after(delayMs, () => {
        task().catch((cause: unknown) => defects.push(cause))
      })
    },
    async runUntil(timeMs) {
      await quiet()
      for (let next = heap.peek(); next !== undefined && next.at <= timeMs; next = heap.peek()) {
        heap.pop()
        if (!next.run) continue
        nowMs = Math.max(nowMs, next.at)
        try {
          next.run()
        } catch (cause) {
          defects.push(cause)
        }
        await quiet()
      }
      nowMs = Math.max(nowMs, timeMs)
    },
    nextAt: () => heap.peek()?.at,
  }
  return machine
}

const isBefore = (a: Timer, b: Timer): boolean =>
  a.at !== b.at ? a.at < b.at : a.tie !== b.tie ? a.tie < b.tie : a.order < b.order

/** A binary heap of timers. */
function createHeap() {
  const timers: Timer[] = []
  const swap = (i: number, j: number): void => {
    const [a, b] = [timers[i], timers[j]]
    if (!a || !b) return
    timers[i] = b
    timers[j] = a
  }
  const before = (i: number, j: number): boolean => {
    const [a, b] = [timers[i], timers[j]]
    return a !== undefined && b !== undefined && isBefore(a, b)
  }
  return {
    peek: (): Timer | undefined => timers[0],
    push(timer: Timer): void {
      timers.push(timer)
      for (let child = timers.length - 1; child > 0; ) {
        const parent = (child - 1) >> 1
        if (!before(child, parent)) break
        swap(child, parent)
        child = parent
      }
    },
    pop(): void {
      const last = timers.pop()
      if (timers.length === 0 || !last) return
      timers[0] = last
      for (let parent = 0; ; ) {
        const [left, right] = [2 * parent + 1, 2 * parent + 2]
        let least = parent
        if (before(left, least)) least = left
        if (before(right, least)) least = right
        if (least === parent) return
        swap(parent, least)
        parent = least
      }
    },
  }
}
