/** An action that AWS does not know grants nothing, and nobody is told so when the role is deployed. */
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
          one.complaint(
            [one.parsed?.Action === undefined ? 'NotAction' : 'Action'],
            `${one.name} names ${action}, which AWS does not know.`,
            near === undefined
              ? 'Look it up in the Service Authorization Reference; not every API call is an action.'
              : `Is it ${near}?`,
          ),
        ]
      }),
    )
    return checked.flat()
  },
}
