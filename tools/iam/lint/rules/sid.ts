/** Every statement of a role has a unique Sid of several words. Explanations of decisions and the page of the roles show it. */
import type { Violation } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { grantTypes, type LintStatement } from '../template.ts'

export const sid: Rule = {
  name: 'sid',
  resource: (one, statements) => {
    if (!grantTypes.has(one.type)) return []
    const seen = new Map<string, readonly (string | number)[]>()
    return statements.flatMap((statement) => {
      const earlier = seen.get(statement.name)
      if (earlier !== undefined && earlier.join() !== statement.path.join() && statement.raw.Sid !== undefined)
        return [
          statement.violation(
            ['Sid'],
            `${one.id} has two statements named ${statement.name}.`,
            'Name each statement by what only it allows.',
          ),
        ]
      seen.set(statement.name, statement.path)
      return shapeViolations(statement)
    })
  },
}

/** Words with a capital first letter, two at least: `WriteItsOwnLog`. */
const verbPhrase = /^([A-Z][a-z0-9]*){2,}$/

function shapeViolations(one: LintStatement): Violation[] {
  const { Sid } = one.raw
  if (typeof Sid !== 'string' || Sid === '')
    return [
      one.violation(
        [],
        `${one.name} of ${one.resource.id} has no Sid.`,
        'Name it by a verb phrase, such as WriteItsOwnLog.',
      ),
    ]
  if (verbPhrase.test(Sid)) return []
  return [
    one.violation(
      ['Sid'],
      `${Sid} is not a phrase of at least two capitalised words.`,
      'Name the statement by a verb and its object, such as WriteItsOwnLog.',
    ),
  ]
}
