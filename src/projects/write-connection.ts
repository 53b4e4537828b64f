/**
 * How a connection is written: on the revision that was read, together with the items that make ids and ARNs one project's own.
 */
import { randomUUID } from 'node:crypto'
import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { type Connection, NotConnectedError } from './connection.ts'
import { connectionFacet, ownerFacet } from './connection-item.ts'
import { createConnections } from './connections.ts'
import { claimOf, conflict, type Parts, releaseOf, transact } from './transaction.ts'

/** @param table the projects table */
export function createConnectionWriter(dynamodb: DynamoDBClient, table: string) {
  const { find } = createConnections(dynamodb, table)

  const own = (key: string, project: string) =>
    claimOf(table, { id: { S: key }, facet: { S: ownerFacet }, project: { S: project } })
  const disown = (key: string, project: string) => releaseOf(table, key, ownerFacet, project)

  /** A key that nobody has, this project neither. */
  const ownNew = (key: string, project: string): TransactWriteItem => ({
    Put: {
      TableName: table,
      Item: { id: { S: key }, facet: { S: ownerFacet }, project: { S: project } },
      ConditionExpression: 'attribute_not_exists(id)',
    },
  })

  /** Sets what `expression` says if the connection still is what was read; it must set a new `:revision`. */
  const update = (
    { project, revision }: Connection,
    expression: string,
    values: Readonly<Record<string, string | readonly string[]>> = {},
  ): TransactWriteItem => ({
    Update: {
      TableName: table,
      Key: { id: { S: project }, facet: { S: connectionFacet } },
      UpdateExpression: expression,
      ConditionExpression: 'revision = :seen',
      // A reserved word of DynamoDB's.
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

  async function existing(project: string): Promise<Connection> {
    const connection = await find(project)
    if (!connection) throw new NotConnectedError(project, 'none')
    return connection
  }

  /** Writes all parts; `again` if anything moved, but for a refusal that `explain` knows. */
  async function write(parts: Parts, explain: (refused: ReadonlySet<string>) => void = () => undefined) {
    const refused = await transact(dynamodb, parts)
    if (refused === conflict || refused.size === 0) return refused
    explain(refused)
    return conflict
  }

  return { find, existing, own, ownNew, disown, update, write }
}
