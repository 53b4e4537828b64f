/** A role file begins with what the role may do, what it may not do, and why, in sentences for the person who approves it. */
import { RoleFileError, readRoleFileHead } from '../../../../src/template/role-file.ts'
import type { Rule } from '../rule.ts'

/** Characters that each part must have: fewer are no sentence. */
export const minimumLength = 40

export const headComment: Rule = {
  name: 'head-comment',
  roleFile: (source) => problemsOf(source.text).map(({ problem, fix }) => ({ at: source.location([]), problem, fix })),
}

/** A problem for each part that is too short, or for the first part that is missing. */
function problemsOf(text: string): { problem: string; fix: string }[] {
  try {
    const { may, mayNot, why } = readRoleFileHead('', text)
    return Object.entries({ may, 'may not': mayNot, why }).flatMap(([part, words]) =>
      words.length >= minimumLength
        ? []
        : [
            {
              problem: `"${part}:" in the head comment has ${words.length} characters; the minimum is ${minimumLength}.`,
              fix: `Write a full sentence after "# ${part}:".`,
            },
          ],
    )
  } catch (error) {
    if (!(error instanceof RoleFileError)) throw error
    const part = /"([^"]+):"/.exec(error.message)?.[1] ?? 'may'
    return [
      {
        problem: `The head comment lacks "${part}:".`,
        fix: `Begin the file with "# may:", "# may not:" and "# why:", each with a full sentence.`,
      },
    ]
  }
}
