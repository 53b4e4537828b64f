/** What cannot be read cannot be judged: broken YAML, a tag or an intrinsic that is not understood, a statement that IAM would refuse. */
import type { Rule } from '../rule.ts'
import { documentsOf } from '../template.ts'

export const readable: Rule = {
  name: 'readable',
  resource: (one) =>
    documentsOf(one)
      .filter(({ value }) => Object(value).Statement === undefined)
      .map(({ path }) => ({
        at: one.source.spot(path),
        what: `${one.id} has a policy without statements that can be read here.`,
        mend: 'Write the document out as YAML, statement by statement.',
      })),
  statement: (one) => {
    const byOtherRule = 'NotPrincipal' in one.raw && one.raw.Effect === 'Allow'
    if (one.problem === undefined || byOtherRule) return []
    return [one.complaint([], `${one.name} is no statement: ${one.problem}.`, 'Write it as IAM reads it.')]
  },
}
