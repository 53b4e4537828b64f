/**
 * What IAM refuses to store. White space does not count; the default quota of a trust policy can be raised, the others cannot.
 * Names that a stack gives are not known here, so a size is near, not exact.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
 */
import type { Complaint } from '../finding.ts'
import type { Rule } from '../rule.ts'
import type { Path } from '../source.ts'
import { grantTypes, type Resource } from '../template.ts'

export const policySize: Rule = {
  name: 'policy-size',
  resource: (one) => {
    if (!grantTypes.has(one.type)) return []
    const variants = one.variants().map((variant) => Object(variant))
    const largest = (measure: (variant: Record<string, unknown>) => number) => Math.max(...variants.map(measure))
    if (one.type !== 'AWS::IAM::Role')
      return one.type === 'AWS::IAM::ManagedPolicy'
        ? over(
            one,
            ['PolicyDocument'],
            'managed policy',
            largest(({ PolicyDocument }) => sizeOf(PolicyDocument)),
            6144,
          )
        : []
    return [
      ...over(
        one,
        ['AssumeRolePolicyDocument'],
        'trust policy',
        largest(({ AssumeRolePolicyDocument }) => sizeOf(AssumeRolePolicyDocument)),
        2048,
      ),
      ...over(one, ['Policies'], 'inline policies together', largest(inlineSize), 10_240),
    ]
  },
}

const sizeOf = (document: unknown): number => (JSON.stringify(document) ?? '').replace(/\s/g, '').length

function inlineSize({ Policies }: Record<string, unknown>): number {
  const policies: unknown[] = Array.isArray(Policies) ? Policies : []
  return policies.reduce<number>((sum, policy) => sum + sizeOf(Object(policy).PolicyDocument), 0)
}

function over(one: Resource, path: Path, what: string, size: number, limit: number): Complaint[] {
  if (size <= limit) return []
  return [
    {
      at: one.spot('Properties', ...path),
      what: `${one.id}: ${what} of about ${size} characters; IAM takes ${limit}.`,
      mend: 'Join statements that differ only in their actions, or let the role do less.',
    },
  ]
}
