/**
 * Placeholders for values that are known only when a stack is deployed, so that its policies can be read earlier.
 *
 * A parameter yields its default. Without a default it yields its own name or, if its pattern requires an account id, an account other than
 * the stack's. Both branches of each condition are read.
 */
import { resolve } from '../../../src/template/resolve.ts'

/** The account into which a template is deployed. All other accounts are external. */
export const ownAccount = '111111111111'
const otherAccount = '222222222222'
/** Long values, so that policy sizes are not underestimated. */
const pseudo = {
  'AWS::AccountId': ownAccount,
  'AWS::Partition': 'aws',
  'AWS::Region': 'ap-southeast-2',
  'AWS::StackName': 'sesame-production',
  'AWS::StackId': `arn:aws:cloudformation:ap-southeast-2:${ownAccount}:stack/sesame-production/00000000-0000-0000-0000-000000000000`,
  'AWS::URLSuffix': 'amazonaws.com',
}

/** Variables of the Serverless Framework such as `${sls:stage}`. The framework resolves them before CloudFormation reads the file. */
export const frameworkVariable = /\$\{(?:sls|env|opt|self|param|file)[:(][^}]*\}/g

/**
 * The value in every variant that its conditions allow, with resolved intrinsics.
 *
 * @throws UnresolvedError if an intrinsic cannot be resolved
 */
export function variantsOf(value: unknown, template: unknown): unknown[] {
  const plain = JSON.parse(JSON.stringify(value ?? null).replaceAll(frameworkVariable, 'production'))
  const parameters = { ...parametersOf(template), ...pseudo }
  const { names, conditions } = referencesIn(plain)
  const arn = (id: string) => `arn:aws:any:ap-southeast-2:${ownAccount}:${id}`
  const anything = (id: string) => new Proxy({ Ref: arn(id) }, everyAttribute(arn(id)))
  const resources = Object.fromEntries(
    [...names].filter((name) => !(name in parameters)).map((name) => [name, anything(name)]),
  )
  const variants = assignments([...conditions]).map((chosen) =>
    resolve(plain, { parameters, resources, conditions: chosen }),
  )
  return [...new Map(variants.map((one) => [JSON.stringify(one), one])).values()]
}

/** The resource has every attribute. */
const everyAttribute = (arn: string): ProxyHandler<{ Ref: string }> => ({
  get: () => arn,
  getOwnPropertyDescriptor: () => ({ value: arn, configurable: true, enumerable: true }),
})

/** Every combination of the conditions. @throws RangeError for more than ten conditions, which are more than 1,024 variants */
function assignments(names: readonly string[]): Record<string, boolean>[] {
  if (names.length > 10) throw new RangeError(`depends on ${names.length} conditions at once`)
  return names.reduce<Record<string, boolean>[]>(
    (all, name) => all.flatMap((one) => [true, false].map((value) => ({ ...one, [name]: value }))),
    [{}],
  )
}

function parametersOf(template: unknown): Record<string, unknown> {
  const declared: Record<string, unknown> = Object(Object(template).Parameters)
  return Object.fromEntries(
    Object.entries(declared).map(([name, one]) => {
      const { Type, Default, AllowedPattern, AllowedValues } = Object(one)
      const isAccount = typeof AllowedPattern === 'string' && new RegExp(AllowedPattern).test(otherAccount)
      const unset = Default === undefined || Default === ''
      const value = unset
        ? (AllowedValues?.[0] ?? (isAccount && /\{12\}/.test(AllowedPattern) ? otherAccount : name))
        : Default
      return [name, /List/.test(String(Type)) ? String(value).split(',') : value]
    }),
  )
}

type References = { names: Set<string>; conditions: Set<string> }

/** Every name to which the value refers by Ref, Fn::GetAtt or Fn::Sub, and every condition on which it depends. */
function referencesIn(value: unknown, found: References = { names: new Set(), conditions: new Set() }): References {
  if (typeof value !== 'object' || value === null) return found
  for (const [key, item] of Object.entries(value)) {
    if (key === 'Ref' && typeof item === 'string') found.names.add(item)
    if (key === 'Fn::GetAtt') found.names.add(String(Array.isArray(item) ? item[0] : String(item).split('.')[0]))
    if (key === 'Fn::If' && Array.isArray(item)) found.conditions.add(String(item[0]))
    if (key === 'Condition' && typeof item === 'string') found.conditions.add(item)
    if (key === 'Fn::Sub') {
      const text = String(Array.isArray(item) ? item[0] : item)
      for (const [, name = ''] of text.matchAll(/\$\{([^!}][^}]*)\}/g)) found.names.add(name.trim().split('.')[0] ?? '')
    }
    referencesIn(item, found)
  }
  return found
}
