/** The values of parameters and references of a template that CloudFormation receives, before any of its resources exists. */
import * as v from 'valibot'
import { type ResourceValues, resourceValuesOf, type StackIdentity } from './references.ts'
import { type Bindings, resolve } from './resolve.ts'

export type Place = {
  readonly stage: string
  readonly account: string
  readonly region: string
  /** Values of the parameters of templates. A parameter without one has its default, or its name as a stand-in. */
  readonly parameters?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** The account of a customer in the template of customers' roles, if no other is given. */
const customerAccount = '111122223333'

export const Template = v.looseObject({
  Parameters: v.optional(
    v.record(
      v.string(),
      v.looseObject({
        Type: v.optional(v.string(), 'String'),
        Default: v.optional(v.unknown()),
        AllowedValues: v.optional(v.array(v.unknown()), []),
      }),
    ),
    {},
  ),
  Conditions: v.optional(v.record(v.string(), v.unknown()), {}),
  Resources: v.record(
    v.string(),
    v.looseObject({ Type: v.string(), Properties: v.optional(v.record(v.string(), v.unknown()), {}) }),
  ),
})
export type Template = v.InferOutput<typeof Template>

/**
 * A parameter without a value has its default, or its name as a stand-in. A switch is on, whatever its default: a role is judged with
 * everything that a template can grant.
 */
export function bindingsOf(template: Template, { stage, account, region, parameters = {} }: Place): Bindings {
  const isCustomers = 'SesameAccount' in template.Parameters
  const home = parameters['AWS::AccountId'] ?? (isCustomers ? customerAccount : account)
  const own = Object.entries(template.Parameters).map(
    ([name, { Type: type, Default: given, AllowedValues: allowed }]) => {
      const fallback = allowed.includes('on') ? 'on' : given
      const known = { Stage: stage, SesameAccount: account }[name]
      const value = parameters[name] ?? known ?? fallback ?? `the-${name.toLowerCase()}`
      return [name, /^(CommaDelimitedList|List<)/.test(type) ? String(value).split(',') : value]
    },
  )
  const values: Record<string, ResourceValues> = {}
  const bindings: Bindings = {
    parameters: {
      'AWS::AccountId': home,
      'AWS::Partition': 'aws',
      'AWS::Region': region,
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': `sesame-${stage}`,
      'sls:stage': stage,
      ...Object.fromEntries(own),
    },
    resources: values,
    conditions: template.Conditions,
  }
  const identity: StackIdentity = { account: home, region, stack: `sesame-${stage}`, endpoint: 'https://sqs' }
  for (const [id, { Type: type, Properties: properties }] of Object.entries(template.Resources))
    values[id] = valuesOf(id, type, properties, identity, bindings)
  return bindings
}

function valuesOf(
  id: string,
  type: string,
  properties: Readonly<Record<string, unknown>>,
  identity: StackIdentity,
  bindings: Bindings,
): ResourceValues {
  const names = Object.entries(properties)
    .filter(([name]) => name === 'Path' || name.endsWith('Name'))
    .filter(([, value]) => typeof value === 'string' || /^\{"(Fn::Sub|Ref)":/.test(JSON.stringify(value)))
    .map(([name, value]) => [name, resolve(value, bindings)])
  const known = resourceValuesOf(id, type, Object.fromEntries(names), identity)
  if (type === 'AWS::Lambda::Function') {
    const name = String(Object.fromEntries(names).FunctionName ?? id)
    return { Ref: name, Arn: `arn:aws:lambda:${identity.region}:${identity.account}:function:${name}` }
  }
  return type === 'AWS::DynamoDB::Table'
    ? { ...known, StreamArn: `${known.Arn}/stream/2026-01-01T00:00:00.000` }
    : known
}
