/**
 * The main job, start to end, as `npm start` shows it: the customers send mail from SES accounts of their own; what bounces and complains
 * comes back through SNS to the functions, under their deployed roles, and ends in the suppression list.
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

/** Everybody who is written to, and how their mailboxes answer. Who is not here is an ordinary address. */
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

/** What became of one event. */
export type Fate = {
  readonly source: string
  readonly event: string
  readonly about: string
  readonly outcome: string
  readonly failed: boolean
}

/** Sends one mail to everybody from a customer's account, and answers what its events came to. */
export async function sendMail(aws: Aws, { id, account, domain }: Customer): Promise<Fate[]> {
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
    const outcome = finished.failure?.errorMessage ?? outcomesIn(payload).join(', ')
    return {
      source: functionName.replace(`sesame-${aws.stage}-`, ''),
      ...whatSesSays(record),
      outcome,
      failed: Boolean(finished.failure),
    }
  })
}

/** Replays every payload of events/ as an operator does. What is malformed or nobody's has to fail, and nothing else. */
export async function replaySamples(stack: StackAccess): Promise<(Fate & { readonly expected: boolean })[]> {
  const folder = fileURLToPath(new URL('../../events/', import.meta.url))
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  const fates = []
  for (const file of files) {
    const payload: unknown = JSON.parse(readFileSync(folder + file, 'utf8'))
    const [result] = await replayItem(stack, { source: file, payload })
    const failed = result?.outcome === 'failed'
    const outcome = result ? [result.outcome, result.why].filter(Boolean).join(': ') : 'nothing'
    fates.push({
      source: file,
      ...whatSesSays(recordsOf(payload)[0]),
      outcome,
      failed,
      expected: failed === mustFail(file),
    })
  }
  return fates
}

const mustFail = (file: string): boolean => file.startsWith('malformed-') || file.startsWith('bounce-unowned-')

/** The account list in a customer's own SES, as its administrator sees it. */
export async function accountList(aws: Aws, { account }: Customer): Promise<string[][]> {
  const ses = new SESv2Client(aws.clientConfig(aws.credentials.root(account)))
  const { SuppressedDestinationSummaries: entries = [] } = await ses.send(new ListSuppressedDestinationsCommand({}))
  return entries.map(({ EmailAddress = '', Reason = '' }) => [EmailAddress, Reason])
}

/** The suppression list of each project. */
export async function suppressed(stack: StackAccess, now: Date): Promise<Map<string, Listed[]>> {
  const lists = new Map<string, Listed[]>()
  for (const { id, rules } of await stack.projects.all())
    lists.set(id, await Array.fromAsync(stack.list.all(id, rules, now)))
  return lists
}

const outcomesIn = (payload: unknown): string[] =>
  typeof payload === 'object' && payload !== null && 'outcomes' in payload && Array.isArray(payload.outcomes)
    ? payload.outcomes.map(({ outcome }: { outcome: string }) => outcome)
    : []

function whatSesSays(record: unknown): { event: string; about: string } {
  try {
    const event = readEvent(record)
    if (event.type === 'Bounce') {
      const { type, subType, recipients: bounced } = event.bounce
      return { event: `Bounce ${type}/${subType}`, about: bounced.map(({ address }) => address).join(', ') }
    }
    if (event.type === 'Complaint') {
      const { feedbackType = '', recipients: complained } = event.complaint
      return { event: `Complaint ${feedbackType}`.trim(), about: complained.map(({ address }) => address).join(', ') }
    }
    return { event: event.type, about: '' }
  } catch {
    return { event: 'malformed', about: '' }
  }
}
