/** ForAllValues is true if the key is absent, so an Allow that relies on it accepts every request that omits the key. */
import { conditionsOf, sameKey } from '../conditions.ts'
import type { Rule } from '../rule.ts'

export const forAllValues: Rule = {
  name: 'for-all-values',
  statement: (one) => {
    if (one.parsed?.Effect !== 'Allow') return []
    const conditions = conditionsOf(one.parsed)
    const isRequired = (key: string) =>
      conditions.some(
        (other) =>
          other.operator === 'Null' &&
          sameKey(other.key, key) &&
          other.values.every((value) => value.toLowerCase() === 'false'),
      )
    return conditions
      .filter(({ operator, key }) => operator.startsWith('ForAllValues:') && !isRequired(key))
      .map(({ operator, key }) =>
        one.violation(
          ['Condition', operator, key],
          `${one.name} is true if ${key} is absent.`,
          `Require the key as well: 'Null': { ${key}: 'false' }.`,
        ),
      )
  },
}
