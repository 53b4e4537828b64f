/**
 * `sesame project add | set | show | list | remove`: projects and the accounts that they send from.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import * as v from 'valibot'
import { ProjectAnswer, RemoveProjectAnswer } from '../operations/answers.ts'
import type { Connection } from '../projects/connection.ts'
import type { HoldState } from '../projects/hold.ts'
import { activityLevels, type Project } from '../projects/project.ts'
import type { CommandContext } from './command-context.ts'
import {
  confirmed,
  listed,
  type OutputOptions,
  positiveNumber,
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

type Settings = OutputOptions & { configurationSet?: string[]; rules?: unknown; tenant?: string; by: string }
type AddOptions = Settings & { account: string }
type SendingOptions = {
  pause?: true
  resume?: true
  senders?: string[]
  ifListUnreadable?: string
  sessions?: string
}
type ActivityOptions = { activityDays?: number; readers?: string; findRecipients?: string }
type SetOptions = Settings &
  SendingOptions &
  ActivityOptions & { holdRules?: unknown; wholeAccount?: true; suppressFor?: string[] | true; activity?: string }
type Shown = Project & { readonly connection?: Connection; readonly hold?: HoldState }

const tenantHelp = 'tenant of SES: take its events, and keep its suppression list in step instead of the account list'

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
  ['tenant', ({ tenant }) => tenant],
  ['held because', ({ hold }) => hold?.holds[0]?.why],
]

export function registerProject(program: Command, context: CommandContext): void {
  const { stack, now } = context
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
    .option('--tenant <name>', tenantHelp)
    .action(async (id: string, { account, configurationSet, rules, tenant, by, ...options }: AddOptions) => {
      const settings = { account, configurationSets: configurationSet, rules, tenant }
      // A person with the operator role has typed the account.
      const request = { do: 'add-project', by, project: id, vouched: true, ...settings }
      const row = await manage(stack(), request, ProjectAnswer)
      const proof = row.waitsForProof && `Its events count once its connection is proven: sesame connect ${id}`
      const text = [addedText(id, row.changed), proof].filter(Boolean).join(' ')
      await printOne(context, options, { columns: showColumns, row, text })
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
    .option('--tenant <name>', tenantHelp)
    .addOption(
      new Option(
        '--activity <events>',
        'events that SES publishes for sesame report and timeline; takes effect with sesame configure',
      ).choices(activityLevels),
    )
    .option('--activity-days <number>', 'days for which the events of a mail are kept', positiveNumber)
    .addOption(
      new Option('--readers <what>', 'whether opens and clicks keep IP address and user agent').choices([
        'keep',
        'drop',
      ]),
    )
    .addOption(
      new Option(
        '--find-recipients <events>',
        'events that are found by their recipient: those of mail that failed, or all, which doubles the cost of storing',
      ).choices(['failures', 'all']),
    )
    .option(
      '--hold-rules <json>',
      'rates at which mail is held, and people are warned; replaces the current ones',
      jsonArgument,
    )
    .option('--pause', 'send nothing for this project')
    .option('--resume', 'send again')
    .option('--senders <name...>', 'addresses and domains that may be senders; replaces the current ones', listed)
    .addOption(
      new Option('--if-list-unreadable <what>', 'what to do when the suppression list cannot be read').choices([
        'refuse',
        'send',
      ]),
    )
    .addOption(
      new Option(
        '--sessions <switch>',
        'whether applications may get credentials for the account and send without the guard',
      ).choices(['on', 'off']),
    )
    .action(
      async (
        id: string,
        { configurationSet, wholeAccount, rules, suppressFor, tenant, activity, holdRules, by, ...options }: SetOptions,
      ) => {
        const configurationSets = wholeAccount ? [] : configurationSet
        const suppressedReasons = suppressFor === true ? [] : suppressFor
        const sending = sendingOf(options)
        const activitySettings = activitySettingsOf(options)
        const activityAndHolds = { activity, activitySettings, holdRules }
        const settings = { configurationSets, rules, suppressedReasons, sending, tenant, ...activityAndHolds }
        if (Object.values(settings).every((setting) => setting === undefined))
          throw new UsageError(`Name a setting of ${id} to change. Show them with sesame project show ${id}`)
        const request = { do: 'set-project', by, project: id, ...settings }
        await show(options, await manage(stack(), request, ProjectAnswer))
      },
    )

  withOutputOption(project.command('show <project>'))
    .description('print the settings and the connection of a project as JSON')
    .action(async (id: string, options: OutputOptions) => {
      const access = stack()
      const settings = await requireProject(access, id)
      const connection = await access.connections.find(id)
      const hold = await access.holdOf(id, now())
      await show(options, {
        ...settings,
        ...(connection && { connection }),
        ...((hold.holds.length > 0 || hold.warning) && { hold }),
      })
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

/** What adding did: a project that was there may differ from what the command named. */
function addedText(id: string, changed: v.InferOutput<typeof ProjectAnswer>['changed']): string {
  if (!changed) return `${id} added.`
  if (changed.length === 0) return `${id} was already there, unchanged.`
  const texts = changed.map(
    ({ setting, before = 'none', after = 'none' }) =>
      `${setting}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`,
  )
  return `${id} was already there. Changed: ${texts.join('; ')}.`
}

/** The settings of sending that the options name; `undefined` if they name none. */
function sendingOf({ pause, resume, senders, ifListUnreadable, sessions }: SendingOptions): object | undefined {
  const settings = {
    ...(pause && { paused: true }),
    ...(resume && { paused: false }),
    ...(senders && { senders }),
    ...(ifListUnreadable !== undefined && { ifListUnreadable }),
    ...(sessions !== undefined && { sessions: sessions === 'on' }),
  }
  return Object.keys(settings).length > 0 ? settings : undefined
}

function activitySettingsOf({ activityDays: days, readers, findRecipients: recipients }: ActivityOptions) {
  const settings = {
    ...(days !== undefined && { days }),
    ...(readers !== undefined && { readers }),
    ...(recipients !== undefined && { recipients }),
  }
  return Object.keys(settings).length > 0 ? settings : undefined
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
