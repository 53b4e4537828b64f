/** The differences between two states of the role files as Markdown, for a comment on a pull request. */
import type { DifferenceRow } from '../../../src/cli/role-rows.ts'

/** A code span. A backtick or a vertical bar in a value would end the span or the cell. */
const code = (text: string) => `\`${text.replaceAll('`', "'").replaceAll('|', '\\|')}\``

function table(rows: readonly DifferenceRow[]): string[] {
  return [
    '| role | action | statement | smallest request |',
    '|---|---|---|---|',
    ...rows.map(
      ({ role, action, statement, example }) => `| ${role} | ${code(action)} | ${code(statement)} | ${code(example)} |`,
    ),
  ]
}

/** @param base the name of the state that the change is compared with */
export function changesPage(differences: readonly DifferenceRow[], base: string): string {
  const added = differences.filter(({ change }) => change === 'newly allowed')
  const removed = differences.filter(({ change }) => change === 'no longer allowed')
  if (differences.length === 0)
    return `No role may do more or less than in ${base}, whatever the request, and nobody else may assume one.`
  return [
    ...(added.length === 0
      ? ['Nothing is newly allowed, whatever the request.']
      : ['### Newly allowed', '', ...table(added)]),
    ...(removed.length === 0 ? [] : ['', '### No longer allowed', '', ...table(removed)]),
    '',
    `Compared with ${base}, for all requests (docs/proofs.md).`,
  ].join('\n')
}
