/**
 * The projects table: settings of each project, and the routes that lead events to it.
 *
 *     id                  facet                 holds
 *     acme                settings              account, settings (configurationSets, rules), removedAt
 *     projects#all        acme                  that there is such a project
 *     route#111122223333  sesame-acme (or *)    project
 *
 * Here they are read; src/projects/change-project.ts writes them.
 */
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { type Project, ProjectSettingsError, readProject } from './project.ts'

export const settingsFacet = 'settings'

/** Key of the directory: one small item for each project. No project id has a `#`. */
export const directoryKey = 'projects#all'

export type Projects = ReturnType<typeof createProjects>

/** @param table the projects table: partition key `id`, sort key `facet` */
export function createProjects(dynamodb: DynamoDBClient, table: string) {
  return {
    /** The settings of a project; `undefined` if there is none of that id. */
    async find(id: string): Promise<Project | undefined> {
      return (await findStoredProject(dynamodb, table, id))?.project
    },
  }
}

/** A project as it was read: the text too, since a write rests on it. */
export type StoredProject = { readonly project: Project; readonly text: string }

export async function findStoredProject(
  dynamodb: DynamoDBClient,
  table: string,
  id: string,
): Promise<StoredProject | undefined> {
  const { Items = [] } = await dynamodb.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'id = :id AND facet = :settings',
      ExpressionAttributeValues: { ':id': { S: id }, ':settings': { S: settingsFacet } },
      ConsistentRead: true,
    }),
  )
  const text = Items[0]?.settings?.S
  return text === undefined ? undefined : { project: readStoredProject(text), text }
}

export const noSuchProject = (id: string) =>
  new ProjectSettingsError('project', `${id} does not exist: add it with sesame project add`)

export const readStoredProject = (text: string): Project => readProject(JSON.parse(text))
