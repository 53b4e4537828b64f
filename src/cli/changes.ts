/**
 * `sesame changes`: the history of a project's settings.
 */
import type { Command } from 'commander'
import { WebhookChangesAnswer } from '../operations/answers.ts'
import type { SettingsChange } from '../projects/changes.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, userName, withOutputOption } from './common-options.ts'
import { requestOperation } from './invoke.ts'
import { type Column, createRowPrinter } from './output.ts'
import { requireProject, type StackAccess } from './stack.ts'

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
      for (const change of await allChanges(access, project)) {
        count++
        await printer.add(change)
      }
      // The history of a removed project stays. Without a history, the name may be mistyped.
      if (count === 0) await requireProject(access, project)
      await printer.end(`No change of ${project} is recorded.`)
    })
}

/** Those of the settings, and those of the webhooks, which have a table of their own. */
async function allChanges(access: StackAccess, project: string): Promise<SettingsChange[]> {
  const request = { do: 'changes', by: userName(), project }
  const [settings, { changes }] = await Promise.all([
    Array.fromAsync(access.changes.of(project)),
    requestOperation(access, 'manage-webhooks', request, WebhookChangesAnswer),
  ])
  const ofWebhooks = changes.map(({ at, ...change }) => ({ ...change, at: new Date(at) }))
  return [...settings, ...ofWebhooks].sort((one, other) => one.at.getTime() - other.at.getTime())
}

const fieldsText = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}`)
    .join('; ')
