/** A statement says what it lets happen: that name stands in the explanation of every decision, and in the page of the roles. */
import type { Complaint } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { grantTypes, type LintStatement } from '../template.ts'
import { verbs } from '../verbs.ts'

export const sid: Rule = {
  name: 'sid',
  resource: (one, statements) => {
    if (!grantTypes.has(one.type)) return []
    const seen = new Map<string, readonly (string | number)[]>()
    return statements.flatMap((statement) => {
      const earlier = seen.get(statement.name)
      if (earlier !== undefined && earlier.join() !== statement.path.join() && statement.raw.Sid !== undefined)
        return [
          statement.complaint(
            ['Sid'],
            `${one.id} has two statements named ${statement.name}.`,
            'Name each for what it alone lets happen.',
          ),
        ]
      seen.set(statement.name, statement.path)
      return nameless(statement)
    })
  },
}

function nameless(one: LintStatement): Complaint[] {
  const { Sid } = one.raw
  if (typeof Sid !== 'string' || Sid === '')
    return [
      one.complaint(
        [],
        `${one.name} of ${one.resource.id} has no Sid.`,
        'Name it by a verb phrase, such as WriteItsOwnLog.',
      ),
    ]
  const words = /^([A-Z][a-z0-9]*)([A-Z][a-z0-9]*)+$/.exec(Sid)
  if (words?.[1] !== undefined && verbs.has(words[1])) return []
  return [
    one.complaint(
      ['Sid'],
      `${Sid} does not say who may do what.`,
      'Begin with a verb of tools/iam/lint/verbs.ts and go on with what it is done to, such as WriteItsOwnLog.',
    ),
  ]
}
