/**
 * Connections in the projects table: found, judged by proofs, changed.
 */
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { connectionChanges, ofAnotherProject } from './change-connection.ts'
import { type Connection, type UsableConnection, usable } from './connection.ts'
import { connectionFacet, connectionIn, ownerFacet, roleArnKey } from './connection-item.ts'
import { facetOfAll } from './directory.ts'
import { proofsIn } from './record-proof.ts'
import type { RoleArn } from './role-arn.ts'

export type Connections = ReturnType<typeof connectionsIn>

/** @param table the projects table: partition key `id`, sort key `facet` */
export function connectionsIn(dynamodb: DynamoDBClient, table: string) {
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
    return found && connectionIn(found)
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

    /** The connections of all projects, in no order. */
    async *all(): AsyncGenerator<Connection> {
      for await (const found of facetOfAll(dynamodb, table, connectionFacet)) yield connectionIn(found)
    },

    /**
     * Refuses another project's ARN before anybody calls STS with it. Storing it decides for good.
     * @throws RoleArnError
     */
    async refuseForeign(project: string, roleArn: RoleArn): Promise<void> {
      const owner = await item(roleArnKey(roleArn), ownerFacet)
      if (owner && owner.project?.S !== project) throw ofAnotherProject()
    },

    proofs: proofsIn(dynamodb, table, find),

    ...connectionChanges(dynamodb, table, find),
  }
}
