/**
 * Reads the account and the role of a project's connection, and no other attribute: the audit's own role may not read external ids.
 */
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import type { KnownConnection } from './judge-use.ts'

/**
 * @param table the projects table
 * @returns project → its connection; `undefined` if the project is not connected
 */
export function createKnownConnections(dynamodb: DynamoDBClient, table: string) {
  return async (project: string): Promise<KnownConnection | undefined> => {
    const { Items: [item] = [] } = await dynamodb.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'id = :id AND facet = :facet',
        ExpressionAttributeValues: { ':id': { S: project }, ':facet': { S: 'connection' } },
        ProjectionExpression: 'account, roleArn',
        ConsistentRead: true,
      }),
    )
    return item?.account?.S === undefined ? undefined : { account: item.account.S, roleArn: item.roleArn?.S }
  }
}
