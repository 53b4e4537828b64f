/**
 * `sesame parse`: parses events as the functions do and prints them as one JSON object per line, for support and for unknown payloads.
 *
 * It prints the addresses of recipients, to the user's own terminal.
 */
import { type Command, Option } from 'commander'
import type { NonEvent, SesEvent } from '../intake/event.ts'
import { MalformedEventError } from '../intake/malformed-event-error.ts'
import { readArrivingEvent, unreadableOf } from '../intake/read-event.ts'
import { recordsOf } from '../intake/records-of.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputFormat, outputFormats } from './common-options.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { readPayloads } from './input.ts'
import { type Column, createRowPrinter } from './output.ts'

/** `line` is the line at which the document with the event begins; absent if the whole file cannot be read. */
export type Row = { readonly file: string; readonly line?: number | undefined } & (
  | Summary
  | NonEvent
  | { readonly error: string }
)

/** `recipients` are the affected recipients, or all recipients of the mail if the event names none. */
type Summary = {
  readonly type: SesEvent['type']
  readonly dialect: SesEvent['dialect']
  readonly recipients: readonly string[]
  readonly messageId: string
  readonly at: Date
  readonly account?: string | undefined
  readonly configurationSet?: string | undefined
  readonly tenant?: string | undefined
  readonly [detail: string]: unknown
}

const textOf = (row: Row, name: string): string => {
  const value: unknown = Object.entries(row).find(([key]) => key === name)?.[1]
  if (value instanceof Date) return value.toISOString()
  return Array.isArray(value) ? value.join(' ') : String(value ?? '')
}

const columns: readonly Column<Row>[] = [
  ...[
    'file',
    'line',
    'type',
    'recipients',
    'at',
    'account',
    'configurationSet',
    'tenant',
    'messageId',
    'feedbackId',
    'reason',
    'error',
  ].map((name): Column<Row> => [name, (row) => textOf(row, name)]),
]

export function registerParse(program: Command, context: CommandContext): void {
  program
    .command('parse')
    .argument('[paths...]', 'files or folders of JSON, NDJSON or gzip; - or nothing for standard input')
    .description(
      'parse SES events in any envelope, and print one JSON object per event; exits with 1 if one is malformed',
    )
    .addOption(new Option('--output <format>', 'json, table or csv').choices(outputFormats).default('json'))
    .addOption(new Option('--json', 'same as --output json').implies({ output: 'json' }))
    .action(async (paths: string[], options: { output: OutputFormat }) => {
      if (paths.length === 0 && process.stdin.isTTY) context.progress?.('reading events from standard input …')
      const printer = createRowPrinter(context, options, columns)
      for await (const row of parseAll(paths, context.now)) {
        if ('error' in row) exitWith(exitCodes.failed)
        await printer.add(row)
      }
      await printer.end('No event was read.')
    })
}

/** Yields one row for each record, and one for each file or document that cannot be read. */
export async function* parseAll(paths: readonly string[], now: () => Date = () => new Date()): AsyncGenerator<Row> {
  for await (const { source: file, line, payload, error } of readPayloads(paths)) {
    if (error !== undefined) {
      yield { file, line, error: error.message }
      continue
    }
    const records = recordsOf(payload)
    if (records.length === 0) yield { file, line, error: 'contains no records' }
    for (const record of records) yield { file, line, ...parse(record, now()) }
  }
}

function parse(record: unknown, now: Date): Summary | NonEvent | { error: string } {
  try {
    const event = readArrivingEvent(record, now)
    return event.type === 'NonEvent' ? event : summaryOf(event)
  } catch (error) {
    if (error instanceof MalformedEventError) return { error: error.message }
    throw error
  }
}

function summaryOf(event: SesEvent): Summary {
  const { type, dialect, mail } = event
  const { recipients = mail.destination, at = mail.at, ...details } = detailsOf(event)
  const { messageId, sendingAccountId: account, configurationSet, tenant } = mail
  // Recipients that cannot be read do not hide the others: the function records these and keeps the event as a dead letter.
  const unreadable = unreadableOf(event).map(({ field, problem }) => `${field} ${problem}`)
  const error = unreadable.length > 0 ? { error: unreadable.join('; ') } : {}
  return { type, dialect, recipients, messageId, at, account, configurationSet, tenant, ...details, ...error }
}

type Details = { recipients?: string[]; at?: Date | undefined; [detail: string]: unknown }

function detailsOf(event: SesEvent): Details {
  switch (event.type) {
    case 'Bounce': {
      const { type: bounceType, subType: bounceSubType, recipients, at, feedbackId } = event.bounce
      return { recipients: addressesOf(recipients), at, bounceType, bounceSubType, feedbackId }
    }
    case 'Complaint': {
      const { feedbackType, subType: complaintSubType, recipients, at, feedbackId } = event.complaint
      return { recipients: addressesOf(recipients), at, feedbackType, complaintSubType, feedbackId }
    }
    case 'Delivery':
      return { recipients: addressesOf(event.delivery.recipients), at: event.delivery.at }
    case 'DeliveryDelay': {
      const { recipients, at, type: delayType } = event.deliveryDelay
      return { recipients: addressesOf(recipients), at, delayType }
    }
    case 'Open':
      return { at: event.open.at }
    case 'Click':
      return { at: event.click.at }
    case 'Subscription':
      return { at: event.subscription.at }
    default:
      return {}
  }
}

function addressesOf(recipients: readonly { address: string }[]): string[] {
  return recipients.map(({ address }) => address)
}
