/**
 * The items in which one address is stored, by table: each is found by a query, and deleted.
 *
 * Idempotent: an item that is gone is not found again.
 */
import { type AttributeValue, DeleteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { concurrently } from '../concurrently.ts'
import { queryPages } from '../projects/table.ts'
import { expiriesKeyOf } from '../propagation/keys.ts'
import { createListReader } from '../suppression/read-list.ts'

export type Key = Record<string, AttributeValue>

const atOnce = 10

/** Evidence, rulings and soft bounces of the address. @param table the suppression list */
export async function listKeysOf(
  dynamodb: DynamoDBClient,
  table: string,
  project: string,
  address: string,
): Promise<Key[]> {
  const items = await createListReader(dynamodb, table).itemsOf(project, address)
  return items.map((item) => ({ project: { S: project }, address: { S: item.address } }))
}

/** When suppressions of the address expire (src/propagation/expiry.ts). @param table the projects table */
export async function expiryKeysOf(
  dynamodb: DynamoDBClient,
  table: string,
  project: string,
  address: string,
): Promise<Key[]> {
  const id = expiriesKeyOf(project)
  const keys: Key[] = []
  for await (const items of queryPages(dynamodb, table, id, { attributes: ['facet'] }))
    for (const { facet } of items)
      if (facet?.S?.slice(facet.S.indexOf(' ') + 1) === address) keys.push({ id: { S: id }, facet })
  return keys
}

export const deleteItems = (dynamodb: DynamoDBClient, table: string, keys: readonly Key[]): Promise<void> =>
  concurrently(keys, atOnce, async (Key) => {
    await dynamodb.send(new DeleteItemCommand({ TableName: table, Key }))
  })
