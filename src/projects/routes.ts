/**
 * Routes: which project an event belongs to, by what SES attests, the sending account and the configuration set.
 *
 * A route is an item of the projects table, `route#<account>` / `<configuration set>`, `tenant#<tenant>`, or `*` for the whole account. The
 * route of the tenant takes precedence over that of the configuration set, and that over the account's. src/projects/route-claims.ts says when
 * a project's claim becomes a route. Feedback notifications name no configuration set: they belong to the only
 * project of the account, if it has exactly one. An event that no project owns is refused and never given to some project.
 *
 * Each route is looked up by its key. So the cost of an event does not depend on the number of routes of its account.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { SesEvent } from '../intake/event.ts'
import { createRouteCache, routeTtlMs } from './route-cache.ts'
import { findItem, queryPages } from './table.ts'
import { UnownedEventError } from './unowned-event-error.ts'

/** Facet of the route that owns every event of an account that no other route owns. */
export const wholeAccount = '*'

/** Facet of the route that owns the events of a tenant of SES. No configuration set has a `#` in its name. */
export const tenantFacetOf = (tenant: string): string => `tenant#${tenant}`

/** Stands for the only project of an account. No configuration set is empty. */
const onlyProject = ''

/** Partition key of an account's routes. A role can be limited to keys with this prefix. */
export const routeKey = (account: string): string => `route#${account}`

/** More routes than one project can have: so many routes of an account show whether it has more than one project. */
const routesOfMoreThanOneProject = 100

/** An event without an owner is looked up again after this time, because its project may be about to be added. */
const unownedTtlMs = 10_000

/** What SES says about a mail beside its account. */
type Named = { readonly configurationSet: string | undefined; readonly tenant: string | undefined }

/**
 * @param table the projects table
 * @param capacity the number of routes to cache: 50,000 take some 10 MB
 */
export function createRoutes(dynamodb: DynamoDBClient, table: string, now: () => Date, capacity = 50_000) {
  async function findOnlyProject(account: string): Promise<string | undefined> {
    for await (const routes of queryPages(dynamodb, table, routeKey(account), {
      pageSize: routesOfMoreThanOneProject,
    })) {
      // A project that owns a tenant only does not own the events without one.
      const named = routes.filter(({ facet }) => !facet?.S?.startsWith(tenantFacetOf('')))
      const projects = new Set(named.map(({ project }) => project?.S))
      return projects.size === 1 ? [...projects][0] : undefined
    }
    return undefined
  }

  const readOwner = async (account: string, facet: string): Promise<string | undefined> =>
    facet === onlyProject
      ? findOnlyProject(account)
      : (await findItem(dynamodb, table, routeKey(account), facet))?.project?.S

  const ownerOfRoute = createRouteCache(readOwner, now, capacity)

  const find = async (account: string, { configurationSet, tenant }: Named, maxAgeMs: number) =>
    (tenant !== undefined && (await ownerOfRoute(account, tenantFacetOf(tenant), maxAgeMs))) ||
    (configurationSet !== undefined && (await ownerOfRoute(account, configurationSet, maxAgeMs))) ||
    (await ownerOfRoute(account, wholeAccount, maxAgeMs)) ||
    (configurationSet === undefined ? ownerOfRoute(account, onlyProject, maxAgeMs) : undefined)

  return {
    /**
     * The project that an event belongs to.
     * @throws UnownedEventError if no project owns the account or its configuration set
     */
    async ownerOf({ mail }: SesEvent): Promise<string> {
      const { sendingAccountId: account, configurationSet, tenant } = mail
      const named = { configurationSet, tenant }
      const project =
        account && ((await find(account, named, routeTtlMs)) ?? (await find(account, named, unownedTtlMs)))
      if (!project) throw new UnownedEventError({ account, configurationSet })
      return project
    },
  }
}
