/**
 * Changes of projects: added, set, removed, each with its routes and its entry in src/projects/changes.ts, all or nothing.
 */
import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { type ChangeContext, changeItemOf } from './changes.ts'
import { configurationSetOf } from './connection.ts'
import { connectionFacet } from './connection-item.ts'
import { type Project, type ProjectInput, ProjectSettingsError, readProject } from './project.ts'
import { directoryKey, findStoredProject, noSuchProject, type StoredProject, settingsFacet } from './projects.ts'
import { routeKey, wholeAccount } from './routes.ts'
import { claimOf, conflict, type Parts, releaseOf, retryOnConflict, transact } from './transaction.ts'

export type ProjectChanges = ReturnType<typeof createProjectChanges>

/** @param table the projects table */
export function createProjectChanges(dynamodb: DynamoDBClient, table: string) {
  const read = (id: string) => findStoredProject(dynamodb, table, id)

  /** The settings, if they still are what was read. An id stays with its account, also when the project is removed. */
  const write = (project: Project, previous: StoredProject | undefined): TransactWriteItem => ({
    Put: {
      TableName: table,
      Item: {
        id: { S: project.id },
        facet: { S: settingsFacet },
        account: { S: project.account },
        settings: { S: JSON.stringify(project) },
      },
      ConditionExpression: `(attribute_not_exists(id) OR account = :account) AND ${
        previous ? 'settings = :previous' : 'attribute_not_exists(settings)'
      }`,
      ExpressionAttributeValues: {
        ':account': { S: project.account },
        ...(previous && { ':previous': { S: previous.text } }),
      },
    },
  })

  const takeRoute = ({ id, account }: Project, facet: string) =>
    claimOf(table, { id: { S: routeKey(account) }, facet: { S: facet }, project: { S: id } })
  const leaveRoute = ({ id, account }: Project, facet: string) => releaseOf(table, routeKey(account), facet, id)

  /** Writes what `next` makes of the settings, with the routes that come and go. Repeating it changes nothing. */
  const change = (
    id: string,
    what: string,
    occasion: ChangeContext,
    next: (previous: Project | undefined) => Project,
  ) =>
    retryOnConflict(id, async () => {
      const previous = await read(id)
      const project = next(previous?.project)
      if (previous && JSON.stringify(previous.project) === JSON.stringify(project)) return project
      const wanted = facetsOf(project)
      const left = previous ? facetsOf(previous.project).filter((facet) => !wanted.includes(facet)) : []
      const refused = await transact(dynamodb, {
        settings: write(project, previous),
        listed: { Put: { TableName: table, Item: { id: { S: directoryKey }, facet: { S: id } } } },
        change: changeItemOf(table, id, occasion, what, fieldsOf(project)),
        ...routes(wanted, (facet) => takeRoute(project, facet)),
        // The route of its own configuration set belongs to its connection.
        ...routes(
          left.filter((facet) => facet !== configurationSetOf(id)),
          (facet) => leaveRoute(project, facet),
        ),
      })
      if (refused === conflict) return conflict
      const route = wanted.find((facet) => refused.has(routeOf(facet)))
      if (route !== undefined) throw ownedByAnother(project, route)
      if (refused.has('settings') && !(await read(id)) && !previous) throw takenId(id)
      return refused.size > 0 ? conflict : project
    })

  return {
    /**
     * Adds a project with its routes, or more routes to a project, all or nothing. Repeating it changes nothing.
     * @throws ProjectSettingsError if a setting is wrong, the id is taken, or another project owns the account or configuration set
     */
    async add(asked: ProjectInput, occasion: ChangeContext): Promise<Project> {
      const project = readProject(asked)
      return change(project.id, 'project added', occasion, (previous) => {
        if (!previous) return project
        if (previous.account !== project.account) throw takenId(project.id)
        const { rules = previous.rules } = asked
        return readProject({ ...previous, ...project, rules, configurationSets: union(previous, project) })
      })
    },

    /**
     * Puts other settings in the place of those that are named; routes that it no longer owns are given up.
     * @throws ProjectSettingsError if a setting is wrong, there is no such project, or another project owns a configuration set
     */
    async set(id: string, settings: Omit<ProjectInput, 'id' | 'account'>, occasion: ChangeContext) {
      return change(id, 'settings changed', occasion, (previous) => {
        if (!previous) throw noSuchProject(id)
        const { configurationSets = previous.configurationSets, rules = previous.rules } = settings
        const { suppressedReasons = previous.suppressedReasons } = settings
        return readProject({
          ...previous,
          configurationSets,
          rules,
          ...(suppressedReasons && { suppressedReasons }),
        })
      })
    },

    /**
     * Removes a project with its routes. Its suppression list and its history stay, and its id stays with its account: so nobody
     * inherits them. Repeating it changes nothing.
     * @returns what was removed; `undefined` if there was nothing
     * @throws ProjectSettingsError if it is connected
     */
    async remove(id: string, occasion: ChangeContext): Promise<Project | undefined> {
      return retryOnConflict(id, async () => {
        const stored = await read(id)
        if (!stored) return undefined
        const { project, text } = stored
        const refused = await transact(dynamodb, {
          settings: {
            Update: {
              TableName: table,
              Key: { id: { S: id }, facet: { S: settingsFacet } },
              UpdateExpression: 'SET removedAt = :at REMOVE settings',
              ConditionExpression: 'settings = :previous',
              ExpressionAttributeValues: { ':at': { S: occasion.at.toISOString() }, ':previous': { S: text } },
            },
          },
          connection: {
            ConditionCheck: {
              TableName: table,
              Key: { id: { S: id }, facet: { S: connectionFacet } },
              ConditionExpression: 'attribute_not_exists(id)',
            },
          },
          listed: { Delete: { TableName: table, Key: { id: { S: directoryKey }, facet: { S: id } } } },
          change: changeItemOf(table, id, occasion, 'project removed', { account: project.account }),
          ...routes(facetsOf(project), (facet) => leaveRoute(project, facet)),
        })
        if (refused === conflict) return conflict
        if (refused.has('connection')) {
          throw new ProjectSettingsError('project', `${id} is connected: sesame disconnect ${id} first`)
        }
        return refused.size > 0 ? conflict : project
      })
    },
  }
}

