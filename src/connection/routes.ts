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

type Routes = ReadonlyMap<string, string>
type Cached = { readonly routes: Promise<Routes>; readonly until: number }

/** How long routes are believed. Of an account without one, only briefly: its project may be about to be added. */
const believed = { known: 5 * 60_000, unknown: 10_000 }

/** Accounts remembered at most; the one that was used longest ago is forgotten first. */
const capacity = 20_000

/** @param table the projects table: partition key `id`, sort key `facet` */
export function routesFrom(dynamodb: DynamoDBClient, table: string, now: () => Date) {
  const cache = new Map<string, Cached>()

  async function read(account: string): Promise<Routes> {
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
    return routes
  }

  /** One read for all who ask at once; a failed one is forgotten. */
  function routesOf(account: string): Promise<Routes> {
    const time = now().getTime()
    const known = cache.get(account)
    cache.delete(account)
    const fresh = known && known.until > time ? known : { routes: read(account), until: time + believed.known }
    cache.set(account, fresh)
    if (fresh !== known) {
      fresh.routes.then(
        (routes) => routes.size === 0 && cache.set(account, { ...fresh, until: time + believed.unknown }),
        () => cache.delete(account),
      )
    }
    const [oldest] = cache.keys()
    if (cache.size > capacity && oldest !== undefined) cache.delete(oldest)
    return fresh.routes
  }

  return {
    /**
     * The project that an event belongs to.
     * @throws UnownedEventError if no project owns the account or its configuration set
     */
    async ownerOf({ mail }: SesEvent): Promise<string> {
      const { sendingAccountId: account, configurationSet } = mail
      const routes = account ? await routesOf(account) : undefined
      const project = routes && ownerIn(routes, configurationSet)
      if (!project) throw new UnownedEventError({ account, configurationSet })
      return project
    },
  }
}

function ownerIn(routes: Routes, configurationSet: string | undefined): string | undefined {
  if (configurationSet !== undefined) return routes.get(configurationSet) ?? routes.get(wholeAccount)
  const projects = new Set(routes.values())
  const [only] = projects
  return routes.get(wholeAccount) ?? (projects.size === 1 ? only : undefined)
}
