/**
 * The projects table: settings of each project, and the routes that lead events to it.
 *
 *     id                  facet                 holds
 *     acme                settings              account, configurationSets, rules
 *     route#111122223333  sesame-acme (or *)    project
 */
import {
  type AttributeValue,
  type DynamoDBClient,
  paginateScan,
  QueryCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { type Project, ProjectSettingsError, readProject } from './project.ts'
import { routeKey, wholeAccount } from './routes.ts'

const settings = 'settings'

/** @param table the projects table: partition key `id`, sort key `facet` */
export function projectsIn(dynamodb: DynamoDBClient, table: string) {
  /** Repeating it changes nothing: the item of the same owner is put again as it is. */
  const put = (item: Record<string, string>, isOurs: string, same: string): TransactWriteItem => ({
    Put: {
      TableName: table,
      Item: Object.fromEntries(Object.entries(item).map(([name, value]) => [name, { S: value }])),
      ConditionExpression: `attribute_not_exists(id) OR ${isOurs}`,
      ExpressionAttributeValues: { ':same': { S: same } },
    },
  })

  return {
    /**
     * Adds a project with its routes, or more routes to a project, all or nothing. Repeating it changes nothing.
     * @throws ProjectSettingsError if a setting is wrong, the id is taken, or another project owns the account or configuration set
     */
    async add(project: Project): Promise<void> {
      const { id, account, configurationSets } = readProject(project)
      const facets = configurationSets.length > 0 ? configurationSets : [wholeAccount]
      const isOurs = { id: 'account = :same', route: 'project = :same' }
      const puts = [
        put({ id, facet: settings, account, settings: JSON.stringify(project) }, isOurs.id, account),
        ...facets.map((facet) => put({ id: routeKey(account), facet, project: id }, isOurs.route, id)),
      ]
      try {
        await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: puts }))
      } catch (error) {
        throw error instanceof TransactionCanceledException ? (conflictIn(error, project, facets) ?? error) : error
      }
    },

    /** The settings of a project; `undefined` if there is none of that id. */
    async find(id: string): Promise<Project | undefined> {
      const { Items = [] } = await dynamodb.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'id = :id AND facet = :settings',
          ExpressionAttributeValues: { ':id': { S: id }, ':settings': { S: settings } },
          ConsistentRead: true,
        }),
      )
      return Items[0] && projectIn(Items[0])
    },

    /** All projects, by id. */
    async all(): Promise<Project[]> {
      const projects: Project[] = []
      const pages = paginateScan(
        { client: dynamodb },
        {
          TableName: table,
          FilterExpression: 'facet = :settings',
          ExpressionAttributeValues: { ':settings': { S: settings } },
        },
      )
      for await (const { Items = [] } of pages) projects.push(...Items.map(projectIn))
      return projects.sort((a, b) => (a.id < b.id ? -1 : 1))
    },
  }
}

const projectIn = (item: Record<string, AttributeValue>): Project => readProject(JSON.parse(item.settings?.S ?? 'null'))

/** Says which of a project's settings another project holds, from the reasons of a cancelled transaction. */
function conflictIn(error: TransactionCanceledException, { id, account }: Project, facets: readonly string[]) {
  const [settingsRefused, ...routesRefused] = (error.CancellationReasons ?? []).map(
    ({ Code }) => Code === 'ConditionalCheckFailed',
  )
  if (settingsRefused) return new ProjectSettingsError('id', `${id} is taken by a project of another account`)
  const facet = facets[routesRefused.indexOf(true)]
  const what = facet === wholeAccount ? account : `${account} with configuration set ${facet}`
  return facet && new ProjectSettingsError('account', `${what} belongs to another project`)
}
