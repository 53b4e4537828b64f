/**
 * Caches lookups of routes, so that a warm function attributes events without reading the table.
 *
 * Lookups that found a project and lookups that found none are kept apart. Whoever invents configuration sets can only displace other
 * lookups that found none, and each invented set costs one small read.
 */
import { createRecentlyUsed } from '../recently-used.ts'

/** `owner`: the id of the project, or `undefined` if there is no such route. */
type Lookup = { readonly owner: string | undefined; readonly readAtMs: number }

/** Cache TTL of a lookup. */
export const routeTtlMs = 5 * 60_000

/** Lookups that found none are kept up to this number, some 2 MB. */
const maxWithoutOwner = 10_000

/**
 * @param read reads the owner of a route from the table
 * @param capacity the number of routes to cache. The one that was used least recently is forgotten first
 * @returns a function that finds the owner of a route. A lookup that found none is repeated when it is older than `maxAgeMs`
 */
export function createRouteCache(
  read: (account: string, facet: string) => Promise<string | undefined>,
  now: () => Date,
  capacity: number,
): (account: string, facet: string, maxAgeMs: number) => Promise<string | undefined> {
  const owned = createRecentlyUsed<Lookup>(capacity)
  const withoutOwner = createRecentlyUsed<Lookup>(Math.min(capacity, maxWithoutOwner))
  /** Concurrent callers share a read. A failed read is not cached. */
  const inProgress = new Map<string, Promise<string | undefined>>()

  async function readAndKeep(key: string, account: string, facet: string): Promise<string | undefined> {
    const readAtMs = now().getTime()
    try {
      const owner = await read(account, facet)
      const lookup = { owner, readAtMs }
      if (owner === undefined) withoutOwner.set(key, lookup)
      else owned.set(key, lookup)
      return owner
    } finally {
      inProgress.delete(key)
    }
  }

  return async (account, facet, maxAgeMs) => {
    const key = `${account} ${facet}`
    const isFresh = ({ readAtMs }: Lookup, limitMs: number) => now().getTime() < readAtMs + limitMs
    const known = owned.get(key)
    if (known && isFresh(known, routeTtlMs)) return known.owner
    const missing = withoutOwner.get(key)
    if (missing && isFresh(missing, maxAgeMs)) return undefined
    if (known) owned.drop(key, known)
    const reading = inProgress.get(key) ?? readAndKeep(key, account, facet)
    inProgress.set(key, reading)
    return reading
  }
}
