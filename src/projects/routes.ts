/**
 * Routes: which project an event belongs to, by what SES attests: the sending account and the configuration set.
 *
 * A route is an item of the projects table, `route#<account>` / `<configuration set>`, or `*` for the whole account. The route of the
 * configuration set goes before that of the account. Feedback notifications name no configuration set: they belong to the account's only
 * project, if it has but one. An event that no project owns is refused, never given to some project.
 */
import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import type { SesEvent } from '../intake/event.ts'
import { UnownedEventError } from './unowned-event-error.ts'

/** Facet of the route that owns whatever of an account no other route owns. */
export const wholeAccount = '*'

/** Partition key of an account's routes. A role can be narrowed to keys with this prefix. */
export const routeKey = (account: string): string => `route#${account}`

/** What is known of one account. */
type Known = {
  readonly ownerOf: (configurationSet: string | undefined) => string | undefined
  readonly names: (configurationSet: string) => boolean
  readonly size: number
}

/** `asked`: the configuration sets that were missed in it: none is looked for twice. */
type Cached = { readonly known: Promise<Known>; readonly at: number; readonly asked: Set<string>; weight: number }

/** How long routes are believed. That there is none, only briefly: its project may be about to be added. */
const believed = { owned: 5 * 60_000, unowned: 10_000 }

/**
 * @param table the projects table: partition key `id`, sort key `facet`
 * @param capacity routes remembered at most (some 10 MB); the account that was used longest ago is forgotten first
 */
export function createRoutes(dynamodb: DynamoDBClient, table: string, now: () => Date, capacity = 50_000) {
  const cache = new Map<string, Cached>()
  let weight = 0

  async function read(account: string): Promise<Known> {
    const pages = paginateQuery(
      { client: dynamodb },
      {
        TableName: table,
        KeyConditionExpression: 'id = :account',
        ExpressionAttributeValues: { ':account': { S: routeKey(account) } },
      },
    )
    const routes = new Map<string, string>()
    for await (const { Items = [] } of pages)
      for (const { facet, project } of Items) if (facet?.S && project?.S) routes.set(facet.S, project.S)
    return knownOf(routes)
  }

  function forget(account: string, cached: Cached): void {
    if (cache.get(account) !== cached) return
    cache.delete(account)
    weight -= cached.weight
  }

  function weigh(account: string, cached: Cached, size: number): void {
    if (cache.get(account) !== cached) return
    weight += size - cached.weight
    cached.weight = size
    for (const [oldest, its] of cache) {
      if (weight <= capacity || oldest === account) break
      forget(oldest, its)
    }
  }

  /** Reads an account anew; whoever asks meanwhile gets the same answer. A failed read is forgotten. */
  function refresh(account: string, asked: Set<string>): Cached {
    const before = cache.get(account)
    if (before) forget(account, before)
    const cached = { known: read(account), at: now().getTime(), asked, weight: 0 }
    cache.set(account, cached)
    weigh(account, cached, 1)
    cached.known.then(
      ({ size }) => weigh(account, cached, 1 + size + asked.size),
      () => forget(account, cached),
    )
    return cached
  }

  function cachedOf(account: string, configurationSet: string | undefined): Cached {
    const cached = cache.get(account)
    if (!cached || now().getTime() >= cached.at + believed.owned)
      return refresh(account, withSet(new Set(), configurationSet))
    // Put at the end: used last.
    cache.delete(account)
    cache.set(account, cached)
    return cached
  }

  /**
   * A configuration set that the routes do not name is looked for once more, since its project may have been connected after they were
   * read: else its events would go to the project of the whole account, or to none.
   */
  async function ownerIn(account: string, configurationSet: string | undefined): Promise<string | undefined> {
    const cached = cachedOf(account, configurationSet)
    const known = await cached.known
    const owner = known.ownerOf(configurationSet)
    const { asked, at } = cached
    const isNew = configurationSet !== undefined && !known.names(configurationSet) && !asked.has(configurationSet)
    const isStale = owner === undefined && now().getTime() >= at + believed.unowned
    if (!isNew && !isStale) return owner
    const latest = cache.get(account)
    const isUnderWay = latest !== cached && (configurationSet === undefined || latest?.asked.has(configurationSet))
    const anew = isUnderWay && latest ? latest : refresh(account, withSet(asked, configurationSet))
    return (await anew.known).ownerOf(configurationSet)
  }

  return {
    /**
     * The project that an event belongs to.
     * @throws UnownedEventError if no project owns the account or its configuration set
     */
    async ownerOf({ mail }: SesEvent): Promise<string> {
      const { sendingAccountId: account, configurationSet } = mail
      const project = account && (await ownerIn(account, configurationSet))
      if (!project) throw new UnownedEventError({ account, configurationSet })
      return project
    },
  }
}

/** Sets that are missed are remembered up to a number: an account cannot fill our memory with them. */
const withSet = (asked: ReadonlySet<string>, one: string | undefined): Set<string> =>
  new Set([...(asked.size < 1_000 ? asked : []), ...(one === undefined ? [] : [one])])

function knownOf(routes: ReadonlyMap<string, string>): Known {
  const projects = new Set(routes.values())
  const [only] = projects
  const unnamed = routes.get(wholeAccount) ?? (projects.size === 1 ? only : undefined)
  return {
    ownerOf: (set) => (set === undefined ? unnamed : (routes.get(set) ?? routes.get(wholeAccount))),
    names: (set) => routes.has(set),
    size: routes.size,
  }
}
