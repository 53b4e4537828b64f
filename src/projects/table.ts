/**
 * Reads the projects table: partition key `id`, sort key `facet`.
 *
 * This file sends Query and no other command. A role grants exactly the commands that its functions' bundles can reach, and they are
 * counted by file (test/iam/role-equals-code.test.ts): a file that reads must not import a command that writes. So updates are in
 * src/update-item.ts and transactions in src/projects/transaction.ts, and for the same reason factories that read and factories
 * that write have files of their own in this folder.
 */
import { type AttributeValue, type DynamoDBClient, paginateQuery, QueryCommand } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { answered } from '../answered.ts'

export type Item = Record<string, AttributeValue>

/** An attribute that holds a string. */
export const Text = v.object({ S: v.string() })

export const keyOf = (id: string, facet: string) => ({ id: { S: id }, facet: { S: facet } })

/**
 * The item of an id and a facet, by a consistent read. It is a Query because the roles may not call GetItem.
 * @param attributes the attributes to read; all if absent. No name may be a reserved word of DynamoDB
 */
export async function findItem(
  dynamodb: DynamoDBClient,
  table: string,
  id: string,
  facet: string,
  attributes?: readonly string[],
): Promise<Item | undefined> {
  const { Items } = await dynamodb.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'id = :id AND facet = :facet',
      ExpressionAttributeValues: { ':id': { S: id }, ':facet': { S: facet } },
      ...(attributes && { ProjectionExpression: attributes.join(', ') }),
      ConsistentRead: true,
    }),
  )
  return answered(Items, 'Query: Items')[0]
}

type Selection = {
  /** Only facets that begin so. */
  readonly prefix?: string
  /** Only facets after this one. Not together with `prefix`. */
  readonly after?: string
  /** By facet, descending. */
  readonly isDescending?: boolean
  /** Consistent unless `false`. */
  readonly isConsistent?: boolean
  /** Items in one answer of DynamoDB, at most. */
  readonly pageSize?: number
  /** The attributes to read; all if absent. No name may be a reserved word of DynamoDB. */
  readonly attributes?: readonly string[]
}

/** The items of an id, ordered by facet, in the pages that DynamoDB returns. */
export async function* queryPages(
  dynamodb: DynamoDBClient,
  table: string,
  id: string,
  { prefix, after, isDescending = false, isConsistent = true, pageSize, attributes }: Selection = {},
): AsyncGenerator<Item[]> {
  const facets =
    prefix !== undefined ? ' AND begins_with(facet, :facet)' : after !== undefined ? ' AND facet > :facet' : ''
  const facet = prefix ?? after
  const pages = paginateQuery(
    { client: dynamodb, ...(pageSize !== undefined && { pageSize }) },
    {
      TableName: table,
      KeyConditionExpression: `id = :id${facets}`,
      ExpressionAttributeValues: { ':id': { S: id }, ...(facet !== undefined && { ':facet': { S: facet } }) },
      ...(isDescending && { ScanIndexForward: false }),
      ...(attributes && { ProjectionExpression: attributes.join(', ') }),
      ...(isConsistent && { ConsistentRead: true }),
    },
  )
  for await (const { Items } of pages) yield answered(Items, 'Query: Items')
}

/** The items of an id, ordered by facet. */
export async function* queryItems(
  dynamodb: DynamoDBClient,
  table: string,
  id: string,
  selection?: Selection,
): AsyncGenerator<Item> {
  for await (const items of queryPages(dynamodb, table, id, selection)) yield* items
}
