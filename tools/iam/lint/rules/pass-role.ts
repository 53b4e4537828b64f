/** Whoever may pass a role to any service may run anything under it. The service is named, exactly or by a pattern that names one. */
import { conditionsOf, sameKey } from '../conditions.ts'
import type { Rule } from '../rule.ts'
import { actionsNamed } from '../service-authorization.ts'

export const passRole: Rule = {
  name: 'pass-role',
  statement: async (one) => {
    const { parsed, kind } = one
    if (kind !== 'identity' || parsed?.Effect !== 'Allow') return []
    const actions = (await Promise.all((parsed.Action ?? []).map(actionsNamed))).flat()
    const isHeld = conditionsOf(parsed).some(
      ({ operator, key, values }) =>
        sameKey(key, 'iam:PassedToService') &&
        (operator === 'StringEquals' || operator === 'StringLike') &&
        values.every((value) => /[a-z]/.test(value)),
    )
    return actions.includes('iam:PassRole') && !isHeld
      ? [
          one.complaint(
            ['Action'],
            `${one.name} passes a role to any service.`,
            'Add the condition StringEquals iam:PassedToService with the service that is to run under it.',
          ),
        ]
      : []
  },
}
