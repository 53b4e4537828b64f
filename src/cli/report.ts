/**
 * `sesame report`: what happened to the mail of a project, with the rates by which AWS judges it, and the state of everything around it. The counts
 * are those that are stored for each day: exact once the day is sealed.
 */
import { type Command, Option } from 'commander'
import type { Day } from '../activity/bucket.ts'
import type { Count } from '../activity/counts.ts'
import type { DomainCount } from '../activity/domains.ts'
import { rateKinds } from '../activity/rates.ts'
import { AccountStandingAnswer } from '../operations/answers.ts'
import { gatherReport, type ReportStores } from '../reports/gather-report.ts'
import type { HealthLine } from '../reports/health.ts'
import { reportHtml } from '../reports/html.ts'
import type { AccountFacts, Report } from '../reports/report.ts'
import {
  accountText,
  limitText,
  numberText,
  rateNames,
  rateText,
  remarksOf,
  standingTexts,
  trendText,
  verdictText,
  windowText,
} from '../reports/words.ts'
import { alignedRows, columnWidthsOf } from './columns.ts'
import type { CommandContext } from './command-context.ts'
import { userName } from './common-options.ts'
import { calendarDay, daysOf } from './days.ts'
import { manage, RefusedError } from './invoke.ts'
import { type Column, printRows } from './output.ts'
import { printableLine } from './printable.ts'
import { requireProject, type StackAccess } from './stack.ts'
import { UsageError } from './usage-error.ts'

/** Addresses of the suppression list that are read: a million take some minutes. */
const mostAddresses = 1_000_000

type Options = {
  readonly output: 'table' | 'json' | 'csv' | 'html'
  readonly from?: Day
  readonly to?: Day
  readonly project?: string
}

const columns: readonly Column<Count>[] = [
  ['event', ({ type }) => type],
  ['detail', ({ detail }) => detail],
  ['count', ({ count }) => count],
  ['in no rate because', ({ apart }) => apart],
]

const causeColumns: readonly Column<Report['causes'][number]>[] = [
  ['why mail failed', ({ title }) => title],
  ['count', ({ count }) => count],
  ['what to do', ({ advice }) => advice],
]

const domainColumns: readonly Column<DomainCount>[] = [
  ['domains with most failures', ({ domain }) => domain],
  ['recipients', ({ recipients }) => recipients],
  ['hard bounces', ({ bounces }) => bounces],
  ['complaints', ({ complaints }) => complaints],
]

const healthColumns: readonly Column<HealthLine>[] = [
  ['health of', ({ of }) => of],
  ['state', ({ state }) => state],
  ['finding', ({ text }) => text],
]

export function registerReport(program: Command, context: CommandContext): void {
  const { stack, print, now, progress } = context
  program
    .command('report [project]')
    .description('show what happened to the mail of a project: volumes, rates, causes, domains, list, health')
    .option('--project <project>', 'the project, instead of the argument')
    .option('--from <day>', 'first day on which the mail was sent, in UTC (default: 30 days up to --to)', calendarDay)
    .option('--to <day>', 'last day (default: today)', calendarDay)
    .addOption(
      new Option('--output <format>', 'table; json; csv: the counts; html: a page to print or to send')
        .choices(['table', 'json', 'csv', 'html'])
        .default('table'),
    )
    .addOption(new Option('--json', 'same as --output json').implies({ output: 'json' }))
    .action(async (named: string | undefined, options: Options) => {
      const access = stack()
      const project = await requireProject(access, projectIn(named, options))
      progress?.('reading counts and the suppression list …')
      const days = daysOf(options, now())
      const report = await gatherReport(storesOf(access), project, days, mostAddresses, now())
      if (options.output === 'json') await print(JSON.stringify(report, undefined, 2))
      else if (options.output === 'html') await print(reportHtml(report))
      else if (options.output === 'csv')
        await printRows(context, { output: 'csv' }, { columns, rows: report.counts, none: '' })
      else await printReport(context, report)
    })
}

/** @throws UsageError */
function projectIn(named: string | undefined, { project }: Options): string {
  if (named !== undefined && project !== undefined && named !== project)
    throw new UsageError('Name one project, as argument or with --project')
  const id = named ?? project
  if (id === undefined) throw new UsageError('Name a project: sesame report PROJECT')
  return id
}

/** What SES says is left out of a report if the account cannot be asked now: the health says why. */
async function accountOf(access: StackAccess, project: string): Promise<AccountFacts | undefined> {
  const connection = await access.connections.find(project)
  if (connection?.state !== 'proven') return undefined
  try {
    return await manage(access, { do: 'account-standing', by: userName(), project }, AccountStandingAnswer)
  } catch (error) {
    if (error instanceof RefusedError) return undefined
    throw error
  }
}

const storesOf = (access: StackAccess): ReportStores => ({
  counts: access.counts,
  holdOf: access.holdOf,
  silenceOf: access.silenceOf,
  connectionOf: (project) => access.connections.find(project),
  lastProofOf: async (project) => (await access.proofs.of(project).next()).value,
  recordsOf: (project) => access.list.records(project),
  accountOf: (project) => accountOf(access, project),
  usesOf: (role, from, to) => Array.fromAsync(access.uses.ofRole(role, from, to)),
})

async function printReport(context: CommandContext, report: Report): Promise<void> {
  const { print } = context
  const table = { output: 'table' } as const
  await print(headText(report))
  const none = 'No event is stored. docs/activity.md says how they arrive.'
  await printRows(context, table, { columns, rows: report.counts, none })
  const { causes, failingDomains, health } = report
  if (causes.length > 0) await print('')
  await printRows(context, table, { columns: causeColumns, rows: causes.filter(({ apart }) => !apart), none: '' })
  if (failingDomains.length > 0) {
    await print('')
    await printRows(context, table, { columns: domainColumns, rows: failingDomains, none: '' })
  }
  await print('')
  await printRows(context, table, { columns: healthColumns, rows: health, none: '' })
  const ofAws = report.account ? [printableLine(`AWS: ${accountText(report.account)}`)] : []
  await print(['', ...ofAws, listText(report), ...remarksOf(report)].join('\n'))
}

function headText(report: Report): string {
  const { project, from, to, rates, windows } = report
  const ofPeriod = rateKinds.map((kind) => [
    rateNames[kind],
    rateText(rates[kind], kind, report.judging),
    [trendText(report, kind), limitText(kind, report.judging)].filter(Boolean).join('; '),
  ])
  const ofWindows = windows.flatMap((window) =>
    rateKinds.map((kind) => [
      `${kind}, ${windowText(window.days)}`,
      rateText(window.rates[kind], kind, report.judging),
      standingTexts[window.standings[kind]],
    ]),
  )
  const rows = [...ofPeriod, ...ofWindows]
  const title = `${project}: mail sent from ${from} to ${to} (UTC)`
  return [title, printableLine(verdictText(report)), '', alignedRows(rows, columnWidthsOf(rows)), ''].join('\n')
}

function listText({ list: { total, days } }: Report): string {
  const added = days.reduce((sum, day) => sum + day.added, 0)
  return `suppression list: ${numberText(total)} addresses, ${numberText(added)} added in the period`
}
