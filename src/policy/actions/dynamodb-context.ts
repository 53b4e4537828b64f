/**
 * What IAM sees of a DynamoDB request: the table, the top-level attributes that it touches, and what it selects.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
import * as v from 'valibot'
import type { Context } from '../request.ts'
import { attributesIn } from './dynamodb-expression.ts'
import { arnOf, localArn, MalformedInputError, nameSchema, type Place, type Requirement, textSchema } from './entry.ts'

const names = v.optional(v.record(v.string(), v.string()), {})
const expression = v.optional(v.string())
const legacy = v.optional(v.record(v.string(), v.unknown()))
export const inTable = { TableName: textSchema }
export const capacity = { ReturnConsumedCapacity: v.optional(v.string()) }
export const returned = { ReturnValues: v.optional(v.string()) }
export const expressions = {
  ExpressionAttributeNames: names,
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

const expressionsSchema = v.object(expressions)
export type Expressions = v.InferOutput<typeof expressionsSchema>
export type Table = { arn: string; account: string }

export function tableOf(name: string, place: Place, field = 'TableName'): Table {
  if (!name.startsWith('arn:')) {
    if (!v.is(nameSchema, name)) throw new MalformedInputError(field, 'is not a name')
    return { arn: localArn('dynamodb', place, `table/${name}`), account: place.account }
  }
  const { text, account, resource } = arnOf(name, 'dynamodb', field)
  if (!/^table\/[\w.-]+$/.test(resource)) throw new MalformedInputError(field, 'is not the ARN of a table')
  return { arn: text, account }
}

export function touched(input: Expressions, keyOrItem: Readonly<Record<string, unknown>> = {}): string[] {
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

/** Only what the request carries: an absent parameter is an absent key. */
export function given(keys: Record<string, string | readonly string[] | undefined>): Context {
  return Object.fromEntries(Object.entries(keys).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
}

/** As the Query API defines it: a projection means SPECIFIC_ATTRIBUTES, none means all of the table or all that the index holds. */
export function selectOf(input: Expressions & { Select?: string | undefined }, index?: string): string {
  if (input.Select !== undefined) return input.Select
  if (input.ProjectionExpression !== undefined || input.AttributesToGet !== undefined) return 'SPECIFIC_ATTRIBUTES'
  return index === undefined ? 'ALL_ATTRIBUTES' : 'ALL_PROJECTED_ATTRIBUTES'
}

export function on(action: string, { arn, account }: Table, context: Context = {}): Requirement {
  return { action: `dynamodb:${action}`, resource: arn, resourceAccount: account, context }
}
