/** A pattern grants actions that nobody has read, and those that AWS adds next year. A Deny may use one: it only takes away. */
import type { Rule } from '../rule.ts'
import { isPattern } from '../service-authorization.ts'

export const actionWildcard: Rule = {
  name: 'action-wildcard',
  statement: (one) => {
    if (one.parsed?.Effect !== 'Allow') return []
    return (one.parsed.Action ?? [])
      .filter(isPattern)
      .map((action) =>
        one.complaint(['Action'], `${one.name} allows ${action}.`, 'Name each action that the code performs.'),
      )
  },
}
