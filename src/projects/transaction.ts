/**
 * Transactions on the projects table whose parts have names, so that a refused one says which condition did not hold.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
 */
import {
  type AttributeValue,
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'

export type Parts = Readonly<Record<string, TransactWriteItem>>

/** Others change the same settings at this moment. Nothing was written. */
export class SettingsBusyError extends Error {
  override readonly name = 'SettingsBusyError'
  readonly retryable = true
  readonly project: string

  constructor(project: string) {
    super(`The settings of ${project} are being changed by somebody else: try again`)
    this.project = project
  }
}

/** Made of what is known; `again` if it changed meanwhile. */
export const conflict = Symbol('again')

const attempts = 8

/**
 * Repeats a read with the write that rests on it until nobody came in between.
 * @throws SettingsBusyError after so many attempts
 */
export async function retryOnConflict<T>(project: string, attempt: () => Promise<T | typeof conflict>): Promise<T> {
  for (let tried = 0; tried < attempts; tried++) {
    if (tried > 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** tried))
    const made = await attempt()
    if (made !== conflict) return made
  }
  throw new SettingsBusyError(project)
}

/**
 * Carries out all parts or none.
 * @returns the parts whose condition did not hold: none if all was written. `again` if another transaction was at the same items
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

type Item = Record<string, AttributeValue>

const isOurs = 'attribute_not_exists(id) OR #project = :same'
/** `project` is a reserved word of DynamoDB's. */
const projectName = { '#project': 'project' }

/** Puts an item that nobody else owns. Repeating it changes nothing: the same owner's item is put again as it is. */
export const claimOf = (table: string, item: Item & { project: { S: string } }): TransactWriteItem => ({
  Put: {
    TableName: table,
    Item: item,
    ConditionExpression: isOurs,
    ExpressionAttributeNames: projectName,
    ExpressionAttributeValues: { ':same': item.project },
  },
})

/** Deletes an item of this project, never another's. Repeating it changes nothing. */
export const releaseOf = (table: string, id: string, facet: string, project: string): TransactWriteItem => ({
  Delete: {
    TableName: table,
    Key: { id: { S: id }, facet: { S: facet } },
    ConditionExpression: isOurs,
    ExpressionAttributeNames: projectName,
    ExpressionAttributeValues: { ':same': { S: project } },
  },
})
