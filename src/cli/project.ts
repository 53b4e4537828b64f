/**
 * `sesame project add | set | show | list | remove`: projects and the accounts that they send from.
 */
import { type Command, InvalidArgumentError } from 'commander'
import * as v from 'valibot'
import { ProjectAnswer, RemoveProjectAnswer } from '../operations/answers.ts'
import type { Connection } from '../projects/connection.ts'
import type { Project } from '../projects/project.ts'
import type { CommandContext } from './command-context.ts'
import {
  confirmed,
  listed,
  type OutputOptions,
  withByOption,
  withOutputOption,
  withYesOption,
  type YesOption,
} from './common-options.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { manage } from './invoke.ts'
import { type Column, printOne, printRows } from './output.ts'
import { requireProject } from './stack.ts'
import { UsageError } from './usage-error.ts'

type Settings = OutputOptions & { configurationSet?: string[]; rules?: unknown; by: string }
type AddOptions = Settings & { account: string }
type SetOptions = Settings & { wholeAccount?: true; suppressFor?: string[] | true }
type Shown = Project & { readonly connection?: Connection }

const listColumns: readonly Column<Project>[] = [
  ['project', ({ id }) => id],
  ['account', ({ account }) => account],
  ['configuration sets', ({ configurationSets }) => configurationSets.join(', ') || '*'],
]
const showColumns: readonly Column<Shown>[] = [
  ...listColumns,
  ['rules', ({ rules }) => JSON.stringify(rules)],
  ['connection', ({ connection }) => connection?.state ?? 'none'],
  ['region', ({ connection }) => connection?.region],
  ['role ARN', ({ connection }) => connection?.roleArn],
]

export function registerProject(program: Command, context: CommandContext): void {
  const { stack } = context
  const project = program.command('project').description('manage projects and the SES accounts that they send from')

  /** The settings as JSON, which is also the form in which `--rules` takes them. */
  const show = (options: OutputOptions, row: Shown) =>
    printOne(context, options, { columns: showColumns, row, text: JSON.stringify(row, undefined, 2) })

  withOutputOption(withByOption(project.command('add <project>')))
    .description("add a project, or add configuration sets to a project; its account's events then belong to it")
    .requiredOption('--account <id>', 'AWS account that the project sends from')
    .option(
      '--configuration-set <name...>',
      'take the events of these configuration sets only (default: all events)',
      listed,
    )
    .option('--rules <json>', 'suppression rules that differ from the defaults', jsonArgument)
    .action(async (id: string, { account, configurationSet, rules, by, ...options }: AddOptions) => {
      const request = { do: 'add-project', by, project: id, account, configurationSets: configurationSet, rules }
      const row = await manage(stack(), request, ProjectAnswer)
      await printOne(context, options, { columns: showColumns, row, text: `${id} added.` })
    })

  withOutputOption(withByOption(project.command('set <project>')))
    .description('change settings of a project; settings that you do not name keep their values')
    .option(
      '--configuration-set <name...>',
      'take the events of these configuration sets; replaces the current ones',
      listed,
    )
    .option('--whole-account', 'take all events of the account')
    .option(
      '--rules <json>',
      'suppression rules; replaces the current ones and applies to stored evidence, too',
      jsonArgument,
    )
    .option(
      '--suppress-for [reason...]',
      'reasons for which SES itself stops mail to an address on its account list: BOUNCE, COMPLAINT, or none; takes effect with sesame configure',
      suppressReasons,
    )
    .action(async (id: string, { configurationSet, wholeAccount, rules, suppressFor, by, ...options }: SetOptions) => {
      const configurationSets = wholeAccount ? [] : configurationSet
      const suppressedReasons = suppressFor === true ? [] : suppressFor
      if ([configurationSets, rules, suppressedReasons].every((setting) => setting === undefined))
        throw new UsageError(`Name a setting of ${id} to change. Show them with sesame project show ${id}`)
      const request = { do: 'set-project', by, project: id, configurationSets, rules, suppressedReasons }
      await show(options, await manage(stack(), request, ProjectAnswer))
    })

  withOutputOption(project.command('show <project>'))
    .description('print the settings and the connection of a project as JSON')
    .action(async (id: string, options: OutputOptions) => {
      const access = stack()
      const settings = await requireProject(access, id)
      const connection = await access.connections.find(id)
      await show(options, connection ? { ...settings, connection } : settings)
    })

  withOutputOption(project.command('list'))
    .description('list all projects')
    .action(async (options: OutputOptions) => {
      const rows = await stack().projects.all()
      const none = 'No project exists. Add one with sesame project add'
      await printRows(context, options, { columns: listColumns, rows, none })
    })

  withYesOption(withOutputOption(withByOption(project.command('remove <project>'))))
    .description('remove a disconnected project; its list and history stay, and its events are refused from then on')
    .action(async (id: string, { by, ...options }: OutputOptions & YesOption & { by: string }) => {
      await confirmed(
        context,
        options,
        `The settings and rules of ${id} are deleted, and its events are refused from then on.`,
      )
      const { removed } = await manage(stack(), { do: 'remove-project', by, project: id }, RemoveProjectAnswer)
      if (!removed) exitWith(exitCodes.failed)
      const text = removed ? `${id} removed.` : `Project ${id} does not exist.`
      const columns: readonly Column<{ project: string; removed: boolean }>[] = [
        ['project', (row) => row.project],
        ['removed', (row) => String(row.removed)],
      ]
      await printOne(context, options, { columns, row: { project: id, removed }, text })
    })
}

/** Known reasons of SES; `none` is none of them. */
function suppressReasons(text: string, before: unknown): string[] {
  const reasons = listed(text, v.is(v.array(v.string()), before) ? before : undefined).map((one) => one.toUpperCase())
  if (reasons.some((one) => !['BOUNCE', 'COMPLAINT', 'NONE'].includes(one)))
    throw new InvalidArgumentError('Known are: BOUNCE, COMPLAINT, none.')
  return reasons.filter((one) => one !== 'NONE')
}

function jsonArgument(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new InvalidArgumentError(`Not valid JSON: ${cause instanceof Error ? cause.message : ''}`)
  }
}
