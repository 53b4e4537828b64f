/**
 * Reads the account, the role and the times of a project's connections, and no other attribute: the audit's own role may not read external ids.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { connectionFacet, formerPrefix } from '../projects/connection-item.ts'
import { findItem, type Item, queryItems, Text } from '../projects/table.ts'
import type { ConnectionsOf, KnownConnection } from './judge-use.ts'

const attributes = ['account', 'roleArn', 'connectedAt', 'roleAt', 'endedAt']

/**
 * @param table the projects table
 * @returns project → its connection, if it is connected, and its former ones
 */
export const createKnownConnections =
  (dynamodb: DynamoDBClient, table: string): ConnectionsOf =>
  async (project) => {
    const present = await findItem(dynamodb, table, project, connectionFacet, attributes)
    const former = await Array.fromAsync(queryItems(dynamodb, table, project, { prefix: formerPrefix, attributes }))
    return [...(present ? [present] : []), ...former].map(read)
  }

const Time = v.optional(v.object({ S: v.pipe(v.string(), v.isoTimestamp()) }))
const Known = v.object({ account: Text, roleArn: v.optional(Text), connectedAt: Time, roleAt: Time, endedAt: Time })

function read(item: Item): KnownConnection {
  const { account, roleArn, connectedAt, roleAt, endedAt } = v.parse(Known, item)
  const time = (given: { readonly S: string } | undefined) => given && new Date(given.S)
  return {
    account: account.S,
    roleArn: roleArn?.S,
    since: time(connectedAt),
    roleSince: time(roleAt),
    until: time(endedAt),
  }
}
