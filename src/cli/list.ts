/**
 * `sesame list`: the suppression list of a project. It is printed as it is read, whatever its length.
 */
import { type Command, Option } from 'commander'
import { type AddressRecord, judge, type SuppressionReason, type Verdict } from '../suppression/judge.ts'
import type { Listed } from '../suppression/read-list.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, positiveNumber, withOutputOption } from './common-options.ts'
import { createRowPrinter } from './output.ts'
import { requireProject } from './stack.ts'
import { latestRulingOf, listColumns } from './suppression-table.ts'

type Options = OutputOptions & {
  all?: true
  limit?: number
  after?: string
  match?: string
  reason?: string
}

/** As they are typed: without a space. */
const reasons: Readonly<Record<string, SuppressionReason>> = {
  complaint: 'complaint',
  'hard-bounce': 'hard bounce',
  manual: 'manual',
  'soft-bounces': 'soft bounces',
}

export function registerList(program: Command, context: CommandContext): void {
  const { stack, print, now } = context
  withOutputOption(program.command('list <project>'))
    .description('list the suppressed addresses of a project, with reason, evidence and rulings')
    .option('--all', 'also list addresses that have evidence but are not suppressed')
    .option('--limit <n>', 'print at most so many addresses', positiveNumber)
    .option('--after <address>', 'begin after this address, in the order of the list')
    .option('--match <text>', 'only addresses that contain this text')
    .addOption(
      new Option('--reason <reason>', 'only addresses that are suppressed for this reason').choices(
        Object.keys(reasons),
      ),
    )
    .action(async (project: string, options: Options) => {
      const access = stack()
      const { rules } = await requireProject(access, project)
      // Without --all, the table needs no column for the state: every address in it is suppressed.
      const isShort = options.output === 'table' && !options.all
      const columns = isShort ? listColumns.filter(([heading]) => heading !== 'state') : listColumns
      const printer = createRowPrinter(context, options, columns)
      let shown = 0
      let last: string | undefined
      for await (const [address, record] of access.list.records(project, options.after)) {
        const verdict = judge(record, rules, now())
        if (!isWanted(address, verdict, options)) continue
        if (shown === options.limit) {
          await printer.end('')
          if (options.output === 'table')
            await print(`There are more: sesame list ${project} --limit ${shown} --after ${last}`)
          return
        }
        await printer.add(listedOf(address, record, verdict))
        last = address
        shown++
      }
      await printer.end(noneText(project, options))
    })
}

function isWanted(address: string, verdict: Verdict, { all, match, reason }: Options): boolean {
  if (match !== undefined && !address.includes(match.toLowerCase())) return false
  if (verdict.state === 'clear') return all === true && reason === undefined
  return reason === undefined || verdict.grounds.some((ground) => ground.reason === reasons[reason])
}

const listedOf = (
  address: string,
  record: AddressRecord,
  verdict: Verdict,
): Listed & { ruling?: ReturnType<typeof latestRulingOf> } => {
  const ruling = latestRulingOf(record)
  return { address, verdict, ...(ruling && { ruling }) }
}

function noneText(project: string, { all, match, reason, after }: Options): string {
  const isFiltered = match !== undefined || reason !== undefined || after !== undefined
  if (isFiltered) return `No address of ${project} matches.`
  return all ? `Nothing is known about any address of ${project}.` : `No address of ${project} is suppressed.`
}
