/**
 * Transactions on the projects table. Their parts have names, so a refused transaction says which condition did not hold.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
 */
import {
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { sleep } from '../time.ts'
import { type Item, keyOf } from './table.ts'

export type Parts = Readonly<Record<string, TransactWriteItem>>

/** Concurrent changes of the same settings kept interfering. Nothing was written. */
export class SettingsBusyError extends Error {
  override readonly name = 'SettingsBusyError'
  readonly retryable = true
  readonly project: string

  constructor(project: string) {
    super(`Other changes of the settings of ${project} are in progress: try again`)
    this.project = project
  }
}

/** The result of an attempt whose data changed between its read and its write. Nothing was written. */
export const conflict = Symbol('conflict')

const maxAttempts = 8

/**
 * Runs `attempt`, a read and the write that depends on it, until it ends without a conflict.
 * @throws SettingsBusyError after 8 attempts
 */
export async function retryOnConflict<T>(project: string, attempt: () => Promise<T | typeof conflict>): Promise<T> {
  for (let attempts = 0; attempts < maxAttempts; attempts++) {
    if (attempts > 0) await sleep(Math.random() * 10 * 2 ** attempts)
    const result = await attempt()
    if (result !== conflict) return result
  }
  throw new SettingsBusyError(project)
}

/**
 * Writes all parts or none.
 * @returns the names of the parts whose condition did not hold; empty if all was written. `conflict` if another transaction was writing
 * one of the items
 */
export async function transact(dynamodb: DynamoDBClient, parts: Parts): Promise<ReadonlySet<string> | typeof conflict> {
  try {
    await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: Object.values(parts) }))
    return new Set()
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error
    const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code)
    const refused = Object.keys(parts).filter((_, i) => codes[i] === 'ConditionalCheckFailed')
    if (refused.length > 0) return new Set(refused)
    if (codes.includes('TransactionConflict')) return conflict
    throw error
  }
}

const isOwn = 'attribute_not_exists(id) OR #project = :same'
/** `project` is a reserved word of DynamoDB. */
const projectName = { '#project': 'project' }

/** Puts an item that no other project owns. Idempotent: the owner puts the same item again. */
export const claimOf = (table: string, item: Item & { project: { S: string } }): TransactWriteItem => ({
  Put: {
    TableName: table,
    Item: item,
    ConditionExpression: isOwn,
    ExpressionAttributeNames: projectName,
    ExpressionAttributeValues: { ':same': item.project },
  },
})

/** Deletes an item of this project and never that of another. Idempotent: a missing item meets the condition. */
export const releaseOf = (table: string, id: string, facet: string, project: string): TransactWriteItem => ({
  Delete: {
    TableName: table,
    Key: keyOf(id, facet),
    ConditionExpression: isOwn,
    ExpressionAttributeNames: projectName,
    ExpressionAttributeValues: { ':same': { S: project } },
  },
})
