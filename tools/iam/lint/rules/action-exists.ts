/** An action that AWS does not define grants nothing, and the deployment reports no error. */
import type { Rule } from '../rule.ts'
import { actionsNamed, nearestAction } from '../service-authorization.ts'

export const actionExists: Rule = {
  name: 'action-exists',
  statement: async (one) => {
    const named = one.parsed?.Action ?? one.parsed?.NotAction ?? []
    const checked = await Promise.all(
      named.map(async (action) => {
        if (action === '*' || (await actionsNamed(action)).length > 0) return []
        const near = await nearestAction(action)
        return [
          one.violation(
            [one.parsed?.Action === undefined ? 'NotAction' : 'Action'],
            `${one.name} names ${action}, which AWS does not define.`,
            near === undefined
              ? 'Look it up in the Service Authorization Reference. Not every API operation is an action.'
              : `Did you mean ${near}?`,
          ),
        ]
      }),
    )
    return checked.flat()
  },
}
