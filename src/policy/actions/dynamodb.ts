/**
 * The commands of DynamoDB on tables and items.
 *
 * A transaction is not an IAM action: IAM authorises each of its items, with dynamodb:EnclosingOperation in the context. IAM authorises a
 * query or scan of an index on the index only.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */
import * as v from 'valibot'
import type { Context } from '../request.ts'
import {
  attributesOf,
  capacityInput,
  definedKeys,
  expressionInput,
  requirementOn,
  returnValuesInput,
  selectOf,
  type Table,
  tableInput,
  tableOf,
  unique,
} from './dynamodb-context.ts'
import { itemSchema, leadingKeysOfItem, leadingKeysOfQuery, querySchema } from './dynamodb-keys.ts'
import {
  type Entry,
  entry,
  MalformedInputError,
  nameSchema,
  noInput,
  type Requirement,
  type ResourceContext,
} from './entry.ts'

const getSchema = v.object({ ...tableInput, ...expressionInput, ...capacityInput, Key: itemSchema })
const putSchema = v.object({
  ...tableInput,
  ...expressionInput,
  ...capacityInput,
  ...returnValuesInput,
  Item: itemSchema,
})
const changeSchema = v.object({
  ...tableInput,
  ...expressionInput,
  ...capacityInput,
  ...returnValuesInput,
  Key: itemSchema,
})

function change(
  action: string,
  input: v.InferOutput<typeof changeSchema>,
  place: ResourceContext,
  extraContext: Context = {},
): Requirement {
  const table = tableOf(input.TableName, place)
  return requirementOn(action, table, {
    ...definedKeys({
      'dynamodb:LeadingKeys': leadingKeysOfItem(input.Key, table.arn, place),
      'dynamodb:Attributes': attributesOf(input, input.Key),
      'dynamodb:ReturnValues': input.ReturnValues,
      'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity,
    }),
    ...extraContext,
  })
}

function put(input: v.InferOutput<typeof putSchema>, place: ResourceContext, extraContext: Context = {}): Requirement {
  const table = tableOf(input.TableName, place)
  return requirementOn('PutItem', table, {
    ...definedKeys({
      'dynamodb:LeadingKeys': leadingKeysOfItem(input.Item, table.arn, place),
      'dynamodb:Attributes': attributesOf(input, input.Item),
      'dynamodb:ReturnValues': input.ReturnValues,
      'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity,
    }),
    ...extraContext,
  })
}

const queryInput = v.object({
  ...tableInput,
  ...expressionInput,
  ...capacityInput,
  ...querySchema.entries,
  Select: v.optional(v.string()),
})
const scanInput = v.object({
  ...tableInput,
  ...expressionInput,
  ...capacityInput,
  IndexName: v.optional(nameSchema),
  Select: v.optional(v.string()),
})

function readMany(
  action: string,
  input: v.InferOutput<typeof scanInput>,
  table: Table,
  leadingKeys?: string[],
): Requirement {
  const index = input.IndexName
  const target = index === undefined ? table : { ...table, arn: `${table.arn}/index/${index}` }
  return requirementOn(
    action,
    target,
    definedKeys({
      'dynamodb:LeadingKeys': leadingKeys,
      'dynamodb:Attributes': attributesOf(input),
      'dynamodb:Select': selectOf(input, index),
      'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity,
    }),
  )
}

const batchGetInput = v.object({
  ...capacityInput,
  RequestItems: v.record(v.string(), v.object({ ...expressionInput, Keys: v.array(itemSchema) })),
})
const batchWriteInput = v.object({
  ...capacityInput,
  RequestItems: v.record(
    v.string(),
    v.array(
      v.object({
        PutRequest: v.optional(v.object({ Item: itemSchema })),
        DeleteRequest: v.optional(v.object({ Key: itemSchema })),
      }),
    ),
  ),
})

const inTransaction = { 'dynamodb:EnclosingOperation': 'TransactWriteItems' }
const transactInput = v.object({
  ...capacityInput,
  TransactItems: v.array(
    v.object({
      Put: v.optional(putSchema),
      Update: v.optional(changeSchema),
      Delete: v.optional(changeSchema),
      ConditionCheck: v.optional(changeSchema),
    }),
  ),
})

