/** The state of a connection without its secrets: the attributes are named, because roles are limited to them (iam/project-data.yml). */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import type { Connection } from './connection.ts'
import { connectionFacet } from './connection-item.ts'
import { findItem, Text } from './table.ts'

export type ConnectionState = Pick<Connection, 'account' | 'state' | 'quarantine'>

const Time = v.object({ S: v.pipe(v.string(), v.isoTimestamp()) })
const StateItem = v.object({
  account: Text,
  provenAt: v.optional(Time),
  brokenSince: v.optional(Time),
  brokenWhy: v.optional(Text),
})

/** `undefined` if the project is not connected. @param table the projects table */
export async function findConnectionState(
  dynamodb: DynamoDBClient,
  table: string,
  project: string,
): Promise<ConnectionState | undefined> {
  const attributes = ['account', 'provenAt', 'brokenSince', 'brokenWhy']
  const item = await findItem(dynamodb, table, project, connectionFacet, attributes)
  if (!item) return undefined
  const { account, provenAt, brokenSince, brokenWhy } = v.parse(StateItem, item)
  // A connection that was never proven cannot be in quarantine.
  const broken = provenAt && brokenSince
  return {
    account: account.S,
    state: broken ? 'quarantined' : provenAt ? 'proven' : 'waiting',
    ...(broken && { quarantine: { since: new Date(broken.S), why: brokenWhy?.S ?? 'the proof failed' } }),
  }
}
