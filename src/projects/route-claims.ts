/**
 * Which claims to an account's events count as routes.
 *
 *     id                    facet         holds
 *     account#111122223333  proven        projects: those with a proven connection to the account
 *     route#111122223333    newsletter    project, isProven
 *
 * A project claims configuration sets of an account, a tenant, or the whole account. Anyone who may add a project can name any account. So a
 * claim counts once a connection of the project to the account is proven, or if the account is Sesame's own. Before that, it counts only if
 * the caller vouches for it, no other project claims the same, and no project has proven the account. A proof takes such claims away:
 * docs/design/projects.md#when-does-a-claim-to-an-account-count
 */
import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { configurationSetOf } from './connection.ts'
import { connectionFacet } from './connection-item.ts'
import { type Project, ProjectSettingsError } from './project.ts'
import { routeKey, tenantFacetOf, wholeAccount } from './routes.ts'
import { findItem, keyOf, queryPages } from './table.ts'
import { claimOf, conflict, type Parts, releaseOf, retryOnConflict, transact } from './transaction.ts'

/** `vouched`: the caller says that the account belongs to the project. `claimed`: someone has named the account, and no more is known. */
export type Standing = 'own account' | 'vouched' | 'claimed'

const provenFacet = 'proven'
const provenKey = (account: string): string => `account#${account}`

/** The facets of the routes that a project claims. */
export function facetsOf({ configurationSets, tenant }: Project): string[] {
  const named = [...configurationSets, ...(tenant === undefined ? [] : [tenantFacetOf(tenant)])]
  return named.length > 0 ? named : [wholeAccount]
}

const routePartOf = (facet: string) => `route ${facet}`

/** DynamoDB accepts 100 parts in a transaction. */
const partsAtOnce = 50

