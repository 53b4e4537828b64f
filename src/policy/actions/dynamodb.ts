/**
 * DynamoDB's commands on tables and items.
 *
 * A transaction is no IAM action: each of its items is authorised on its own, marked by dynamodb:EnclosingOperation. A
 * query or scan of an index is authorised on the index alone.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */
import * as v from 'valibot'
import type { Context } from '../request.ts'
import {
  capacity,
  expressions,
  given,
  inTable,
  on,
  returned,
  selectOf,
  type Table,
  tableOf,
  touched,
  unique,
} from './dynamodb-context.ts'
import { itemSchema, leadingKeysOfItem, leadingKeysOfQuery, querySchema } from './dynamodb-keys.ts'
import { type Entry, entry, MalformedInputError, nameSchema, noInput, type Place, type Requirement } from './entry.ts'

const getSchema = v.object({ ...inTable, ...expressions, ...capacity, Key: itemSchema })
const putSchema = v.object({ ...inTable, ...expressions, ...capacity, ...returned, Item: itemSchema })
const changeSchema = v.object({ ...inTable, ...expressions, ...capacity, ...returned, Key: itemSchema })

function change(
  action: string,
  input: v.InferOutput<typeof changeSchema>,
  place: Place,
  more: Context = {},
): Requirement {
  const table = tableOf(input.TableName, place)
  return on(action, table, {
    ...given({
      'dynamodb:LeadingKeys': leadingKeysOfItem(input.Key, table.arn, place),
      'dynamodb:Attributes': touched(input, input.Key),
      'dynamodb:ReturnValues': input.ReturnValues,
      'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity,
    }),
    ...more,
  })
}

function put(input: v.InferOutput<typeof putSchema>, place: Place, more: Context = {}): Requirement {
  const table = tableOf(input.TableName, place)
  return on('PutItem', table, {
    ...given({
      'dynamodb:LeadingKeys': leadingKeysOfItem(input.Item, table.arn, place),
      'dynamodb:Attributes': touched(input, input.Item),
      'dynamodb:ReturnValues': input.ReturnValues,
      'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity,
    }),
    ...more,
  })
}

const queryInput = v.object({
  ...inTable,
  ...expressions,
  ...capacity,
  ...querySchema.entries,
  Select: v.optional(v.string()),
})
const scanInput = v.object({
  ...inTable,
  ...expressions,
  ...capacity,
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
  return on(
    action,
    target,
    given({
      'dynamodb:LeadingKeys': leadingKeys,
      'dynamodb:Attributes': touched(input),
      'dynamodb:Select': selectOf(input, index),
      'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity,
    }),
  )
}

const batchGetInput = v.object({
  ...capacity,
  RequestItems: v.record(v.string(), v.object({ ...expressions, Keys: v.array(itemSchema) })),
})
const batchWriteInput = v.object({
  ...capacity,
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
  ...capacity,
  TransactItems: v.array(
    v.object({
      Put: v.optional(putSchema),
      Update: v.optional(changeSchema),
      Delete: v.optional(changeSchema),
      ConditionCheck: v.optional(changeSchema),
    }),
  ),
})

function transaction(input: v.InferOutput<typeof transactInput>, place: Place): Requirement[] {
  const more = { ...inTransaction, ...given({ 'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity }) }
  return input.TransactItems.flatMap(({ Put, Update, Delete, ConditionCheck }, index) => {
    const parts = [
      ...(Put === undefined ? [] : [put(Put, place, more)]),
      ...(Update === undefined ? [] : [change('UpdateItem', Update, place, more)]),
      ...(Delete === undefined ? [] : [change('DeleteItem', Delete, place, more)]),
      ...(ConditionCheck === undefined ? [] : [change('ConditionCheckItem', ConditionCheck, place, more)]),
    ]
    if (parts.length !== 1)
      throw new MalformedInputError(`TransactItems[${index}]`, 'must be one of Put, Update, Delete, ConditionCheck')
    return parts
  })
}

const ofTable = (action: string): Entry =>
  entry([`dynamodb:${action}`], v.object(inTable), ({ TableName }, place) => [on(action, tableOf(TableName, place))])

export const dynamodb: Readonly<Record<string, Entry>> = {
  GetItem: entry(['dynamodb:GetItem'], getSchema, (input, place) => {
    const table = tableOf(input.TableName, place)
    const keys = {
      'dynamodb:LeadingKeys': leadingKeysOfItem(input.Key, table.arn, place),
      'dynamodb:Attributes': touched(input, input.Key),
      'dynamodb:Select': selectOf(input),
      'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity,
    }
    return [on('GetItem', table, given(keys))]
  }),
  BatchGetItem: entry(['dynamodb:BatchGetItem'], batchGetInput, (input, place) =>
    Object.entries(input.RequestItems).map(([name, request]) => {
      const table = tableOf(name, place, 'RequestItems')
      const keys = {
        'dynamodb:LeadingKeys': unique(request.Keys.flatMap((key) => leadingKeysOfItem(key, table.arn, place))),
        'dynamodb:Attributes': unique(request.Keys.flatMap((key) => touched(request, key))),
        'dynamodb:Select': selectOf(request),
        'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity,
      }
      return on('BatchGetItem', table, given(keys))
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
      return on('BatchWriteItem', table, given(keys))
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
  ListTables: entry(['dynamodb:ListTables'], noInput, (_, { account }) => [on('ListTables', { arn: '*', account })]),
}
