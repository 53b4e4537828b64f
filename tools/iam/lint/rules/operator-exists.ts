/** IAM refuses an operator that it does not know only in some policies; elsewhere, a Deny that rests on one fails open. */
import { formOf } from '../../../../src/policy/conditions.ts'
import { operators } from '../../../../src/policy/operators.ts'
import { conditionsOf } from '../conditions.ts'
import type { Rule } from '../rule.ts'

export const operatorExists: Rule = {
  name: 'operator-exists',
  statement: (one) => {
    if (one.parsed === undefined) return []
    return conditionsOf(one.parsed)
      .filter(({ operator }) => operator !== 'Null' && formOf(operator) === undefined)
      .map(({ operator, key }) => {
        const near = [...operators.keys(), 'Null'].find((known) => known.toLowerCase() === operator.toLowerCase())
        return one.complaint(
          ['Condition', operator, key],
          `${one.name} compares ${key} by ${operator}, which is no operator.`,
          near === undefined
            ? 'Operators stand in the IAM user guide; IfExists goes behind one (Null has none), ForAllValues: or ForAnyValue: before it.'
            : `Write ${near}.`,
        )
      })
  },
}