/** @param table the projects table */
export function createRouteClaims(dynamodb: DynamoDBClient, table: string) {
  const provenIn = async (account: string): Promise<readonly string[]> =>
    (await findItem(dynamodb, table, provenKey(account), provenFacet))?.projects?.SS ?? []

  async function holderOf(account: string, facet: string): Promise<Holder | undefined> {
    const { project, isProven } = (await findItem(dynamodb, table, routeKey(account), facet)) ?? {}
    return project?.S === undefined ? undefined : { project: project.S, isProven: isProven?.BOOL === true }
  }

  /** A connection of version 0.2.0 was proven, but its routes do not say so until its next proof. */
  const isConnected = async (project: string): Promise<boolean> =>
    (await findItem(dynamodb, table, project, connectionFacet))?.provenAt !== undefined

  const itemOf = ({ id, account }: Project, facet: string) => ({
    ...keyOf(routeKey(account), facet),
    project: { S: id },
  })
  const proven = { isProven: { BOOL: true } }

  /** Puts a route that counts in place of a claim that does not. Idempotent. */
  const takeOver = (project: Project, facet: string, holder: Holder | undefined): TransactWriteItem =>
    holder === undefined || holder.project === project.id
      ? claimOf(table, { ...itemOf(project, facet), ...proven })
      : {
          Put: {
            TableName: table,
            Item: { ...itemOf(project, facet), ...proven },
            ConditionExpression: '#project = :holder AND attribute_not_exists(isProven)',
            ExpressionAttributeNames: { '#project': 'project' },
            ExpressionAttributeValues: { ':holder': { S: holder.project } },
          },
        }

  /** Adds or removes the project in the list of those that have proven the account. Idempotent: the list is a set. */
  const notedProof = (verb: 'ADD' | 'DELETE', account: string, project: string): TransactWriteItem => ({
    Update: {
      TableName: table,
      Key: keyOf(provenKey(account), provenFacet),
      UpdateExpression: `${verb} projects :one`,
      ExpressionAttributeValues: { ':one': { SS: [project] } },
    },
  })

  /** Removes the claims of others that nothing proves. Idempotent. */
  async function removeUnproven({ id, account }: Project): Promise<void> {
    const connected = new Map<string, Promise<boolean>>()
    for await (const items of queryPages(dynamodb, table, routeKey(account), { pageSize: partsAtOnce })) {
      const parts: Record<string, TransactWriteItem> = {}
      for (const { facet, project, isProven } of items) {
        if (!facet?.S || !project?.S || project.S === id || isProven?.BOOL === true) continue
        const owner = connected.get(project.S) ?? isConnected(project.S)
        connected.set(project.S, owner)
        if (!(await owner)) parts[routePartOf(facet.S)] = removalOf(table, account, facet.S, project.S)
      }
      // A part that is refused has become a route that counts: the others are removed with the next proof.
      if (Object.keys(parts).length > 0) await retryOnConflict(id, () => transact(dynamodb, parts))
    }
  }

  async function heldParts(project: Project, facets: readonly string[], part: (facet: string) => TransactWriteItem) {
    const holders = await Promise.all(facets.map((facet) => holderOf(project.account, facet)))
    return partsOf(
      facets.filter((_, i) => holders[i]?.project === project.id),
      part,
    )
  }

  return {
    provenIn,

    /**
     * The parts of a transaction that claim the routes of a project. Without a proof, they are those that count until another project has one.
     * @throws ProjectSettingsError if a project with a better standing has one of them
     */
    async partsFor(project: Project, standing: Standing, facets = facetsOf(project)): Promise<Parts> {
      const { id, account } = project
      const provers = await provenIn(account)
      const counts = standing === 'own account' || provers.includes(id)
      const free: string[] = []
      for (const facet of facets) {
        const holder = await holderOf(account, facet)
        if (holder === undefined || holder.project === id) free.push(facet)
        else if (counts || holder.isProven) throw foreignRouteError(project, facet)
      }
      if (counts) return partsOf(free, (facet) => claimOf(table, { ...itemOf(project, facet), ...proven }))
      if (standing === 'claimed' || provers.length > 0 || free.length === 0) return {}
      const check = {
        TableName: table,
        Key: keyOf(provenKey(account), provenFacet),
        ConditionExpression: 'attribute_not_exists(projects)',
      }
      return {
        unproven: { ConditionCheck: check },
        ...partsOf(free, (facet) => claimOf(table, itemOf(project, facet))),
      }
    },

    /**
     * Makes the claims of a project count, after a proof of its connection has passed, and removes those of others that nothing proves. A route
     * of another project with a proven connection stays. Idempotent.
     * @throws SettingsBusyError
     */
    async confirm(project: Project): Promise<void> {
      const { id, account } = project
      await retryOnConflict(id, async () => {
        const parts: Record<string, TransactWriteItem> = { proven: notedProof('ADD', account, id) }
        for (const facet of new Set([...facetsOf(project), configurationSetOf(id)])) {
          const holder = await holderOf(account, facet)
          const isForeign = holder !== undefined && holder.project !== id
          if (isForeign && (holder.isProven || (await isConnected(holder.project)))) continue
          parts[routePartOf(facet)] = takeOver(project, facet, holder)
        }
        const refused = await transact(dynamodb, parts)
        return refused === conflict || refused.size > 0 ? conflict : undefined
      })
      await removeUnproven(project)
    },

    /** The claims of a project that do not count yet. */
    async waitingOf(project: Project): Promise<string[]> {
      const facets = facetsOf(project)
      const holders = await Promise.all(facets.map((facet) => holderOf(project.account, facet)))
      return facets.filter((_, i) => holders[i]?.project !== project.id)
    },

    /** The parts of a transaction that release routes of a project. Routes of other projects are left out. */
    releasesOf: (project: Project, facets: readonly string[]): Promise<Parts> =>
      heldParts(project, facets, (facet) => releaseOf(table, routeKey(project.account), facet, project.id)),

    /** The parts of a transaction that take the proof back when a project is disconnected. A claim that was vouched for stays as such. */
    async partsWithoutProof(project: Project, isVouched: boolean): Promise<Parts> {
      const { id, account } = project
      const own = configurationSetOf(id)
      const facets = [...new Set([...facetsOf(project), own])]
      return {
        proven: notedProof('DELETE', account, id),
        ...(await heldParts(project, facets, (facet) =>
          isVouched && facet !== own
            ? claimOf(table, itemOf(project, facet))
            : releaseOf(table, routeKey(account), facet, id),
        )),
      }
    },
  }
}

type Holder = { readonly project: string; readonly isProven: boolean }

const partsOf = (facets: readonly string[], part: (facet: string) => TransactWriteItem): Parts =>
  Object.fromEntries(facets.map((facet) => [routePartOf(facet), part(facet)]))

/** Removes a claim that does not count by a proof. Idempotent. */
const removalOf = (table: string, account: string, facet: string, project: string): TransactWriteItem => ({
  Delete: {
    TableName: table,
    Key: keyOf(routeKey(account), facet),
    ConditionExpression: 'attribute_not_exists(id) OR (#project = :project AND attribute_not_exists(isProven))',
    ExpressionAttributeNames: { '#project': 'project' },
    ExpressionAttributeValues: { ':project': { S: project } },
  },
})

function foreignRouteError({ account }: Project, facet: string) {
  const [kind, tenant] = facet.split('#')
  const named = tenant === undefined ? `configuration set ${facet}` : `${kind} ${tenant}`
  const what = facet === wholeAccount ? account : `${account} with ${named}`
  return new ProjectSettingsError('account', `${what} belongs to another project`)
}
