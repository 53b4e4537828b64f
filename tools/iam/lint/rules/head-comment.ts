/** A role file is headed by what the role may, what it may not, and why, in words for whoever has to approve it. */
import { RoleFileError, readHead } from '../../../../src/template/role-file.ts'
import type { Rule } from '../rule.ts'

export const headComment: Rule = {
  name: 'head-comment',
  roleFile: (source) =>
    lackingIn(source.text).map((part) => ({
      at: source.spot([]),
      what: `The head comment lacks "${part}:".`,
      mend: `Begin the file with a line "# ${part}:" and say it in words.`,
    })),
}

/** The parts that say nothing, or the first that is not there. */
function lackingIn(text: string): string[] {
  try {
    const { may, mayNot, why } = readHead('', text)
    const parts = { may, 'may not': mayNot, why }
    return Object.entries(parts).flatMap(([part, words]) => (/\w+\W+\w+/.test(words) ? [] : [part]))
  } catch (error) {
    if (!(error instanceof RoleFileError)) throw error
    return [/"([^"]+):"/.exec(error.message)?.[1] ?? 'may']
  }
}
