/**
 * A role file is the whole truth about one role: one role stands in it, and nothing anywhere that adds grants to a role from outside.
 * A managed policy stands alone in its file: it is a boundary.
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
        at: second?.spot() ?? source.spot([]),
        what: `The file holds ${roles.length} roles and ${boundaries.length} managed policies.`,
        mend: 'Give each role, and each boundary, a file of its own.',
      },
    ]
  },
  resource: (one) => {
    if (additions.has(one.type))
      return [
        {
          at: one.spot(),
          what: `${one.id} adds grants to a role that stands elsewhere.`,
          mend: "Write them among the role's own Policies.",
        },
      ]
    if (one.type !== 'AWS::IAM::Role' || one.properties.ManagedPolicyArns === undefined) return []
    return [
      {
        at: one.spot('Properties', 'ManagedPolicyArns'),
        what: `${one.id} takes in policies that stand elsewhere and can change there.`,
        mend: "Write what it needs of them among the role's own Policies.",
      },
    ]
  },
}