/** A part of a transaction that holds only while there is the project, and of that account. */
export const ifProjectOf = (table: string, id: string, account: string): TransactWriteItem => ({
  ConditionCheck: {
    TableName: table,
    Key: { id: { S: id }, facet: { S: settingsFacet } },
    ConditionExpression: 'attribute_exists(settings) AND account = :account',
    ExpressionAttributeValues: { ':account': { S: account } },
  },
})

const facetsOf = ({ configurationSets }: Project) => (configurationSets.length > 0 ? configurationSets : [wholeAccount])

const routeOf = (facet: string) => `route ${facet}`
const routes = (facets: readonly string[], part: (facet: string) => TransactWriteItem): Parts =>
  Object.fromEntries(facets.map((facet) => [routeOf(facet), part(facet)]))

const fieldsOf = ({ account, configurationSets, rules }: Project) => ({
  account,
  configurationSets: configurationSets.join(', '),
  rules: JSON.stringify(rules),
})

/** A project that owns the whole account owns every configuration set in it. */
const union = (one: Project, other: Project): string[] =>
  one.configurationSets.length > 0 && other.configurationSets.length > 0
    ? [...new Set([...one.configurationSets, ...other.configurationSets])]
    : []

const takenId = (id: string) => new ProjectSettingsError('id', `${id} is taken by a project of another account`)

function ownedByAnother({ account }: Project, facet: string) {
  const what = facet === wholeAccount ? account : `${account} with configuration set ${facet}`
  return new ProjectSettingsError('account', `${what} belongs to another project`)
}
