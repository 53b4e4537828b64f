/** The report of the main flow: about forty lines, or all there is to see. */
import { columnsOf, minuteOf } from '../../src/cli/columns.ts'
import { suppressionTable } from '../../src/cli/suppression-table.ts'
import type { Listed } from '../../src/suppression/read-list.ts'
import { careless, customers } from './customers.ts'
import { callsByRole, refusals } from './forbidden-calls.ts'
import type { EventOutcome, SampleOutcome } from './main-flow.ts'
import type { MainFlow } from './run.ts'

export type Section = { readonly heading: string; readonly text: string }

const shownEntries = 5

/** Each section in a few lines. @param width columns of the terminal */
export function shortReport(flow: MainFlow, width?: number): Section[] {
  const [first] = customers
  const listed = (flow.lists.get(first.id) ?? [])
    .filter(({ verdict }) => verdict.state === 'suppressed')
    .toSorted(newestFirst)
  return [
    {
      heading: 'Customers connect: each creates a role, and Sesame proves it before it uses it',
      text: connections(flow),
    },
    {
      heading: 'Customers send mail; bounces and complaints come back through SNS',
      text: columnsOf([['customer', 'event', 'address', 'outcome'], ...fates(flow.events)], width),
    },
    {
      heading: `Suppressed for ${first.id}, in Sesame and in the customer's own SES`,
      text: `${columnsOf([['address', 'reason', 'since'], ...listed.slice(0, shownEntries).map(entryOf)], width)}${more(listed.length)}`,
    },
    {
      heading: 'An application of each customer sends: Sesame skips who is suppressed',
      text: columnsOf([['customer', 'recipient', 'outcome', 'reason'], ...applicationRows(flow)], width),
    },
    {
      heading: 'Checks',
      text: [samplesSentence(flow.samples), callsSentence(flow), ...forbiddenSentences(flow)]
        .map((line) => `✓ ${line}`)
        .join('\n'),
    },
  ]
}

/** Everything. */
export function fullReport(flow: MainFlow): Section[] {
  const table = (outcomes: readonly EventOutcome[]) =>
    columnsOf([
      ['customer', 'from', 'event', 'addresses', 'outcome'],
      ...outcomes.map(({ project, source, event, addresses, outcome }) => [project, source, event, addresses, outcome]),
    ])
  const accountLists = [...flow.accountLists].map(
    ([id, entries]) => `${id}\n${columnsOf([['address', 'reason'], ...entries])}`,
  )
  const names = [...customers, careless].map(({ id }) => id)
  return [
    { heading: 'Customers connect', text: flow.joined.map(({ printed }) => printed).join('\n\n') },
    { heading: 'Customers send mail; bounces and complaints come back through SNS', text: table(flow.events) },
    { heading: 'Sample payloads from events/, replayed through the functions', text: table(flow.samples) },
    {
      heading: 'Suppression lists',
      text: [...flow.lists].map(([project, listed]) => `${project}\n${suppressionTable(listed)}`).join('\n\n'),
    },
    { heading: "The account lists in the customers' SES, which Sesame keeps in sync", text: accountLists.join('\n\n') },
    {
      heading: 'An application of each customer sends: Sesame skips who is suppressed',
      text: columnsOf([['customer', 'recipient', 'outcome', 'reason'], ...applicationRows(flow)]),
    },
    { heading: 'Calls by role, each authorised by the files in iam/', text: callsByRole(flow.calls, names) },
    { heading: 'Forbidden calls, all refused', text: refusals(flow.forbidden).join('\n') },
  ]
}

const applicationRows = ({ applications }: MainFlow) =>
  applications.map(({ project, recipient, state, reason }) => [project, recipient, state, reason])

const connections = ({ joined }: MainFlow): string =>
  columnsOf(
    joined.map(({ party, attached, reason }) => [
      attached || party === careless ? '✓' : '✗',
      party.id,
      party.account,
      attached ? 'connected: entered with the external id only' : `refused: ${reason || 'the role is open'}`,
    ]),
  )

/** Bounces and complaints, one row for customers to whom the same happened. */
function fates(events: readonly EventOutcome[]): string[][] {
  const feedback = events.filter(({ addresses }) => addresses !== '')
  const groups = Map.groupBy(feedback, ({ event, addresses, outcome }) => JSON.stringify([event, addresses, outcome]))
  return [...groups.values()].map((same) => {
    const [one] = same
    return [
      [...new Set(same.map(({ project }) => project))].join(', '),
      one?.event ?? '',
      one?.addresses ?? '',
      one?.outcome ?? '',
    ]
  })
}

const newestFirst = (a: Listed, b: Listed) => String(entryOf(b)[2]).localeCompare(String(entryOf(a)[2]))

const entryOf = ({ address, verdict }: Listed): string[] =>
  verdict.state === 'clear' ? [address] : [address, verdict.reason, minuteOf(verdict.since)]

const more = (count: number): string =>
  count > shownEntries ? `\n… and ${count - shownEntries} more: npx sesame list ${customers[0].id}` : ''

function samplesSentence(samples: readonly SampleOutcome[]): string {
  const count = (result: string) => samples.filter((sample) => sample.result === result).length
  return `${samples.length} sample events of events/: ${count('applied')} applied, ${count('ignored')} ignored, ${count('failed')} refused as they must be`
}

function callsSentence({ calls }: MainFlow): string {
  const allowed = calls.filter(({ verdict, role }) => verdict === 'allowed' && role !== 'root')
  return `${allowed.length} calls by ${new Set(allowed.map(({ role }) => role)).size} roles and services, each allowed by the files in iam/`
}

const forbiddenSentences = ({ forbidden }: MainFlow): string[] =>
  refusals(forbidden).map((refusal) => `refused: ${refusal.split('\n')[0] ?? ''}`)
