/**
 * `sesame project add | list | show | set | remove`: projects and the accounts that they send from.
 */
import { type Command, InvalidArgumentError } from 'commander'
import * as v from 'valibot'
import { type Project, readProject } from '../projects/project.ts'
import { noSuchProject } from '../projects/projects.ts'
import { columnsOf } from './columns.ts'
import { manage, withBy } from './manage.ts'
import type { Open } from './open.ts'

type Settings = { configurationSet?: string[]; rules?: unknown; by: string }
type Changes = Settings & { wholeAccount?: true; suppressFor?: string[] | true }

export function registerProject(program: Command, { stack, print }: Open): void {
  const project = program.command('project').description('projects and the SES accounts that they send from')

  withBy(project.command('add <project>'))
    .description('add a project, or more configuration sets to one: from then on events of its account are its own')
    .requiredOption('--account <id>', 'the AWS account that it sends from')
    .option('--configuration-set <name...>', 'only events of these configuration sets; default: the whole account')
    .option('--rules <json>', 'suppression rules, where they differ from the defaults', json)
    .action(async (id: string, { account, configurationSet, rules, by }: Settings & { account: string }) => {
      const request = { do: 'add-project', by, project: id, account, configurationSets: configurationSet, rules }
      await manage(stack(), request, v.unknown())
      print(`${id} added.`)
    })

  withBy(project.command('set <project>'))
    .description('change settings of a project: what is not named stays as it is')
    .option('--configuration-set <name...>', 'the configuration sets that are its own, in place of those before')
    .option('--whole-account', 'the whole account is its own')
    .option('--rules <json>', 'the suppression rules, in place of those before; known evidence is judged anew', json)
    .option(
      '--suppress-for [reason...]',
      'why SES itself stops mail to an address on its account list: BOUNCE, COMPLAINT, or nothing; sesame configure sets it',
    )
    .action(async (id: string, { configurationSet, wholeAccount, rules, suppressFor, by }: Changes) => {
      const configurationSets = wholeAccount ? [] : configurationSet
      const suppressedReasons = suppressFor === true ? [] : suppressFor
      const request = { do: 'set-project', by, project: id, configurationSets, rules, suppressedReasons }
      print(shown(readProject(await manage(stack(), request, v.unknown()))))
    })

  withBy(project.command('remove <project>'))
    .description(
      'remove a project that is not connected: its events are refused from then on, its list and history stay',
    )
    .action(async (id: string, { by }: { by: string }) => {
      const { removed } = await manage(stack(), { do: 'remove-project', by, project: id }, Removed)
      print(removed ? `${id} removed.` : `There was no project ${id}.`)
    })

  project
    .command('list')
    .description('all projects')
    .action(async () => {
      const rows = (await stack().projects.all()).map(({ id, account, configurationSets }) => [
        id,
        account,
        configurationSets.join(', ') || '*',
      ])
      print(columnsOf([['project', 'account', 'configuration sets'], ...rows]))
    })

  project
    .command('show <project>')
    .description('the settings of a project and its connection, as JSON')
    .action(async (id: string) => {
      const opened = stack()
      const settings = await existing(opened, id)
      const connection = await opened.connections.find(id)
      print(shown(connection ? { ...settings, connection } : settings))
    })
}

const Removed = v.object({ removed: v.boolean() })

const shown = (value: object) => JSON.stringify(value, undefined, 2)

/** @throws ProjectSettingsError if there is no such project */
export async function existing({ projects }: ReturnType<Open['stack']>, id: string): Promise<Project> {
  const project = await projects.find(id)
  if (!project) throw noSuchProject(id)
  return project
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new InvalidArgumentError(`It is not JSON: ${cause instanceof Error ? cause.message : ''}`)
  }
}
