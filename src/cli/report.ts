/**
 * `sesame report`: what happened to the mail of a project, with the rates by which AWS judges it. The counts are those that are stored for each day:
 * exact once the day is sealed.
 */
import type { Command } from 'commander'
import { type Day, dayOf } from '../activity/bucket.ts'
import { type Count, type Counts, sumOf } from '../activity/counts.ts'
import { type DomainCount, failingOf } from '../activity/domains.ts'
import { minimumRecipients, type Rate, ratesOf } from '../activity/rates.ts'
import {
  daysOfWindows,
  lines,
  type Standing,
  standingOf,
  type WindowRates,
  windowsEndOf,
  windowsOf,
  worstOf,
} from '../activity/windows.ts'
import { alignedRows, columnWidthsOf } from './columns.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, withOutputOption } from './common-options.ts'
import { calendarDay, daysOf } from './days.ts'
import { type Column, printRows } from './output.ts'
import { requireProject } from './stack.ts'

/** Domains that are shown. */
const mostDomains = 10

const domainColumns: readonly Column<DomainCount>[] = [
  ['domains with most failures', ({ domain }) => domain],
  ['recipients', ({ recipients }) => recipients],
  ['hard bounces', ({ bounces }) => bounces],
  ['complaints', ({ complaints }) => complaints],
]

type Options = OutputOptions & { readonly from?: Day; readonly to?: Day }

const columns: readonly Column<Count>[] = [
  ['event', ({ type }) => type],
  ['detail', ({ detail }) => detail],
  ['count', ({ count }) => count],
  ['in no rate because', ({ apart }) => apart],
]

/** The lines from which AWS reviews, and pauses, an account. https://docs.aws.amazon.com/ses/latest/dg/faqs-enforcement.html */
const limits = {
  bounces: 'AWS reviews an account at 5 % and pauses it at 10 %',
  complaints: 'AWS reviews an account at 0.1 % and pauses it at 0.5 %',
} as const

export function registerReport(program: Command, context: CommandContext): void {
  const { stack, print, now } = context
  withOutputOption(program.command('report <project>'))
    .description('show what happened to the mail of a project: counts by event, bounce rate, complaint rate')
    .option('--from <day>', 'first day on which the mail was sent, in UTC (default: 30 days up to --to)', calendarDay)
    .option('--to <day>', 'last day (default: today)', calendarDay)
    .action(async (project: string, options: Options) => {
      const access = stack()
      await requireProject(access, project)
      const days = daysOf(options, now())
      const end = windowsEndOf(days.at(-1) ?? dayOf(now()), now())
      const [stored, domains, ofWindows, { resumedAt }] = await Promise.all([
        access.counts.daysOf(project, days),
        access.counts.domainsOf(project, days),
        access.counts.daysOf(project, daysOfWindows(end)),
        access.holdOf(project, now()),
      ])
      const windows = windowsOf(ofWindows, end, resumedAt)
      const counts = sumOf(stored.map((day) => day.counts))
      const failing = failingOf(domains, mostDomains)
      const period = { project, from: days[0], to: days.at(-1) }
      if (options.output === 'json')
        return void (await print(JSON.stringify(reportOf(period, counts, windows, failing), undefined, 2)))
      const rows = sorted(counts)
      if (options.output === 'table') await print(headText(period, counts, windows))
      await printRows(context, options, {
        columns,
        rows,
        none: 'No event is stored. docs/activity.md says how they arrive.',
      })
      if (options.output !== 'table' || failing.length === 0) return
      await print('')
      await printRows(context, options, { columns: domainColumns, rows: failing, none: '' })
    })
}

type Period = { readonly project: string; readonly from: Day | undefined; readonly to: Day | undefined }

const reportOf = (
  period: Period,
  counts: Counts,
  windows: readonly WindowRates[],
  failingDomains: readonly DomainCount[],
) => ({
  ...period,
  standing: worstOf(windows),
  rates: ratesOf(counts),
  windows,
  failingDomains,
  counts: sorted(counts),
})

const sorted = (counts: Counts): Count[] =>
  [...counts.values()].sort((one, other) => one.type.localeCompare(other.type) || other.count - one.count)

function headText({ project, from, to }: Period, counts: Counts, windows: readonly WindowRates[]): string {
  const { bounces, complaints } = ratesOf(counts)
  const rows = [
    ['bounce rate', rateText(bounces), limits.bounces],
    ['complaint rate', rateText(complaints), limits.complaints],
  ]
  const title = `${project}: mail sent from ${from} to ${to} (UTC)`
  const ofWindows = windows.flatMap(({ days, rates }) =>
    (['bounces', 'complaints'] as const).map((kind) => [
      `${kind}, last ${days === 1 ? 'day' : `${days} days`}`,
      rateText(rates[kind]),
      standingTexts[standingOf(rates[kind], lines[kind])],
    ]),
  )
  const table = [...rows, ...ofWindows]
  return [title, alignedRows(table, columnWidthsOf(table)), ''].join('\n')
}

const standingTexts: Readonly<Record<Standing, string>> = {
  unknown: '',
  good: 'good',
  warning: 'warning: find out why before you send more',
  critical: 'critical: stop sending to this list until you know why',
}

const thousands = new Intl.NumberFormat('en')

/** A rate with both of its numbers. */
function rateText({ events, recipients, rate }: Rate): string {
  const numbers = `${thousands.format(events)} of ${thousands.format(recipients)} recipients`
  if (rate !== undefined) return `${(rate * 100).toFixed(2)} % (${numbers})`
  return `none below ${thousands.format(minimumRecipients)} recipients (${numbers})`
}
