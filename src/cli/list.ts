/**
 * `sesame list`: the suppression list of a project.
 */
import type { Command } from 'commander'
import type { Listed } from '../suppression/read-list.ts'
import type { CommandContext } from './command-context.ts'
import { requireProject } from './stack.ts'
import { suppressionTable } from './suppression-table.ts'

export function registerList(program: Command, { stack, print, now }: CommandContext): void {
  program
    .command('list <project>')
    .description('list the suppressed addresses of a project')
    .option('--all', 'also list addresses that have evidence but are not suppressed')
    .option('--json', 'print one JSON object per line')
    .action(async (id: string, options: { all?: true; json?: true }) => {
      const access = stack()
      const { rules } = await requireProject(access, id)
      const shown: Listed[] = []
      for await (const listed of access.list.all(id, rules, now())) {
        if (!options.all && listed.verdict.state === 'clear') continue
        if (options.json) print(JSON.stringify(listed))
        else shown.push(listed)
      }
      if (!options.json) print(suppressionTable(shown))
    })
}
