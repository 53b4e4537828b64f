/**
 * `sesame recount`: counts the stored events of days anew. With `--verify`, it compares the result with the stored counts, and changes nothing: the
 * command then counts itself, by the same code that the function `seal-counts` runs.
 */
import type { Command } from 'commander'
import type { Day } from '../activity/bucket.ts'
import { type Verified, verifiedOf } from '../activity/verify.ts'
import { RecountAnswer } from '../operations/answers.ts'
import type { Project } from '../projects/project.ts'
import { dayMs } from '../time.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, withByOption, withOutputOption } from './common-options.ts'
import { calendarDay, daysOf } from './days.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { requestOperation } from './invoke.ts'
import { type Column, createRowPrinter } from './output.ts'
import { requireProject } from './stack.ts'

type Options = OutputOptions & {
  readonly from?: Day
  readonly to?: Day
  readonly verify?: boolean
  readonly by: string
}

/** Of a deployment without a setting of its own. */
const defaultKeptDays = 90

type Row = Pick<Verified, 'day' | 'events'> & { readonly state: string; readonly differences?: Verified['differences'] }

const columns: readonly Column<Row>[] = [
  ['day', ({ day }) => day],
  ['events', ({ events }) => events],
  ['state', ({ state }) => state],
  [
    'differences',
    ({ differences = [] }) =>
      differences
        .map(
          ({ type, detail, stored, counted }) =>
            `${type}${detail ? ` ${detail}` : ''}: ${stored} stored, ${counted} counted`,
        )
        .join('; '),
  ],
]

export function registerRecount(program: Command, context: CommandContext): void {
  const { stack, now } = context
  withOutputOption(withByOption(program.command('recount <project>')))
    .description('count the stored events of days anew, or compare them with the stored counts')
    .option('--from <day>', 'first day on which the mail was sent, in UTC (default: 30 days up to --to)', calendarDay)
    .option('--to <day>', 'last day (default: today)', calendarDay)
    .option('--verify', 'compare only; exit with 1 if a sealed day differs from its events')
    .action(async (id: string, { verify = false, by, from, to, ...options }: Options) => {
      const access = stack()
      const project = await requireProject(access, id)
      const days = daysOf({ ...(from && { from }), ...(to && { to }) }, now())
      const printer = createRowPrinter(context, options, columns)
      let hasDifferences = false
      for (const day of days) {
        const row = verify ? await verified(project, day) : await recounted(day)
        hasDifferences ||= row.state === 'different'
        await printer.add(row)
      }
      await printer.end('')
      if (hasDifferences) exitWith(exitCodes.failed)

      async function recounted(day: Day): Promise<Row> {
        const request = { do: 'recount', by, project: id, day }
        const { outcome, events = 0 } = await requestOperation(access, 'seal-counts', request, RecountAnswer)
        return { day, events, state: outcome }
      }

      async function verified({ activitySettings }: Project, day: Day): Promise<Row> {
        const { counted } = await access.activity.countDay(id, day)
        const [stored] = await access.counts.daysOf(id, [day])
        const keptMs = (activitySettings?.days ?? defaultKeptDays) * dayMs
        const isExpired = Date.parse(day) + keptMs <= now().getTime()
        return stored ? verifiedOf(stored, counted, isExpired) : { day, events: 0, state: 'equal' }
      }
    })
}
