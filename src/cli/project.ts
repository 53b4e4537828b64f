/**
 * `sesame project add | list | show`: projects and the accounts that they send from.
 */
import { userInfo } from 'node:os'
import type { Command } from 'commander'
import { type Project, ProjectSettingsError, readProject } from '../connection/project.ts'
import { columns } from './columns.ts'
import type { Open } from './open.ts'

export function registerProject(program: Command, { stack, print }: Open): void {
  const project = program.command('project').description('projects and the SES accounts that they send from')

  project
    .command('add <project>')
    .description('add a project, or more configuration sets to one: from then on events of its account are its own')
    .requiredOption('--account <id>', 'the AWS account that it sends from')
    .option('--configuration-set <name...>', 'only events of these configuration sets; default: the whole account', [])
    .option('--rules <json>', 'suppression rules, where they differ from the defaults')
    .action(async (id: string, options: { account: string; configurationSet: string[]; rules?: string }) => {
      const settings = {
        id,
        account: options.account,
        configurationSets: options.configurationSet,
        rules: rulesIn(options.rules),
      }
      await stack().projects.add(readProject(settings), { by: userInfo().username, at: new Date() })
      print(`${id} added.`)
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
      print(columns([['project', 'account', 'configuration sets'], ...rows]))
    })

  project
    .command('show <project>')
    .description('the settings of a project, as JSON')
    .action(async (id: string) => print(JSON.stringify(await existing(stack(), id), undefined, 2)))
}

/** @throws ProjectSettingsError if there is no such project */
export async function existing({ projects }: ReturnType<Open['stack']>, id: string): Promise<Project> {
  const project = await projects.find(id)
  if (!project) throw new ProjectSettingsError('project', `${id} does not exist: add it with sesame project add`)
  return project
}

function rulesIn(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ProjectSettingsError('rules', `is not JSON: ${cause instanceof Error ? cause.message : ''}`)
  }
}
