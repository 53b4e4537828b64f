/** ForAllValues is met when the key is absent: an Allow that rests on it is open to every request that leaves the key out. */
import { conditionsOf, sameKey } from '../conditions.ts'
import type { Rule } from '../rule.ts'

export const forAllValues: Rule = {
  name: 'for-all-values',
  statement: (one) => {
    if (one.parsed?.Effect !== 'Allow') return []
    const conditions = conditionsOf(one.parsed)
    const isThere = (key: string) =>
      conditions.some(
        (other) =>
          other.operator === 'Null' &&
          sameKey(other.key, key) &&
          other.values.every((value) => value.toLowerCase() === 'false'),
      )
    return conditions
      .filter(({ operator, key }) => operator.startsWith('ForAllValues:') && !isThere(key))
      .map(({ operator, key }) =>
        one.complaint(
          ['Condition', operator, key],
          `${one.name} is met when ${key} is absent.`,
          `Demand it as well: 'Null': { ${key}: 'false' }.`,
        ),
      )
  },
}
