/**
 * Replaces `@aws-sdk/client-dynamodb` in the functions' bundles: what our functions import of it, and nothing else.
 *
 * The SDK's client translates every input and output through schemas, a stack of middleware and rules for endpoints. DynamoDB's JSON protocol
 * is the input and the output of its commands, so a function can do without. `src` imports the SDK and is tested with it; what
 * this file lacks is reported by infra/bundle/tsconfig.json. Trade-offs: docs/design/deployment.md#why-replace-the-dynamodb-client-in-the-bundles
 */

import type { Command, DynamoDBClient } from './client.ts'
import type {
  BatchGetItemCommandInput,
  BatchGetItemCommandOutput,
  DeleteItemCommandInput,
  DeleteItemCommandOutput,
  GetItemCommandInput,
  GetItemCommandOutput,
  PutItemCommandInput,
  PutItemCommandOutput,
  QueryCommandInput,
  QueryCommandOutput,
  TransactWriteItemsCommandInput,
  TransactWriteItemsCommandOutput,
  UpdateItemCommandInput,
  UpdateItemCommandOutput,
} from './sdk-types.ts'

export { DynamoDBClient } from './client.ts'
export { ConditionalCheckFailedException, DynamoDBServiceException, TransactionCanceledException } from './errors.ts'
export type * from './sdk-types.ts'

const commandOf = <Input extends object, Output>(operation: string) =>
  class implements Command<Output> {
    readonly operation = operation
    readonly input: Input
    declare readonly output?: Output
    constructor(input: Input) {
      this.input = input
    }
  }

export class BatchGetItemCommand extends commandOf<BatchGetItemCommandInput, BatchGetItemCommandOutput>(
  'BatchGetItem',
) {}
export class DeleteItemCommand extends commandOf<DeleteItemCommandInput, DeleteItemCommandOutput>('DeleteItem') {}
export class GetItemCommand extends commandOf<GetItemCommandInput, GetItemCommandOutput>('GetItem') {}
export class PutItemCommand extends commandOf<PutItemCommandInput, PutItemCommandOutput>('PutItem') {}
export class QueryCommand extends commandOf<QueryCommandInput, QueryCommandOutput>('Query') {}
export class UpdateItemCommand extends commandOf<UpdateItemCommandInput, UpdateItemCommandOutput>('UpdateItem') {}

/** A repeated request of a transaction changes nothing, because all its attempts carry the same token. */
export class TransactWriteItemsCommand extends commandOf<
  TransactWriteItemsCommandInput,
  TransactWriteItemsCommandOutput
>('TransactWriteItems') {
  constructor(input: TransactWriteItemsCommandInput) {
    super({ ClientRequestToken: crypto.randomUUID(), ...input })
  }
}

/** Where a query begins, and how many items a page has at most. */
type Paging = {
  readonly client: DynamoDBClient
  readonly pageSize?: number
  readonly startingToken?: QueryCommandInput['ExclusiveStartKey']
}

/** The pages of a query, one after another. */
export async function* paginateQuery(
  { client, pageSize, startingToken }: Paging,
  input: QueryCommandInput,
): AsyncGenerator<QueryCommandOutput> {
  let start = startingToken
  do {
    const query = new QueryCommand({
      ...input,
      ...(start && { ExclusiveStartKey: start }),
      ...(pageSize !== undefined && { Limit: pageSize }),
    })
    const page = await client.send(query)
    yield page
    start = page.LastEvaluatedKey
  } while (start)
}
