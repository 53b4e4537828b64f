/** Reports what the lint cannot judge: invalid YAML, an unknown tag or intrinsic, a statement that IAM would reject. */
import type { Rule } from '../rule.ts'
import { documentsOf } from '../template.ts'

export const readable: Rule = {
  name: 'readable',
  resource: (one) =>
    documentsOf(one)
      .filter(({ value }) => Object(value).Statement === undefined)
      .map(({ path }) => ({
        at: one.source.location(path),
        problem: `${one.id} has a policy whose statements the lint cannot read.`,
        fix: 'Write the policy document as YAML, statement by statement.',
      })),
  statement: (one) => {
    const byOtherRule = 'NotPrincipal' in one.raw && one.raw.Effect === 'Allow'
    if (one.problem === undefined || byOtherRule) return []
    return [one.violation([], `${one.name} is not a valid statement: ${one.problem}.`, 'Correct it as IAM requires.')]
  },
}
