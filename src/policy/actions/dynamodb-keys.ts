/**
 * dynamodb:LeadingKeys: the values of the partition key in a request.
 *
 * The key schema of the table (ResourceContext.keySchemaOf) tells which attribute is the partition key. Without it, every candidate counts, so
 * a policy that limits leading keys can only refuse more. A query without a value for the partition key is malformed, because an empty list
 * would satisfy ForAllValues.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
import * as v from 'valibot'
import { equalitiesIn, type Names } from './dynamodb-expression.ts'
import { MalformedInputError, nameSchema, type ResourceContext } from './entry.ts'

const bytes = v.union([v.string(), v.instance(Uint8Array)])
const attribute = v.looseObject({ S: v.optional(v.string()), N: v.optional(v.string()), B: v.optional(bytes) })
type Attribute = v.InferOutput<typeof attribute>

export const itemSchema = v.record(v.string(), attribute)
export type Item = v.InferOutput<typeof itemSchema>

export const querySchema = v.object({
  IndexName: v.optional(nameSchema),
  KeyConditionExpression: v.optional(v.string()),
  ExpressionAttributeValues: v.optional(v.record(v.string(), attribute), {}),
  KeyConditions: v.optional(
    v.record(
      v.string(),
      v.object({ ComparisonOperator: v.optional(v.string()), AttributeValueList: v.optional(v.array(attribute), []) }),
    ),
  ),
})
type Query = v.InferOutput<typeof querySchema>

/** Base64 as DynamoDB writes it. It does not use Node's Buffer. */
function base64(data: Uint8Array): string {
  return btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(''))
}

function textOf({ S, N, B }: Attribute): string[] {
  const binary = B instanceof Uint8Array ? base64(B) : B
  return [S, N, binary].flatMap((value) => (value === undefined ? [] : [value]))
}

/** @param item a whole item, or only its key */
export function leadingKeysOfItem(item: Item, tableArn: string, place: ResourceContext): string[] {
  const partition = place.keySchemaOf?.(tableArn)?.partition
  if (partition === undefined) return Object.values(item).flatMap(textOf)
  const value = Object.hasOwn(item, partition) ? item[partition] : undefined
  if (value === undefined) throw new MalformedInputError('The key', `lacks ${partition}`)
  return textOf(value)
}

export function leadingKeysOfQuery(query: Query, names: Names, tableArn: string, place: ResourceContext): string[] {
  const partition = place.keySchemaOf?.(tableArn, query.IndexName)?.partition
  const equalities = [...equalitiesByExpression(query, names), ...equalitiesByConditions(query)]
  const found = equalities.filter(({ name }) => partition === undefined || name === partition)
  if (found.length === 0) throw new MalformedInputError('KeyConditionExpression', 'has no value for the partition key')
  return found.flatMap(({ value }) => textOf(value))
}

function equalitiesByExpression(query: Query, names: Names): { name: string; value: Attribute }[] {
  const field = 'KeyConditionExpression'
  return equalitiesIn(query.KeyConditionExpression ?? '', names, field).map(({ name, value }) => {
    const values = query.ExpressionAttributeValues
    const attributeValue = Object.hasOwn(values, value) ? values[value] : undefined
    if (attributeValue === undefined)
      throw new MalformedInputError(field, 'uses a value that ExpressionAttributeValues lacks')
    return { name, value: attributeValue }
  })
}

function equalitiesByConditions(query: Query): { name: string; value: Attribute }[] {
  return Object.entries(query.KeyConditions ?? {}).flatMap(([name, { ComparisonOperator, AttributeValueList }]) =>
    ComparisonOperator === 'EQ' ? AttributeValueList.map((value) => ({ name, value })) : [],
  )
}
