/**
 * Policies that exceed IAM's quotas. White space does not count. The quota of a trust policy can be raised, the others cannot. Names that
 * are known only when the stack is deployed are placeholders, so sizes are approximate.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
 */
import type { Violation } from '../finding.ts'
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
      ...over(one, ['Policies'], 'inline policies in total', largest(inlineSize), 10_240),
    ]
  },
}

const sizeOf = (document: unknown): number => (JSON.stringify(document) ?? '').replace(/\s/g, '').length

function inlineSize({ Policies }: Record<string, unknown>): number {
  const policies: unknown[] = Array.isArray(Policies) ? Policies : []
  return policies.reduce<number>((sum, policy) => sum + sizeOf(Object(policy).PolicyDocument), 0)
}

function over(one: Resource, path: Path, what: string, size: number, limit: number): Violation[] {
  if (size <= limit) return []
  return [
    {
      at: one.location('Properties', ...path),
      problem: `${one.id}: size of the ${what} is about ${size} characters; IAM accepts ${limit}.`,
      fix: 'Merge statements that differ only in their actions, or reduce what the role does.',
    },
  ]
}
