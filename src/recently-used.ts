/** A map that forgets what was used longest ago once it is full. */
export type RecentlyUsed<Value> = {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  /** Forgets the key if it still holds this very value. */
  drop(key: string, value: Value): void
  dropWhere(holds: (value: Value) => boolean): void
  readonly size: number
}

export function createRecentlyUsed<Value>(capacity: number): RecentlyUsed<Value> {
  // A Map keeps the order in which keys were set.
  const entries = new Map<string, Value>()
  const put = (key: string, value: Value) => {
    entries.delete(key)
    entries.set(key, value)
    const [oldest] = entries.keys()
    if (entries.size > capacity && oldest !== undefined) entries.delete(oldest)
  }
  return {
    get(key) {
      const value = entries.get(key)
      if (value !== undefined) put(key, value)
      return value
    },
    set: put,
    drop(key, value) {
      if (entries.get(key) === value) entries.delete(key)
    },
    dropWhere(holds) {
      for (const [key, value] of entries) if (holds(value)) entries.delete(key)
    },
    get size() {
      return entries.size
    },
  }
}
