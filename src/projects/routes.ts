/**
 * Routes: which project an event belongs to, by what SES attests, the sending account and the configuration set.
 *
 * A route is an item of the projects table, `route#<account>` / `<configuration set>`, or `*` for the whole account. The route of the
 * configuration set takes precedence over that of the account. Feedback notifications name no configuration set: they belong to the only
 * project of the account, if it has exactly one. An event that no project owns is refused and never given to some project.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { SesEvent } from '../intake/event.ts'
import { type AccountRoutes, createRouteCache } from './route-cache.ts'
import { queryItems } from './table.ts'
import { UnownedEventError } from './unowned-event-error.ts'

/** Facet of the route that owns every event of an account that no other route owns. */
export const wholeAccount = '*'

/** Partition key of an account's routes. A role can be limited to keys with this prefix. */
export const routeKey = (account: string): string => `route#${account}`

/**
 * @param table the projects table
 * @param capacity the number of routes to cache: 50,000 take some 10 MB
 */
export function createRoutes(dynamodb: DynamoDBClient, table: string, now: () => Date, capacity = 50_000) {
  async function read(account: string): Promise<AccountRoutes> {
    const routes = new Map<string, string>()
    for await (const { facet, project } of queryItems(dynamodb, table, routeKey(account), { isConsistent: false }))
      if (facet?.S && project?.S) routes.set(facet.S, project.S)
    return accountRoutesOf(routes)
  }

  const routesFor = createRouteCache(read, now, capacity)

  return {
    /**
     * The project that an event belongs to.
     * @throws UnownedEventError if no project owns the account or its configuration set
     */
    async ownerOf({ mail }: SesEvent): Promise<string> {
      const { sendingAccountId: account, configurationSet } = mail
      const project = account && (await routesFor(account, configurationSet)).ownerOf(configurationSet)
      if (!project) throw new UnownedEventError({ account, configurationSet })
      return project
    },
  }
}

/** @param routes configuration set, or `*`, → project */
function accountRoutesOf(routes: ReadonlyMap<string, string>): AccountRoutes {
  const projects = new Set(routes.values())
  const [only] = projects
  const ownerWithoutSet = routes.get(wholeAccount) ?? (projects.size === 1 ? only : undefined)
  return {
    ownerOf: (set) => (set === undefined ? ownerWithoutSet : (routes.get(set) ?? routes.get(wholeAccount))),
    names: (set) => routes.has(set),
    size: routes.size,
  }
}
