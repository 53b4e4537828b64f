/**
 * What stands in for all that is known only when a stack is deployed, so that its policies can be read before.
 *
 * A parameter gives its default; one without is named after itself, or, if it has to look like an account, is another account than
 * the one that the stack is in. Whatever depends on a condition is read both ways.
 */
import { resolve } from '../../../src/template/resolve.ts'

/** The account that a template is deployed into. Every other is somebody else's. */
export const ownAccount = '111111111111'
const otherAccount = '222222222222'
/** Long ones, so that sizes are not found too small. */
const pseudo = {
  'AWS::AccountId': ownAccount,
  'AWS::Partition': 'aws',
  'AWS::Region': 'ap-southeast-2',
  'AWS::StackName': 'sesame-production',
  'AWS::StackId': `arn:aws:cloudformation:ap-southeast-2:${ownAccount}:stack/sesame-production/00000000-0000-0000-0000-000000000000`,
  'AWS::URLSuffix': 'amazonaws.com',
}

/** Variables of the Serverless Framework, as in `${sls:stage}`: resolved before CloudFormation sees the file. */
export const frameworkVariable = /\$\{(?:sls|env|opt|self|param|file)[:(][^}]*\}/g

/** The value in every variant that its conditions allow, intrinsics resolved. Throws UnresolvedError. */
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

/** Whichever attribute is asked for, the resource has it. */
const everyAttribute = (arn: string): ProxyHandler<{ Ref: string }> => ({
  get: () => arn,
  getOwnPropertyDescriptor: () => ({ value: arn, configurable: true, enumerable: true }),
})

/** More than ten conditions in one statement would be more variants than anybody could read, too. */
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

/** Every name that the value refers to, by Ref, Fn::GetAtt or Fn::Sub, and every condition that it depends on. */
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
