/**
 * Caches the routes of accounts, so that a warm function attributes events without reading the table.
 *
 * A configuration set that the cached routes do not name is looked up once more, because its project may have been connected after they
 * were read. Without that, its events would go to the project of the whole account, or to none.
 */
import { createRecentlyUsed } from '../recently-used.ts'

/** The routes of one account. */
export type AccountRoutes = {
  /** The project of events with this configuration set, or with none. */
  readonly ownerOf: (configurationSet: string | undefined) => string | undefined
  /** Whether a route exists for this very configuration set. */
  readonly names: (configurationSet: string) => boolean
  /** The number of routes. */
  readonly size: number
}

/** `lookedUp`: the configuration sets without a route that were looked up already, so that each is looked up once. */
type Cached = { readonly routes: Promise<AccountRoutes>; readonly readAtMs: number; readonly lookedUp: Set<string> }

/** Cache TTL of an account's routes. It is shorter where an event has no owner, because its project may be about to be added. */
const ttlMs = { owned: 5 * 60_000, unowned: 10_000 }

/** Limited, so that an account cannot fill the memory of the function with invented configuration sets. */
const maxLookedUp = 1_000

/**
 * @param read reads the routes of an account from the table
 * @param capacity the number of routes to cache. The account that was used least recently is forgotten first
 * @returns a function that finds the routes for an event by its account and configuration set
 */
export function createRouteCache(
  read: (account: string) => Promise<AccountRoutes>,
  now: () => Date,
  capacity: number,
): (account: string, configurationSet: string | undefined) => Promise<AccountRoutes> {
  const cache = createRecentlyUsed<Cached>(capacity)

  /** Reads an account again. Concurrent callers share the read. A failed read is not cached. */
  function refresh(account: string, lookedUp: Set<string>): Cached {
    const cached = { routes: read(account), readAtMs: now().getTime(), lookedUp }
    cache.set(account, cached)
    cached.routes.then(
      ({ size }) => cache.weigh(account, cached, 1 + size + lookedUp.size),
      () => cache.drop(account, cached),
    )
    return cached
  }

  const isOlderThan = ({ readAtMs }: Cached, limitMs: number) => now().getTime() >= readAtMs + limitMs

  return async (account, configurationSet) => {
    const known = cache.get(account)
    const cached =
      known && !isOlderThan(known, ttlMs.owned) ? known : refresh(account, withSet(new Set(), configurationSet))
    const routes = await cached.routes
    const { lookedUp } = cached
    const isNew = configurationSet !== undefined && !routes.names(configurationSet) && !lookedUp.has(configurationSet)
    const isStale = routes.ownerOf(configurationSet) === undefined && isOlderThan(cached, ttlMs.unowned)
    if (!isNew && !isStale) return routes
    const latest = cache.get(account)
    const isInProgress = latest !== cached && (configurationSet === undefined || latest?.lookedUp.has(configurationSet))
    return (isInProgress && latest ? latest : refresh(account, withSet(lookedUp, configurationSet))).routes
  }
}

const withSet = (lookedUp: ReadonlySet<string>, configurationSet: string | undefined): Set<string> =>
  new Set([
    ...(lookedUp.size < maxLookedUp ? lookedUp : []),
    ...(configurationSet === undefined ? [] : [configurationSet]),
  ])
