/**
 * Replaces `@aws-sdk/client-dynamodb` in the functions' bundles: what our functions import of it, and nothing else.
 *
 * The SDK's client translates every input and output through schemas, a stack of middleware and rules for endpoints. DynamoDB's JSON protocol
 * is the input and the output of its commands, so a function can do without. `src` imports the SDK and is tested with it; an import that this
 * file does not export fails the packaging. Trade-offs: docs/design/deployment.md#why-replace-the-dynamodb-client-in-the-bundles
 */
import type { QueryCommandInput, QueryCommandOutput } from '@aws-sdk/client-dynamodb'
import type { Command, DynamoDBClient } from './client.ts'

export { DynamoDBClient } from './client.ts'
export { ConditionalCheckFailedException, DynamoDBServiceException, TransactionCanceledException } from './errors.ts'

const commandOf = (operation: string) =>
  class {
    readonly operation = operation
    readonly input: object
    constructor(input: object) {
      this.input = input
    }
  }

export class BatchGetItemCommand extends commandOf('BatchGetItem') {}
export class DeleteItemCommand extends commandOf('DeleteItem') {}
export class GetItemCommand extends commandOf('GetItem') {}
export class PutItemCommand extends commandOf('PutItem') {}
export class QueryCommand extends commandOf('Query') {}
export class UpdateItemCommand extends commandOf('UpdateItem') {}

/** A repeated request of a transaction changes nothing, because all its attempts carry the same token. */
export class TransactWriteItemsCommand extends commandOf('TransactWriteItems') {
  constructor(input: object) {
    super({ ClientRequestToken: crypto.randomUUID(), ...input })
  }
}

type Paging = {
  readonly client: DynamoDBClient
  readonly pageSize?: number
  readonly startingToken?: QueryCommandInput['ExclusiveStartKey']
}

/** The pages of a query, one after another. A page that ends where it began would repeat for ever, so it is the last. */
export async function* paginateQuery(
  { client, pageSize, startingToken }: Paging,
  input: QueryCommandInput,
): AsyncGenerator<QueryCommandOutput> {
  let start = startingToken
  do {
    const query: Command<QueryCommandOutput> = new QueryCommand({
      ...input,
      ...(start && { ExclusiveStartKey: start }),
      ...(pageSize !== undefined && { Limit: pageSize }),
    })
    const page = await client.send(query)
    yield page
    start = page.LastEvaluatedKey
  } while (start)
}
