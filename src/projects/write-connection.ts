/**
 * The parts of transactions that write connections: conditional on the revision that was read, together with the owner items of external
 * ids and role ARNs.
 */
import { randomUUID } from 'node:crypto'
import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { dayMs } from '../time.ts'
import { type Connection, NotConnectedError } from './connection.ts'
import { connectionFacet, formerPrefix, ownerFacet } from './connection-item.ts'
import { createConnections } from './connections.ts'
import { keyOf } from './table.ts'
import { claimOf, conflict, type Parts, releaseOf, transact } from './transaction.ts'

/** The audit of role uses judges a call by the connection at the time of the call. Its records arrive late, and are replayed for 14 days. */
const formerRetentionDays = 30

/** Idempotent: the key is the revision that the change replaces, of which only one change succeeds. */
export function formerItemOf(table: string, former: Connection, until: Date): TransactWriteItem {
  const { project, account, roleArn, connectedAt, roleAt, revision } = former
  return {
    Put: {
      TableName: table,
      Item: {
        ...keyOf(project, `${formerPrefix}${revision}`),
        account: { S: account },
        ...(roleArn !== undefined && { roleArn: { S: roleArn } }),
        ...(connectedAt && { connectedAt: { S: connectedAt.toISOString() } }),
        ...(roleAt && { roleAt: { S: roleAt.toISOString() } }),
        endedAt: { S: until.toISOString() },
        expiresAt: { N: String(Math.floor((until.getTime() + formerRetentionDays * dayMs) / 1000)) },
      },
    },
  }
}

/** @param table the projects table */
export function createConnectionWriter(dynamodb: DynamoDBClient, table: string) {
  const { find } = createConnections(dynamodb, table)

  /** Makes the project the owner of a key that no other project owns. */
  const claim = (key: string, project: string) => claimOf(table, { ...keyOf(key, ownerFacet), project: { S: project } })
  const release = (key: string, project: string) => releaseOf(table, key, ownerFacet, project)

  /** Makes the project the owner of a key that no project owns, not even this one. */
  const claimNew = (key: string, project: string): TransactWriteItem => ({
    Put: {
      TableName: table,
      Item: { ...keyOf(key, ownerFacet), project: { S: project } },
      ConditionExpression: 'attribute_not_exists(id)',
    },
  })

  /** Updates the connection if it still has the revision that was read. The expression must set `revision` to `:revision`, a new one. */
  const update = (
    { project, revision }: Connection,
    expression: string,
    values: Readonly<Record<string, string | readonly string[]>> = {},
  ): TransactWriteItem => ({
    Update: {
      TableName: table,
      Key: keyOf(project, connectionFacet),
      UpdateExpression: expression,
      ConditionExpression: 'revision = :seen',
      // `region` is a reserved word of DynamoDB.
      ...(expression.includes('#region') && { ExpressionAttributeNames: { '#region': 'region' } }),
      ExpressionAttributeValues: {
        ':seen': { S: revision },
        ':revision': { S: randomUUID() },
        ...Object.fromEntries(
          Object.entries(values).map(([name, value]) => [
            name,
            typeof value === 'string' ? { S: value } : { SS: [...value] },
          ]),
        ),
      },
    },
  })

  /** @throws NotConnectedError */
  async function findExisting(project: string): Promise<Connection> {
    const connection = await find(project)
    if (!connection) throw new NotConnectedError(project, 'none')
    return connection
  }

  /**
   * Writes all parts or none.
   * @param explain throws the error for a refused part that it knows. Every other refusal is a conflict
   */
  async function write(parts: Parts, explain: (refused: ReadonlySet<string>) => void = () => undefined) {
    const refused = await transact(dynamodb, parts)
    if (refused === conflict || refused.size === 0) return refused
    explain(refused)
    return conflict
  }

  return { find, findExisting, claim, claimNew, release, update, write }
}
