/**
 * `sesame changes`: the history of a project's settings.
 */
import type { Command } from 'commander'
import type { SettingsChange } from '../projects/changes.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, withOutputOption } from './common-options.ts'
import { type Column, createRowPrinter } from './output.ts'
import { requireProject } from './stack.ts'

const columns: readonly Column<SettingsChange>[] = [
  ['when', ({ at }) => at],
  ['who', ({ by }) => by],
  ['what', ({ what }) => what],
  ['set to', ({ fields }) => fieldsText(fields)],
]

export function registerChanges(program: Command, context: CommandContext): void {
  withOutputOption(program.command('changes <project>'))
    .description('list who changed which settings of a project and when, oldest first')
    .action(async (project: string, options: OutputOptions) => {
      const access = context.stack()
      const printer = createRowPrinter(context, options, columns)
      let count = 0
      for await (const change of access.changes.of(project)) {
        count++
        await printer.add(change)
      }
      // The history of a removed project stays. Without a history, the name may be mistyped.
      if (count === 0) await requireProject(access, project)
      await printer.end(`No change of ${project} is recorded.`)
    })
}

const fieldsText = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}`)
    .join('; ')
