/** A cache of limited capacity. When it is full, it forgets the entries that were used least recently (LRU). */
export type RecentlyUsed<Value> = {
  get(key: string): Value | undefined
  /** Stores a value of weight 1. */
  set(key: string, value: Value): void
  /** Sets the weight of a value, if the key still has this very value. */
  weigh(key: string, value: Value, weight: number): void
  /** Forgets the key if it still has this very value. */
  drop(key: string, value: Value): void
  dropWhere(matches: (value: Value) => boolean): void
  readonly size: number
}

type Entry<Value> = { readonly value: Value; weight: number }

/** @param capacity the sum of all weights that is kept: the number of entries, unless their weights are set */
export function createRecentlyUsed<Value>(capacity: number): RecentlyUsed<Value> {
  // A Map keeps the order in which keys were set: the least recently used come first.
  const entries = new Map<string, Entry<Value>>()
  let total = 0

  function remove(key: string): void {
    total -= entries.get(key)?.weight ?? 0
    entries.delete(key)
  }

  /** Removes the least recently used entries until the rest fits, or `kept` is the first. */
  function makeRoom(kept: string): void {
    for (const key of entries.keys()) {
      if (total <= capacity || key === kept) return
      remove(key)
    }
  }

  return {
    get(key) {
      const entry = entries.get(key)
      if (!entry) return undefined
      entries.delete(key)
      entries.set(key, entry)
      return entry.value
    },
    set(key, value) {
      remove(key)
      entries.set(key, { value, weight: 1 })
      total += 1
      makeRoom(key)
    },
    weigh(key, value, weight) {
      const entry = entries.get(key)
      if (entry?.value !== value) return
      total += weight - entry.weight
      entry.weight = weight
      makeRoom(key)
    },
    drop(key, value) {
      if (entries.get(key)?.value === value) remove(key)
    },
    dropWhere(matches) {
      for (const [key, { value }] of entries) if (matches(value)) remove(key)
    },
    get size() {
      return entries.size
    },
  }
}
