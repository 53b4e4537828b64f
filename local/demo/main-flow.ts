/**
 * The main flow of `npm start`: customers send mail from their own SES accounts, bounces and complaints arrive through SNS at the functions,
 * which run under their deployed roles, and the addresses appear on the suppression list.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ListSuppressedDestinationsCommand, SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'
import { replayItem } from '../../src/cli/replay.ts'
import type { StackAccess } from '../../src/cli/stack.ts'
import { readEvent } from '../../src/intake/read-event.ts'
import { recordsOf } from '../../src/intake/records-of.ts'
import type { Listed } from '../../src/suppression/read-list.ts'
import type { Aws } from '../aws.ts'
import type { Behaviour } from '../ses/mailboxes.ts'
import type { Customer } from './customers.ts'

/** Mailboxes with a behaviour. All other addresses accept their mail. */
const mailboxes: readonly [string, Behaviour][] = [
  ['gone@customer.example', 'hard bounce'],
  ['full@customer.example', 'mailbox full'],
  ['away@customer.example', 'out of office'],
  ['annoyed@customer.example', 'complaint'],
  ['kind@customer.example', 'not spam'],
]
const recipients = [
  'ada@customer.example',
  ...mailboxes.map(([address]) => address),
  'Gone Too <BOUNCE@simulator.amazonses.com>',
  'complaint+spring@simulator.amazonses.com',
]

/** The outcome of one event. */
export type EventOutcome = {
  readonly source: string
  readonly event: string
  readonly addresses: string
  readonly outcome: string
  readonly failed: boolean
}

/** Sends one mail to each recipient from a customer's account. @returns the outcome of each event */
export async function sendMail(aws: Aws, { id, account, domain }: Customer): Promise<EventOutcome[]> {
  for (const [address, behaviour] of mailboxes) aws.ses.mailboxes.set(address, behaviour)
  const ses = new SESv2Client(aws.clientConfig(aws.credentials.root(account)))
  const before = aws.lambda.attempts.length
  for (const address of recipients)
    await ses.send(
      new SendEmailCommand({
        FromEmailAddress: `news@${domain}`,
        Destination: { ToAddresses: [address] },
        ConfigurationSetName: `sesame-${id}`,
        Content: { Simple: { Subject: { Data: 'Your week' }, Body: { Text: { Data: 'News.' } } } },
      }),
    )
  await aws.settled()
  return aws.lambda.attempts.slice(before).map(({ functionName, event, finished }) => {
    const [record] = recordsOf(event)
    const payload = finished.failure ? undefined : finished.payload
    const outcome = finished.failure?.errorMessage ?? outcomesOf(payload).join(', ')
    return {
      source: functionName.replace(`sesame-${aws.stage}-`, ''),
      ...summaryOf(record),
      outcome,
      failed: Boolean(finished.failure),
    }
  })
}

/** Replays every payload of events/ as an operator. Malformed payloads and events of unknown accounts must fail, the others must not. */
export async function replaySamples(stack: StackAccess): Promise<(EventOutcome & { readonly expected: boolean })[]> {
  const folder = fileURLToPath(new URL('../../events/', import.meta.url))
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  const outcomes = []
  for (const file of files) {
    const payload: unknown = JSON.parse(readFileSync(folder + file, 'utf8'))
    const [result] = await replayItem(stack, { source: file, payload })
    const failed = result?.outcome === 'failed'
    const outcome = result ? [result.outcome, result.why].filter(Boolean).join(': ') : 'nothing'
    outcomes.push({
      source: file,
      ...summaryOf(recordsOf(payload)[0]),
      outcome,
      failed,
      expected: failed === mustFail(file),
    })
  }
  return outcomes
}

const mustFail = (file: string): boolean => file.startsWith('malformed-') || file.startsWith('bounce-unowned-')

/** The account list in the customer's SES, read by the customer's administrator. */
export async function accountListOf(aws: Aws, { account }: Customer): Promise<string[][]> {
  const ses = new SESv2Client(aws.clientConfig(aws.credentials.root(account)))
  const { SuppressedDestinationSummaries: entries = [] } = await ses.send(new ListSuppressedDestinationsCommand({}))
  return entries.map(({ EmailAddress = '', Reason = '' }) => [EmailAddress, Reason])
}

/** The suppression list of each project, by project id. */
export async function suppressionLists(stack: StackAccess, now: Date): Promise<Map<string, Listed[]>> {
  const lists = new Map<string, Listed[]>()
  for (const { id, rules } of await stack.projects.all())
    lists.set(id, await Array.fromAsync(stack.list.all(id, rules, now)))
  return lists
}

const outcomesOf = (payload: unknown): string[] =>
  typeof payload === 'object' && payload !== null && 'outcomes' in payload && Array.isArray(payload.outcomes)
    ? payload.outcomes.map(({ outcome }: { outcome: string }) => outcome)
    : []

function summaryOf(record: unknown): Pick<EventOutcome, 'event' | 'addresses'> {
  try {
    const event = readEvent(record)
    if (event.type === 'Bounce') {
      const { type, subType, recipients: bounced } = event.bounce
      return { event: `Bounce ${type}/${subType}`, addresses: bounced.map(({ address }) => address).join(', ') }
    }
    if (event.type === 'Complaint') {
      const { feedbackType = '', recipients: complained } = event.complaint
      return {
        event: `Complaint ${feedbackType}`.trim(),
        addresses: complained.map(({ address }) => address).join(', '),
      }
    }
    return { event: event.type, addresses: '' }
  } catch {
    return { event: 'malformed', addresses: '' }
  }
}
