/**
 * Keeps what was read for a while: the page asks every two seconds, and reading takes time and costs money on AWS.
 *
 * A value that took long to read is kept longer, up to a minute, so that reading takes a twentieth of the time.
 */

type Value<T> = { readonly value: T; readonly at: number; readonly tookMs: number }

const shareOfReading = 20
/** What takes very long is read once a minute all the same. */
const mostShareMs = 60_000
/** Enough for the days of a hundred projects. The oldest value is dropped first. */
const mostValues = 4_000

/** @param keepMs how long a value is kept at least */
export function createKept<T>(keepMs: (key: string) => number, now: () => number = Date.now) {
  const values = new Map<string, Value<T>>()
  const reading = new Map<string, Promise<T>>()

  let generation = 0

  async function load(key: string, read: () => Promise<T>): Promise<T> {
    const [before, begunIn] = [now(), generation]
    try {
      const value = await read()
      // What was read before everything was forgotten is not kept.
      if (begunIn !== generation) return value
      values.delete(key)
      values.set(key, { value, at: now(), tookMs: now() - before })
      const [oldest] = values.keys()
      if (values.size > mostValues && oldest !== undefined) values.delete(oldest)
      return value
    } finally {
      if (begunIn === generation) reading.delete(key)
    }
  }

  return {
    /** The value of a key. Requests at the same time read it once. An error is not kept. */
    async of(key: string, read: () => Promise<T>): Promise<T> {
      const found = values.get(key)
      if (found && now() - found.at < Math.max(keepMs(key), Math.min(found.tookMs * shareOfReading, mostShareMs)))
        return found.value
      const work = reading.get(key) ?? load(key, read)
      reading.set(key, work)
      return work
    },

    /** Forgets everything, after a change. */
    clear: (): void => {
      generation++
      values.clear()
      reading.clear()
    },
  }
}
