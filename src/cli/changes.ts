/**
 * `sesame changes`: the history of a project's settings.
 */
import type { Command } from 'commander'
import { columnsOf } from './columns.ts'
import type { CommandContext } from './command-context.ts'

export function registerChanges(program: Command, { stack, print }: CommandContext): void {
  program
    .command('changes <project>')
    .description('list who changed which settings of a project and when, oldest first')
    .option('--json', 'print one JSON object per line')
    .action(async (project: string, { json }: { json?: true }) => {
      const rows: string[][] = []
      for await (const change of stack().changes.of(project)) {
        const { at, by, what, fields } = change
        if (json) print(JSON.stringify(change))
        else rows.push([at.toISOString(), by, what, fieldsText(fields)])
      }
      if (!json) print(columnsOf([['when', 'who', 'what', 'set to'], ...rows]))
    })
}

const fieldsText = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}`)
    .join('; ')
