/** The projects in which a person is erased: all that exist, and those that were removed, whose list stays. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { connectionFacet } from '../projects/connection-item.ts'
import { directoryKey, removedKey } from '../projects/projects.ts'
import { findItem, queryItems } from '../projects/table.ts'

/** Whether the account list of a project can be reached. */
export type Reach = 'connected' | 'quarantined' | 'not connected'

/** Sorted by id, so that an erasure that is continued knows which of them are done. The attributes are named: iam/erasure.yml. */
export async function erasableProjects(dynamodb: DynamoDBClient, table: string): Promise<string[]> {
  const ids = new Set<string>()
  for (const key of [directoryKey, removedKey])
    for await (const { facet } of queryItems(dynamodb, table, key, { attributes: ['facet'] }))
      if (facet?.S) ids.add(facet.S)
  return [...ids].sort()
}

export async function reachOf(dynamodb: DynamoDBClient, table: string, project: string): Promise<Reach> {
  const connection = await findItem(dynamodb, table, project, connectionFacet, ['provenAt', 'brokenSince'])
  if (!connection?.provenAt?.S) return 'not connected'
  return connection.brokenSince?.S ? 'quarantined' : 'connected'
}
