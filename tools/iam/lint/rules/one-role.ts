/**
 * A role file defines one role completely: it contains one role, and no resource elsewhere adds grants to it. A managed policy is a
 * boundary and has a file of its own.
 */
import type { Rule } from '../rule.ts'

const additions = new Set(['AWS::IAM::Policy', 'AWS::IAM::RolePolicy'])

export const oneRole: Rule = {
  name: 'one-role',
  roleFile: (source, resources) => {
    if (source.value === undefined) return []
    const roles = resources.filter(({ type }) => type === 'AWS::IAM::Role')
    const boundaries = resources.filter(({ type }) => type === 'AWS::IAM::ManagedPolicy')
    if (roles.length + boundaries.length === 1) return []
    const [, second] = [...roles, ...boundaries]
    return [
      {
        at: second?.location() ?? source.location([]),
        problem: `The file contains ${roles.length} roles and ${boundaries.length} managed policies.`,
        fix: 'Write one file for each role and for each boundary.',
      },
    ]
  },
  resource: (one) => {
    if (additions.has(one.type))
      return [
        {
          at: one.location(),
          problem: `${one.id} adds grants to a role that is defined elsewhere.`,
          fix: "Move the grants to the role's own Policies.",
        },
      ]
    if (one.type !== 'AWS::IAM::Role' || one.properties.ManagedPolicyArns === undefined) return []
    return [
      {
        at: one.location('Properties', 'ManagedPolicyArns'),
        problem: `${one.id} includes managed policies, which are defined and changed elsewhere.`,
        fix: "Copy the required grants to the role's own Policies.",
      },
    ]
  },
}
