/** IAM rejects an unknown operator only in some kinds of policy. In the others, a Deny that relies on it fails open. */
import { operatorFormOf } from '../../../../src/policy/conditions.ts'
import { operators } from '../../../../src/policy/operators.ts'
import { conditionsOf } from '../conditions.ts'
import type { Rule } from '../rule.ts'

export const operatorExists: Rule = {
  name: 'operator-exists',
  statement: (one) => {
    if (one.parsed === undefined) return []
    return conditionsOf(one.parsed)
      .filter(({ operator }) => operator !== 'Null' && operatorFormOf(operator) === undefined)
      .map(({ operator, key }) => {
        const near = [...operators.keys(), 'Null'].find((known) => known.toLowerCase() === operator.toLowerCase())
        return one.violation(
          ['Condition', operator, key],
          `${one.name} compares ${key} by ${operator}, which is not an operator of IAM.`,
          near === undefined
            ? 'See the operators in the IAM User Guide. IfExists is a suffix (not for Null); ForAllValues: and ForAnyValue: are prefixes.'
            : `Write ${near}.`,
        )
      })
  },
}
