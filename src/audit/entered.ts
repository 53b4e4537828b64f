/**
 * What of a project's connection says whether its account was to be entered: account and role, and nothing else. The role under which this
 * runs may not read the external id.
 */
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import type { KnownConnection } from './judge-use.ts'

/** @param table the projects table */
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
