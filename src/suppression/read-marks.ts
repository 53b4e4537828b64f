/** Reads the hashes of erased addresses of a project: src/suppression/erasure-mark.ts says what they are. */
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { blockingPrefix, type ErasureMark, type MarkKeys, readMark } from './erasure-mark.ts'
import { readItem } from './read-list.ts'

export type ErasureMarks = ReturnType<typeof createErasureMarks>

/** Whether a project has any hash that refuses mail: one read unit. */
export async function hasBlockingMarks(dynamodb: DynamoDBClient, table: string, project: string): Promise<boolean> {
  const { Count = 0 } = await dynamodb.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: '#project = :project AND begins_with(address, :prefix)',
      ExpressionAttributeNames: { '#project': 'project' },
      ExpressionAttributeValues: { ':project': { S: project }, ':prefix': { S: blockingPrefix } },
      Limit: 1,
      ConsistentRead: true,
    }),
  )
  return Count > 0
}

/** @param table the suppression list: partition key `project`, sort key `address` */
export function createErasureMarks(dynamodb: DynamoDBClient, table: string, keyOf: MarkKeys) {
  async function read(project: string, key: string): Promise<ErasureMark | undefined> {
    const { Items = [] } = await dynamodb.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: '#project = :project AND address = :address',
        ExpressionAttributeNames: { '#project': 'project' },
        ExpressionAttributeValues: { ':project': { S: project }, ':address': { S: key } },
        ConsistentRead: true,
      }),
    )
    return Items[0] && readMark(readItem(Items[0]))
  }

  return {
    /** The hash of an address; `undefined` if it was not erased. */
    async find(project: string, address: string): Promise<ErasureMark | undefined> {
      const { blocking, gone } = keyOf(project, address)
      const [first, second] = await Promise.all([read(project, blocking), read(project, gone)])
      return first ?? second
    },
  }
}
