/**
 * The parts of a DynamoDB request that IAM can check: the table, the top-level attributes that the request reads or writes, and the selection.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
import * as v from 'valibot'
import type { Context } from '../request.ts'
import { attributesIn } from './dynamodb-expression.ts'
import {
  arnOf,
  localArn,
  MalformedInputError,
  nameSchema,
  type Requirement,
  type ResourceContext,
  textSchema,
} from './entry.ts'

const attributeNames = v.optional(v.record(v.string(), v.string()), {})
const expression = v.optional(v.string())
const legacy = v.optional(v.record(v.string(), v.unknown()))
export const tableInput = { TableName: textSchema }
export const capacityInput = { ReturnConsumedCapacity: v.optional(v.string()) }
export const returnValuesInput = { ReturnValues: v.optional(v.string()) }
export const expressionInput = {
  ExpressionAttributeNames: attributeNames,
  ProjectionExpression: expression,
  UpdateExpression: expression,
  ConditionExpression: expression,
  FilterExpression: expression,
  KeyConditionExpression: expression,
  AttributesToGet: v.optional(v.array(v.string())),
  AttributeUpdates: legacy,
  Expected: legacy,
  KeyConditions: legacy,
  QueryFilter: legacy,
  ScanFilter: legacy,
}

const expressionsSchema = v.object(expressionInput)
export type Expressions = v.InferOutput<typeof expressionsSchema>
export type Table = { arn: string; account: string }

/** @param name a table's name or ARN */
export function tableOf(name: string, place: ResourceContext, field = 'TableName'): Table {
  if (!name.startsWith('arn:')) {
    if (!v.is(nameSchema, name)) throw new MalformedInputError(field, 'is not a name')
    return { arn: localArn('dynamodb', place, `table/${name}`), account: place.account }
  }
  const { text, account, resource } = arnOf(name, 'dynamodb', field)
  if (!/^table\/[\w.-]+$/.test(resource)) throw new MalformedInputError(field, 'is not the ARN of a table')
  return { arn: text, account }
}

/** The top-level attributes that the request names in its key or item, its expressions and its legacy parameters. */
export function attributesOf(input: Expressions, keyOrItem: Readonly<Record<string, unknown>> = {}): string[] {
  const aliases = input.ExpressionAttributeNames
  const inExpressions = (
    [
      'ProjectionExpression',
      'UpdateExpression',
      'ConditionExpression',
      'FilterExpression',
      'KeyConditionExpression',
    ] as const
  ).flatMap((field) => attributesIn(input[field], aliases, field))
  const inLegacy = (['AttributeUpdates', 'Expected', 'KeyConditions', 'QueryFilter', 'ScanFilter'] as const).flatMap(
    (field) => Object.keys(input[field] ?? {}),
  )
  return unique([...Object.keys(keyOrItem), ...inExpressions, ...inLegacy, ...(input.AttributesToGet ?? [])])
}

export const unique = (texts: readonly string[]) => [...new Set(texts)]

/** The keys with a value: a parameter that is absent from the request is an absent key. */
export function definedKeys(keys: Record<string, string | readonly string[] | undefined>): Context {
  return Object.fromEntries(Object.entries(keys).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
}

/** The value of `Select`, with the default of the Query API: SPECIFIC_ATTRIBUTES with a projection, otherwise all attributes of the table or index. */
export function selectOf(input: Expressions & { Select?: string | undefined }, index?: string): string {
  if (input.Select !== undefined) return input.Select
  if (input.ProjectionExpression !== undefined || input.AttributesToGet !== undefined) return 'SPECIFIC_ATTRIBUTES'
  return index === undefined ? 'ALL_ATTRIBUTES' : 'ALL_PROJECTED_ATTRIBUTES'
}

export function requirementOn(action: string, { arn, account }: Table, context: Context = {}): Requirement {
  return { action: `dynamodb:${action}`, resource: arn, resourceAccount: account, context }
}
