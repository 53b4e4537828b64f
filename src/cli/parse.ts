/**
 * `sesame parse`: parses events as the functions do and prints them as one JSON object per line, for support and for unknown payloads.
 *
 * It prints the addresses of recipients, to the user's own terminal.
 */
import { once } from 'node:events'
import type { Command } from 'commander'
import type { NonEvent, SesEvent } from '../intake/event.ts'
import { MalformedEventError } from '../intake/malformed-event-error.ts'
import { readEvent } from '../intake/read-event.ts'
import { recordsOf } from '../intake/records-of.ts'
import { readPayloads } from './input.ts'

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
  readonly [detail: string]: unknown
}

export function registerParse(program: Command): void {
  program
    .command('parse')
    .argument('[paths...]', 'files or folders of JSON, NDJSON or .gz; - or nothing for standard input')
    .description(
      'parse SES events in any envelope, and print one JSON object per event; exits with 1 if one is malformed',
    )
    .action(async (paths: string[]) => {
      process.stdout.once('error', exitOnClosedPipe)
      for await (const row of parseAll(paths)) {
        if ('error' in row) process.exitCode = 1
        if (!process.stdout.write(`${JSON.stringify(row)}\n`)) await once(process.stdout, 'drain')
      }
    })
}

/** `sesame parse … | head` closes our output early, which is not an error. */
function exitOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit()
}

/** Yields one row for each record, and one for each file or document that cannot be read. */
export async function* parseAll(paths: readonly string[]): AsyncGenerator<Row> {
  for await (const { source: file, line, payload, error } of readPayloads(paths)) {
    if (error !== undefined) {
      yield { file, line, error: error.message }
      continue
    }
    const records = recordsOf(payload)
    if (records.length === 0) yield { file, line, error: 'contains no records' }
    for (const record of records) yield { file, line, ...parse(record) }
  }
}

function parse(record: unknown): Summary | NonEvent | { error: string } {
  try {
    const event = readEvent(record)
    return event.type === 'NonEvent' ? event : summaryOf(event)
  } catch (error) {
    if (error instanceof MalformedEventError) return { error: error.message }
    throw error
  }
}

function summaryOf(event: SesEvent): Summary {
  const { type, dialect, mail } = event
  const { recipients = mail.destination, at = mail.at, ...details } = detailsOf(event)
  const { messageId, sendingAccountId: account, configurationSet } = mail
  return { type, dialect, recipients, messageId, at, account, configurationSet, ...details }
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
