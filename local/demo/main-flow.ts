/**
 * The main flow of `npm start`: customers send mail from their own SES accounts, bounces and complaints arrive through SNS at the functions,
 * which run under their deployed roles, and the addresses appear on the suppression list.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ListSuppressedDestinationsCommand, SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'
import { replayItem } from '../../src/cli/replay.ts'
import type { StackAccess } from '../../src/cli/stack.ts'
import type { Listed } from '../../src/suppression/read-list.ts'
import type { Aws } from '../aws.ts'
import type { Behaviour } from '../ses/mailboxes.ts'
import type { Customer } from './customers.ts'
import { labelOf, outcomeOf, sampleLabelOf } from './event-label.ts'

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
  'Gone Too <BOUNCE+too@simulator.amazonses.com>',
  'complaint+spring@simulator.amazonses.com',
]

/** The outcome of one event. */
export type EventOutcome = {
  readonly project: string
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
  return aws.lambda.attempts.slice(before).map((attempt) => ({
    project: id,
    source: attempt.functionName.replace(`sesame-${aws.stage}-`, ''),
    ...labelOf(attempt.event),
    outcome: outcomeOf(attempt),
    failed: Boolean(attempt.finished.failure),
  }))
}

/** @param result `applied`, `ignored` or `failed` */
export type SampleOutcome = EventOutcome & { readonly expected: boolean; readonly result: string }

/** Replays every payload of events/ as an operator. Malformed payloads and events of unknown accounts must fail, the others must not. */
export async function replaySamples(stack: StackAccess): Promise<SampleOutcome[]> {
  const folder = fileURLToPath(new URL('../../events/', import.meta.url))
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  const outcomes = []
  for (const file of files) {
    const payload: unknown = JSON.parse(readFileSync(folder + file, 'utf8'))
    const [result] = await replayItem(stack, { source: file, payload })
    const failed = result?.outcome === 'failed'
    const outcome = result ? [result.outcome, result.why].filter(Boolean).join(': ') : 'nothing'
    outcomes.push({
      project: '',
      source: file,
      ...sampleLabelOf(payload),
      outcome,
      result: result?.outcome ?? 'nothing',
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
