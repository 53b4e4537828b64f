/** `sesame timeline`: what happened to one message, by the id that SES returned for it. */
import type { Command } from 'commander'
import { type Day, dayOf, sentAtOf } from '../activity/bucket.ts'
import type { TimelineEntry } from '../activity/read.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, withOutputOption } from './common-options.ts'
import { calendarDay } from './days.ts'
import { type Column, printRows } from './output.ts'
import { requireProject } from './stack.ts'
import { UsageError } from './usage-error.ts'

type Options = OutputOptions & { readonly day?: Day }

const columns: readonly Column<TimelineEntry>[] = [
  ['at', ({ at }) => at],
  ['event', ({ type }) => type],
  ['recipient', ({ recipient }) => recipient],
  ['detail', ({ detail, bot }) => detail ?? (bot && readerTexts[bot])],
]

const readerTexts = { Likely: 'probably a machine', Unlikely: 'probably a person' } as const

export function registerTimeline(program: Command, context: CommandContext): void {
  const { stack } = context
  withOutputOption(program.command('timeline <project> <messageId>'))
    .description('show what happened to one message, by its SES message id')
    .option('--day <day>', 'the day on which it was sent, in UTC (default: the day in the message id)', calendarDay)
    .action(async (project: string, messageId: string, options: Options) => {
      const day = options.day ?? dayInId(messageId)
      const access = stack()
      await requireProject(access, project)
      const rows = await access.activity.timelineOf(project, day, messageId)
      const none = `Nothing is stored about a message of this id that was sent on ${day}. If it was sent on another day, give it with --day.`
      await printRows(context, options, { columns, rows, none })
    })
}

/** @throws UsageError if the id does not say when the message was sent */
function dayInId(messageId: string): Day {
  const sentAt = sentAtOf(messageId)
  if (sentAt !== undefined) return dayOf(sentAt)
  throw new UsageError('The message id does not say when the message was sent. Give the day with --day')
}