function transaction(input: v.InferOutput<typeof transactInput>, place: ResourceContext): Requirement[] {
  const extraContext = {
    ...inTransaction,
    ...definedKeys({ 'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity }),
  }
  return input.TransactItems.flatMap(({ Put, Update, Delete, ConditionCheck }, index) => {
    const parts = [
      ...(Put === undefined ? [] : [put(Put, place, extraContext)]),
      ...(Update === undefined ? [] : [change('UpdateItem', Update, place, extraContext)]),
      ...(Delete === undefined ? [] : [change('DeleteItem', Delete, place, extraContext)]),
      ...(ConditionCheck === undefined ? [] : [change('ConditionCheckItem', ConditionCheck, place, extraContext)]),
    ]
    if (parts.length !== 1)
      throw new MalformedInputError(`TransactItems[${index}]`, 'must be one of Put, Update, Delete, ConditionCheck')
    return parts
  })
}

const ofTable = (action: string): Entry =>
  entry([`dynamodb:${action}`], v.object(tableInput), ({ TableName }, place) => [
    requirementOn(action, tableOf(TableName, place)),
  ])

export const dynamodb: Readonly<Record<string, Entry>> = {
  GetItem: entry(['dynamodb:GetItem'], getSchema, (input, place) => {
    const table = tableOf(input.TableName, place)
    const keys = {
      'dynamodb:LeadingKeys': leadingKeysOfItem(input.Key, table.arn, place),
      'dynamodb:Attributes': attributesOf(input, input.Key),
      'dynamodb:Select': selectOf(input),
      'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity,
    }
    return [requirementOn('GetItem', table, definedKeys(keys))]
  }),
  BatchGetItem: entry(['dynamodb:BatchGetItem'], batchGetInput, (input, place) =>
    Object.entries(input.RequestItems).map(([name, request]) => {
      const table = tableOf(name, place, 'RequestItems')
      const keys = {
        'dynamodb:LeadingKeys': unique(request.Keys.flatMap((key) => leadingKeysOfItem(key, table.arn, place))),
        'dynamodb:Attributes': unique(request.Keys.flatMap((key) => attributesOf(request, key))),
        'dynamodb:Select': selectOf(request),
        'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity,
      }
      return requirementOn('BatchGetItem', table, definedKeys(keys))
    }),
  ),
  BatchWriteItem: entry(['dynamodb:BatchWriteItem'], batchWriteInput, (input, place) =>
    Object.entries(input.RequestItems).map(([name, requests]) => {
      const table = tableOf(name, place, 'RequestItems')
      const puts = requests.flatMap(({ PutRequest }) => (PutRequest === undefined ? [] : [PutRequest.Item]))
      const deletes = requests.flatMap(({ DeleteRequest }) => (DeleteRequest === undefined ? [] : [DeleteRequest.Key]))
      const keys = {
        'dynamodb:LeadingKeys': unique([
          ...puts.flatMap((item) => leadingKeysOfItem(item, table.arn, place)),
          ...deletes.flatMap((key) => leadingKeysOfItem(key, table.arn, place)),
        ]),
        'dynamodb:Attributes': unique([...puts, ...deletes].flatMap((item) => Object.keys(item))),
        'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity,
      }
      return requirementOn('BatchWriteItem', table, definedKeys(keys))
    }),
  ),
  Query: entry(['dynamodb:Query'], queryInput, (input, place) => {
    const table = tableOf(input.TableName, place)
    return [
      readMany('Query', input, table, leadingKeysOfQuery(input, input.ExpressionAttributeNames, table.arn, place)),
    ]
  }),
  Scan: entry(['dynamodb:Scan'], scanInput, (input, place) => [
    readMany('Scan', input, tableOf(input.TableName, place)),
  ]),
  PutItem: entry(['dynamodb:PutItem'], putSchema, (input, place) => [put(input, place)]),
  UpdateItem: entry(['dynamodb:UpdateItem'], changeSchema, (input, place) => [change('UpdateItem', input, place)]),
  DeleteItem: entry(['dynamodb:DeleteItem'], changeSchema, (input, place) => [change('DeleteItem', input, place)]),
  TransactWriteItems: entry(
    ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem'],
    transactInput,
    transaction,
  ),
  CreateTable: ofTable('CreateTable'),
  DescribeTable: ofTable('DescribeTable'),
  UpdateTable: ofTable('UpdateTable'),
  DeleteTable: ofTable('DeleteTable'),
  UpdateTimeToLive: ofTable('UpdateTimeToLive'),
  DescribeTimeToLive: ofTable('DescribeTimeToLive'),
  DescribeContinuousBackups: ofTable('DescribeContinuousBackups'),
  UpdateContinuousBackups: ofTable('UpdateContinuousBackups'),
  ListTables: entry(['dynamodb:ListTables'], noInput, (_, { account }) => [
    requirementOn('ListTables', { arn: '*', account }),
  ]),
}
