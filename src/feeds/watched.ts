/** The projects whose feeds can be watched: those that may be entered now. A quarantined connection is reported already. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { UsableConnection } from '../projects/connection.ts'
import { allConnections, allProjects, type OnUnreadable } from '../projects/directory.ts'
import type { Watched } from './check-feeds.ts'

/** @param table the projects table */
export async function listWatched(
  dynamodb: DynamoDBClient,
  table: string,
  onUnreadable: OnUnreadable,
): Promise<Watched[]> {
  const usable = new Map<string, UsableConnection>()
  for await (const connection of allConnections(dynamodb, table, onUnreadable)) {
    const { project, state, roleArn } = connection
    if (state === 'proven' && roleArn !== undefined) usable.set(project, { ...connection, roleArn })
  }
  const projects = await allProjects(dynamodb, table, onUnreadable)
  return projects.flatMap((project) => {
    const connection = usable.get(project.id)
    return connection ? [{ project, connection }] : []
  })
}
