/** NotAction, NotResource and NotPrincipal with Allow grant everything but what is named: nobody can say what that is. */
import type { Rule } from '../rule.ts'

const elements = ['NotAction', 'NotResource', 'NotPrincipal'] as const

export const notElements: Rule = {
  name: 'not-elements',
  statement: (one) => {
    if (one.raw.Effect !== 'Allow') return []
    return elements
      .filter((element) => element in one.raw)
      .map((element) =>
        one.complaint(
          [element],
          `${one.name} allows by ${element}.`,
          `Write ${element.slice(3)} and name what is allowed.`,
        ),
      )
  },
}
