/** A principal that may pass a role to any service can run any code under the role. The condition names the service, exactly or by a pattern that contains letters. */
import { conditionsOf, sameKey } from '../conditions.ts'
import type { Rule } from '../rule.ts'
import { actionsNamed } from '../service-authorization.ts'

export const passRole: Rule = {
  name: 'pass-role',
  statement: async (one) => {
    const { parsed, kind } = one
    if (kind !== 'identity' || parsed?.Effect !== 'Allow') return []
    const actions = (await Promise.all((parsed.Action ?? []).map(actionsNamed))).flat()
    const isRestricted = conditionsOf(parsed).some(
      ({ operator, key, values }) =>
        sameKey(key, 'iam:PassedToService') &&
        (operator === 'StringEquals' || operator === 'StringLike') &&
        values.every((value) => /[a-z]/.test(value)),
    )
    return actions.includes('iam:PassRole') && !isRestricted
      ? [
          one.violation(
            ['Action'],
            `${one.name} allows passing a role to any service.`,
            'Add the condition StringEquals iam:PassedToService with the service that uses the role.',
          ),
        ]
      : []
  },
}
