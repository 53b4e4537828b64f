/**
 * Connections as items of the projects table.
 *
 *     id                                             facet       holds
 *     acme                                           connection  account, region, externalId, roleArn, …
 *     acme                                           former#…    account, roleArn, connectedAt, roleAt, endedAt
 *     external-id#0f3a…                              owner       project
 *     role-arn#arn:aws:iam::111122223333:role/…      owner       project
 *
 * The owner items make external ids and role ARNs unique: the first project that writes one owns it.
 */
import * as v from 'valibot'
import { type Connection, features, topicOwners } from './connection.ts'
import { type Item, keyOf, Text } from './table.ts'

export const connectionFacet = 'connection'
/** Facet prefix of former connections: an account and a role that the project had until a time. */
export const formerPrefix = 'former#'
export const ownerFacet = 'owner'

export const externalIdKey = (externalId: string): string => `external-id#${externalId}`

/** In lower case, because IAM role names are unique regardless of case. */
export const roleArnKey = (roleArn: string): string => `role-arn#${roleArn.toLowerCase()}`

/** The item of a connection that has not been proven. */
export function connectionItemOf(connection: Connection): Item {
  const { project, account, region, externalId, nextExternalId, roleArn, topics, revision } = connection
  return {
    ...keyOf(project, connectionFacet),
    account: { S: account },
    region: { S: region },
    externalId: { S: externalId },
    ...(nextExternalId !== undefined && { nextExternalId: { S: nextExternalId } }),
    ...(roleArn !== undefined && { roleArn: { S: roleArn } }),
    topics: { S: topics },
    features: { SS: [...connection.features] },
    revision: { S: revision },
  }
}

const Time = v.object({ S: v.pipe(v.string(), v.isoTimestamp()) })
const ConnectionItem = v.object({
  id: Text,
  account: Text,
  region: Text,
  externalId: Text,
  nextExternalId: v.optional(Text),
  roleArn: v.optional(Text),
  topics: v.object({ S: v.picklist(topicOwners) }),
  /** A feature of a newer version is left out. */
  features: v.object({ SS: v.array(v.string()) }),
  provenAt: v.optional(Time),
  checkedAt: v.optional(Time),
  brokenSince: v.optional(Time),
  brokenWhy: v.optional(Text),
  connectedAt: v.optional(Time),
  roleAt: v.optional(Time),
  revision: Text,
})

/** @throws ValiError if the item is not a connection */
export function readConnection(item: Item): Connection {
  const read = v.parse(ConnectionItem, item)
  const { nextExternalId, roleArn, provenAt, checkedAt, brokenSince, brokenWhy, connectedAt, roleAt } = read
  // A connection that was never proven cannot be in quarantine.
  const broken = provenAt && brokenSince
  return {
    project: read.id.S,
    account: read.account.S,
    region: read.region.S,
    externalId: read.externalId.S,
    ...(nextExternalId && { nextExternalId: nextExternalId.S }),
    ...(roleArn && { roleArn: roleArn.S }),
    topics: read.topics.S,
    features: features.filter((feature) => read.features.SS.includes(feature)),
    state: broken ? 'quarantined' : provenAt ? 'proven' : 'waiting',
    ...(provenAt && { provenAt: new Date(provenAt.S) }),
    ...(checkedAt && { checkedAt: new Date(checkedAt.S) }),
    ...(connectedAt && { connectedAt: new Date(connectedAt.S) }),
    ...(roleAt && { roleAt: new Date(roleAt.S) }),
    ...(broken && { quarantine: { since: new Date(broken.S), why: brokenWhy?.S ?? 'the proof failed' } }),
    revision: read.revision.S,
  }
}
