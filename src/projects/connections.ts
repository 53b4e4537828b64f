/**
 * Connections in the projects table, read. src/projects/change-connection.ts writes them, src/projects/record-proof.ts judges them.
 */
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { type Connection, type UsableConnection, usable } from './connection.ts'
import { connectionFacet, ownerFacet, readConnection, roleArnKey } from './connection-item.ts'
import { type RoleArn, RoleArnError } from './role-arn.ts'

export type Connections = ReturnType<typeof createConnections>

/** @param table the projects table: partition key `id`, sort key `facet` */
export function createConnections(dynamodb: DynamoDBClient, table: string) {
  async function item(id: string, facet: string) {
    const { Items = [] } = await dynamodb.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'id = :id AND facet = :facet',
        ExpressionAttributeValues: { ':id': { S: id }, ':facet': { S: facet } },
        ConsistentRead: true,
      }),
    )
    return Items[0]
  }

  async function find(project: string): Promise<Connection | undefined> {
    const found = await item(project, connectionFacet)
    return found && readConnection(found)
  }

  return {
    /** `undefined` if the project was never connected, or disconnected. */
    find,

    /**
     * The connection of a project, if we may enter its account.
     * @throws NotConnectedError | QuarantinedError
     */
    async usable(project: string): Promise<UsableConnection> {
      return usable(project, await find(project))
    },

    /**
     * Refuses another project's ARN before anybody calls STS with it. Storing it decides for good.
     * @throws RoleArnError
     */
    async refuseForeign(project: string, roleArn: RoleArn): Promise<void> {
      const owner = await item(roleArnKey(roleArn), ownerFacet)
      if (owner && owner.project?.S !== project) throw ofAnotherProject()
    },
  }
}

/** It does not say whose: the one who asks may be another customer's operator. */
export const ofAnotherProject = () =>
  new RoleArnError('of another project', 'a role lets one project in, and each customer makes its own')
