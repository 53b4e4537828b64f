/**
 * Reads the account and the role of a project's connection, and no other attribute: the audit's own role may not read external ids.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { connectionFacet } from '../projects/connection-item.ts'
import { findItem } from '../projects/table.ts'
import type { KnownConnection } from './judge-use.ts'

/**
 * @param table the projects table
 * @returns project → its connection; `undefined` if the project is not connected
 */
export function createKnownConnections(dynamodb: DynamoDBClient, table: string) {
  return async (project: string): Promise<KnownConnection | undefined> => {
    const item = await findItem(dynamodb, table, project, connectionFacet, ['account', 'roleArn'])
    return item?.account?.S === undefined ? undefined : { account: item.account.S, roleArn: item.roleArn?.S }
  }
}
