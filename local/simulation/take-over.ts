/**
 * Takes time and chance of this process away from the operating system: `Date`, timers, `performance.now`, `Math.random` and the random values of
 * `node:crypto`. What the AWS SDK, the database engine or Sesame asks of them, the machine of the present simulation answers.
 *
 * Import it before every other module: some keep a function that they find when they are loaded. `setImmediate` and microtasks stay those of
 * Node: without sockets and files their order depends on the program alone.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers'
import type { Machine, Timer } from './machine.ts'

const real = { Date, setImmediate, clearImmediate, setTimeout, clearTimeout, setInterval, clearInterval }
const realNow = Date.now

let machine: Machine | undefined
const immediates = new Set<NodeJS.Immediate>()

/** How far the clock of the code that runs is ahead. The services of AWS have the right time. */
const clockError = new AsyncLocalStorage<number>()

/** The machine that answers from now on. Without one, the operating system answers. */
export const useMachine = (next: Machine | undefined): void => {
  machine = next
}

/** Runs code whose machine has a wrong clock. */
export const withClockError = <Result>(aheadMs: number, run: () => Result): Result => clockError.run(aheadMs, run)

/** Lets the operating system answer what was asked of it. */
export const realPause = (): Promise<void> => new Promise((resolve) => void real.setTimeout(resolve, 1))

/** Resolves when no callback is left that needs no timer. */
export async function quiet(): Promise<void> {
  do await new Promise<void>((resolve) => void real.setImmediate(resolve))
  while (immediates.size > 0)
}

const nowMs = (): number => (machine ? machine.now() + (clockError.getStore() ?? 0) : realNow.call(real.Date))

function takeOverDate(): void {
  const virtual: DateConstructor = new Proxy(real.Date, {
    construct: (target, given: unknown[], newTarget): object =>
      Reflect.construct(target, given.length === 0 ? [nowMs()] : given, newTarget === virtual ? target : newTarget),
    apply: () => new real.Date(nowMs()).toString(),
  })
  real.Date.now = nowMs
  globalThis.Date = virtual
  performance.now = () => (machine ? machine.now() : realNow.call(real.Date))
}

/** A timer as Node returns it, for code that calls its methods. */
type Handle = { timer: Timer | undefined; unref(): Handle; ref(): Handle; hasRef(): boolean; refresh(): Handle }

function handleOf(start: () => Timer): Handle {
  const handle: Handle = {
    timer: start(),
    unref: () => handle,
    ref: () => handle,
    hasRef: () => true,
    refresh: () => {
      cancel(handle)
      handle.timer = start()
      return handle
    },
  }
  return handle
}

const isHandle = (value: unknown): value is Handle => typeof value === 'object' && value !== null && 'timer' in value

function cancel(handle: unknown): boolean {
  if (!isHandle(handle)) return false
  if (handle.timer) handle.timer.run = undefined
  return true
}

type Callback = (...values: unknown[]) => void

function takeOverTimers(): void {
  const define = (name: string, value: unknown) => {
    Object.defineProperty(globalThis, name, { value, writable: true })
    Object.defineProperty(timers, name, { value, writable: true, enumerable: true })
  }
  define('setTimeout', (run: Callback, delayMs = 0, ...values: unknown[]) => {
    const present = machine
    if (!present) return real.setTimeout(run, delayMs, ...values)
    return handleOf(() => present.after(Math.max(1, Number(delayMs) || 0), () => run(...values)))
  })
  define('setInterval', (run: Callback, delayMs = 0, ...values: unknown[]) => {
    const present = machine
    if (!present) return real.setInterval(run, delayMs, ...values)
    const handle: Handle = handleOf(() =>
      present.after(Math.max(1, Number(delayMs) || 0), () => {
        handle.refresh()
        run(...values)
      }),
    )
    return handle
  })
  define('clearTimeout', (handle: Parameters<typeof clearTimeout>[0]) => cancel(handle) || real.clearTimeout(handle))
  define('clearInterval', (handle: Parameters<typeof clearInterval>[0]) => cancel(handle) || real.clearInterval(handle))
  define('setImmediate', (run: Callback, ...values: unknown[]) => {
    const immediate = real.setImmediate(() => {
      immediates.delete(immediate)
      run(...values)
    })
    immediates.add(immediate)
    return immediate
  })
  define('clearImmediate', (immediate: NodeJS.Immediate) => {
    immediates.delete(immediate)
    real.clearImmediate(immediate)
  })
  AbortSignal.timeout = (delayMs) => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(new DOMException('The operation timed out.', 'TimeoutError')), delayMs)
    return controller.signal
  }
}

function takeOverRandom(): void {
  const realFraction = Math.random
  const fraction = () => (machine ? machine.random.fraction() : realFraction())
  const fill = <View extends NodeJS.ArrayBufferView>(view: View): View => {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
    for (let index = 0; index < bytes.length; index++) bytes[index] = Math.floor(fraction() * 256)
    return view
  }
  const randomBytes = (size: number) => fill(Buffer.alloc(size))
  const randomUUID = () => {
    const digits = randomBytes(16).toString('hex')
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`
  }
  Math.random = fraction
  Object.assign(crypto, { randomBytes, randomUUID, randomFillSync: fill })
  Object.defineProperties(globalThis.crypto, {
    randomUUID: { value: randomUUID },
    getRandomValues: { value: fill },
  })
  // The named imports of `node:crypto` in other modules.
  syncBuiltinESMExports()
}

takeOverDate()
takeOverTimers()
takeOverRandom()
