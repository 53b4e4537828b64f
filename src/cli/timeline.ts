/** `sesame timeline`: what happened to one message, by the id that SES returned for it, or to mail for one recipient. */
import type { Command } from 'commander'
import { type Day, dayOf, sentAtOf } from '../activity/bucket.ts'
import type { RecipientEntry, TimelineEntry } from '../activity/read.ts'
import { normaliseAddress } from '../intake/address.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, withOutputOption } from './common-options.ts'
import { calendarDay } from './days.ts'
import { type Column, printRows } from './output.ts'
import { requireProject } from './stack.ts'
import { UsageError } from './usage-error.ts'

type Options = OutputOptions & { readonly day?: Day; readonly recipient?: string }

const columns: readonly Column<TimelineEntry>[] = [
  ['at', ({ at }) => at],
  ['event', ({ type }) => type],
  ['recipient', ({ recipient }) => recipient],
  ['detail', ({ detail, bot }) => detail ?? (bot && readerTexts[bot])],
]

const recipientColumns: readonly Column<RecipientEntry>[] = [
  ['at', ({ at }) => at],
  ['event', ({ type }) => type],
  ['detail', ({ detail, bot }) => detail ?? (bot && readerTexts[bot])],
  ['message', ({ messageId }) => messageId],
]

const readerTexts = { Likely: 'probably a machine', Unlikely: 'probably a person' } as const

export function registerTimeline(program: Command, context: CommandContext): void {
  const { stack } = context
  withOutputOption(program.command('timeline <project> [messageId]'))
    .description('show what happened to one message, by its SES message id, or to mail for one recipient')
    .option('--day <day>', 'the day on which it was sent, in UTC (default: the day in the message id)', calendarDay)
    .option('--recipient <address>', 'mail for this address that did not arrive or was not wanted')
    .action(async (project: string, messageId: string | undefined, { day: given, recipient, ...options }: Options) => {
      if ((messageId === undefined) === (recipient === undefined))
        throw new UsageError('Give either a message id or --recipient ADDRESS')
      const access = stack()
      const { activitySettings } = await requireProject(access, project)
      if (recipient !== undefined) {
        const rows = await access.activity.recipientOf(project, normaliseAddress(recipient))
        const none =
          activitySettings?.recipients === 'all'
            ? 'Nothing is stored about mail for this address.'
            : 'No mail for this address failed. Other events are found by message id, or by address with sesame project set --find-recipients all.'
        return void (await printRows(context, options, { columns: recipientColumns, rows, none }))
      }
      const id = messageId ?? ''
      const day = given ?? dayInId(id)
      const rows = await access.activity.timelineOf(project, day, id)
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
