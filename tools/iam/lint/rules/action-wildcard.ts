/** A pattern grants actions without review, and actions that AWS adds later. A Deny may use a pattern, because it only removes permissions. */
import type { Rule } from '../rule.ts'
import { isPattern } from '../service-authorization.ts'

export const actionWildcard: Rule = {
  name: 'action-wildcard',
  statement: (one) => {
    if (one.parsed?.Effect !== 'Allow') return []
    return (one.parsed.Action ?? [])
      .filter(isPattern)
      .map((action) =>
        one.violation(
          ['Action'],
          `${one.name} allows the pattern ${action}.`,
          'Name each action that the code performs.',
        ),
      )
  },
}
