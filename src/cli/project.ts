/**
 * `sesame project add | set | show | list | remove`: projects and the accounts that they send from.
 */
import { type Command, InvalidArgumentError } from 'commander'
import { ProjectAnswer, RemoveProjectAnswer } from '../operations/answers.ts'
import { columnsOf } from './columns.ts'
import { type CommandContext, withByOption } from './command-context.ts'
import { manage } from './invoke.ts'
import { requireProject } from './stack.ts'

type Settings = { configurationSet?: string[]; rules?: unknown; by: string }
type AddOptions = Settings & { account: string }
type SetOptions = Settings & { wholeAccount?: true; suppressFor?: string[] | true }

export function registerProject(program: Command, { stack, print }: CommandContext): void {
  const project = program.command('project').description('manage projects and the SES accounts that they send from')

  withByOption(project.command('add <project>'))
    .description("add a project, or add configuration sets to a project; its account's events then belong to it")
    .requiredOption('--account <id>', 'AWS account that the project sends from')
    .option('--configuration-set <name...>', 'take the events of these configuration sets only (default: all events)')
    .option('--rules <json>', 'suppression rules that differ from the defaults', jsonArgument)
    .action(async (id: string, { account, configurationSet, rules, by }: AddOptions) => {
      const request = { do: 'add-project', by, project: id, account, configurationSets: configurationSet, rules }
      await manage(stack(), request, ProjectAnswer)
      print(`${id} added.`)
    })

  withByOption(project.command('set <project>'))
    .description('change settings of a project; settings that you do not name keep their values')
    .option('--configuration-set <name...>', 'take the events of these configuration sets; replaces the current ones')
    .option('--whole-account', 'take all events of the account')
    .option(
      '--rules <json>',
      'suppression rules; replaces the current ones and applies to stored evidence, too',
      jsonArgument,
    )
    .option(
      '--suppress-for [reason...]',
      'reasons for which SES itself stops mail to an address on its account list: BOUNCE, COMPLAINT, or none; takes effect with sesame configure',
    )
    .action(async (id: string, { configurationSet, wholeAccount, rules, suppressFor, by }: SetOptions) => {
      const configurationSets = wholeAccount ? [] : configurationSet
      const suppressedReasons = suppressFor === true ? [] : suppressFor
      const request = { do: 'set-project', by, project: id, configurationSets, rules, suppressedReasons }
      print(jsonText(await manage(stack(), request, ProjectAnswer)))
    })

  project
    .command('show <project>')
    .description('print the settings and the connection of a project as JSON')
    .action(async (id: string) => {
      const access = stack()
      const settings = await requireProject(access, id)
      const connection = await access.connections.find(id)
      print(jsonText(connection ? { ...settings, connection } : settings))
    })

  project
    .command('list')
    .description('list all projects')
    .action(async () => {
      const rows = (await stack().projects.all()).map(({ id, account, configurationSets }) => [
        id,
        account,
        configurationSets.join(', ') || '*',
      ])
      print(columnsOf([['project', 'account', 'configuration sets'], ...rows]))
    })

  withByOption(project.command('remove <project>'))
    .description('remove a disconnected project; its list and history stay, and its events are refused from then on')
    .action(async (id: string, { by }: { by: string }) => {
      const { removed } = await manage(stack(), { do: 'remove-project', by, project: id }, RemoveProjectAnswer)
      print(removed ? `${id} removed.` : `Project ${id} does not exist.`)
    })
}

const jsonText = (value: object) => JSON.stringify(value, undefined, 2)

function jsonArgument(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new InvalidArgumentError(`Not valid JSON: ${cause instanceof Error ? cause.message : ''}`)
  }
}
