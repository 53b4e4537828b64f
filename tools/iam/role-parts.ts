/**
 * The policies of the role files in iam/ as data: every statement with its actions, resources, principals and conditions, under the names
 * that the file uses. Resources other than roles and managed policies, which templates for users contain, are ignored.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { parse } from 'yaml'

export type FileCondition = { readonly operator: string; readonly key: string; readonly values: readonly string[] }
export type FileStatement = {
  readonly sid: string
  readonly effect: 'Allow' | 'Deny'
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  readonly principals: readonly { readonly kind: string; readonly name: string }[]
  readonly conditions: readonly FileCondition[]
}

/** One policy of a role file. */
export type Part = {
  /** File name without `.yml`. */
  readonly file: string
  /** `trust`, or the name of the policy. */
  readonly name: string
  readonly isTrust: boolean
  readonly statements: readonly FileStatement[]
}

const many = v.pipe(
  v.unknown(),
  v.transform((value) => (value === undefined ? [] : [value].flat().flatMap(branches))),
)
const names = v.pipe(
  many,
  v.transform((items) => items.map(label)),
)
const statement = v.looseObject({
  Sid: v.optional(v.string(), ''),
  Effect: v.picklist(['Allow', 'Deny']),
  Action: v.optional(names, []),
  NotAction: v.optional(names, []),
  Resource: v.optional(names, []),
  NotResource: v.optional(names, []),
  Principal: v.optional(
    v.union([
      v.record(v.string(), names),
      v.pipe(
        v.literal('*'),
        v.transform(() => ({ '*': ['*'] })),
      ),
    ]),
    {},
  ),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), names)), {}),
})
const document = v.looseObject({ Statement: v.pipe(many, v.array(statement)) })
const resource = v.looseObject({
  Type: v.string(),
  Properties: v.optional(
    v.looseObject({
      AssumeRolePolicyDocument: v.optional(document),
      Policies: v.optional(v.pipe(many, v.array(v.looseObject({ PolicyName: names, PolicyDocument: document })))),
      PolicyDocument: v.optional(v.unknown()),
    }),
  ),
})
const file = v.looseObject({ Resources: v.optional(v.record(v.string(), resource), {}) })

const folder = new URL('../../iam/', import.meta.url)

export const fileNames = (): string[] =>
  readdirSync(fileURLToPath(folder))
    .filter((name) => name.endsWith('.yml'))
    .map((name) => basename(name, '.yml'))
    .sort()

export const textOf = (name: string): string => readFileSync(new URL(`${name}.yml`, folder), 'utf8')

/** Every policy of every role file. */
export const allParts = (): Part[] => fileNames().flatMap((name) => partsOf(name, textOf(name)))

export function partsOf(name: string, text: string): Part[] {
  const { Resources: resources } = v.parse(file, parse(text))
  return Object.entries(resources).flatMap(([id, { Type: type, Properties: properties }]) => {
    if (type === 'AWS::IAM::ManagedPolicy') {
      const { Statement } = v.parse(document, properties?.PolicyDocument)
      return [{ file: name, name: id, isTrust: false, statements: Statement.map(fileStatementOf) }]
    }
    if (type !== 'AWS::IAM::Role') return []
    const trust = properties?.AssumeRolePolicyDocument
    return [
      ...(trust
        ? [{ file: name, name: 'trust', isTrust: true, statements: trust.Statement.map(fileStatementOf) }]
        : []),
      ...(properties?.Policies ?? []).map(({ PolicyName: [policy = ''], PolicyDocument: { Statement } }) => ({
        file: name,
        name: policy,
        isTrust: false,
        statements: Statement.map(fileStatementOf),
      })),
    ]
  })
}

function fileStatementOf(one: v.InferOutput<typeof statement>): FileStatement {
  return {
    sid: one.Sid,
    effect: one.Effect,
    actions: [...one.Action, ...one.NotAction],
    resources: [...one.Resource, ...one.NotResource],
    principals: Object.entries(one.Principal).flatMap(([kind, all]) => all.map((name) => ({ kind, name }))),
    conditions: Object.entries(one.Condition).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => ({ operator, key, values })),
    ),
  }
}

/** Both branches of an Fn::If, without AWS::NoValue. */
function branches(value: unknown): unknown[] {
  if (!isObject(value)) return [value]
  const [, yes, no] = Array.isArray(value['Fn::If']) ? value['Fn::If'] : []
  if (yes !== undefined) return [yes, no].flatMap(branches)
  return value.Ref === 'AWS::NoValue' ? [] : [value]
}

/** A short name for an intrinsic: `SuppressionsTable.Arn`, `${AccessBucket.Arn}/customer-access/*`. */
function label(value: unknown): string {
  if (!isObject(value)) return String(value)
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Sub': sub } = value
  if (typeof ref === 'string') return ref
  if (attribute !== undefined) return [attribute].flat().join('.')
  if (sub !== undefined) return String([sub].flat()[0])
  return JSON.stringify(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
