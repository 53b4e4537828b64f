/**
 * The role of a template of iam/ that is deployed on its own, with the template's parameters resolved.
 */
import * as v from 'valibot'
import { resolve } from '../template/resolve.ts'
import type { RoleTemplate } from '../template/role-file.ts'

type Deployment = {
  readonly account: string
  readonly region: string
  readonly stage: string
  readonly parameters: Readonly<Record<string, string>>
}

const Parameter = v.object({ Type: v.optional(v.string(), 'String'), Default: v.optional(v.unknown()) })
const Resolved = v.looseObject({ RoleName: v.string(), Path: v.string() })

/**
 * A parameter without a value and without a default is resolved to its name in brackets, which no real resource has.
 * @throws UnresolvedError
 */
export function roleOfTemplate(
  { template, properties }: RoleTemplate,
  { account, region, stage, parameters }: Deployment,
) {
  const unset: string[] = []
  const values = Object.entries(template.Parameters).map(([name, declared]) => {
    const { Type: type, Default: fallback } = v.parse(Parameter, declared)
    const given = parameters[name] ?? (name === 'Stage' ? stage : undefined) ?? fallback
    if (given === undefined) unset.push(name)
    const value = given ?? `<${name}>`
    return [name, /^(CommaDelimitedList|List<)/.test(type) ? String(value).split(',') : value]
  })
  const resolved = v.parse(
    Resolved,
    resolve(properties, {
      parameters: {
        'AWS::AccountId': account,
        'AWS::Partition': 'aws',
        'AWS::Region': region,
        ...Object.fromEntries(values),
      },
      resources: {},
      conditions: template.Conditions,
    }),
  )
  const { RoleName: name, Path: path } = resolved
  return { name, arn: `arn:aws:iam::${account}:role${path}${name}`, properties: resolved, unset }
}
