/** NotAction, NotResource and NotPrincipal with Allow grant everything except what they name, which cannot be reviewed. */
import type { Rule } from '../rule.ts'

const elements = ['NotAction', 'NotResource', 'NotPrincipal'] as const

export const notElements: Rule = {
  name: 'not-elements',
  statement: (one) => {
    if (one.raw.Effect !== 'Allow') return []
    return elements
      .filter((element) => element in one.raw)
      .map((element) =>
        one.violation(
          [element],
          `${one.name} uses ${element} with Allow.`,
          `Use ${element.slice(3)} and name what is allowed.`,
        ),
      )
  },
}
