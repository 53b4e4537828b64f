/**
 * Reads connections from the projects table. src/projects/change-connection.ts changes them, src/projects/record-proof.ts stores their
 * proofs.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type Connection, requireUsable, type UsableConnection } from './connection.ts'
import { connectionFacet, ownerFacet, readConnection, roleArnKey } from './connection-item.ts'
import { type RoleArn, RoleArnError } from './role-arn.ts'
import { findItem } from './table.ts'

export type Connections = ReturnType<typeof createConnections>

/** @param table the projects table */
export function createConnections(dynamodb: DynamoDBClient, table: string) {
  async function find(project: string): Promise<Connection | undefined> {
    const item = await findItem(dynamodb, table, project, connectionFacet)
    return item && readConnection(item)
  }

  return {
    /** `undefined` if the project was never connected, or was disconnected. */
    find,

    /**
     * The connection of a project, if sessions may be opened with it.
     * @throws NotConnectedError | QuarantinedError
     */
    async usable(project: string): Promise<UsableConnection> {
      return requireUsable(project, await find(project))
    },

    /**
     * Checks that no other project has this ARN, before STS is called with it. The write that stores the ARN checks it again.
     * @throws RoleArnError
     */
    async refuseForeign(project: string, roleArn: RoleArn): Promise<void> {
      const owner = await findItem(dynamodb, table, roleArnKey(roleArn), ownerFacet)
      if (owner && owner.project?.S !== project) throw foreignRoleArnError()
    },
  }
}

/** It does not name the other project, because the reader may belong to another customer. */
export const foreignRoleArnError = () =>
  new RoleArnError('of another project', 'a role serves one project, so create a role for this project')
