/** Answers the routes that read activity: the report of a period, the timeline of a message, and what happened to a recipient. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type Day, dayOf, daysBetween, sentAtOf } from '../../activity/bucket.ts'
import { createActivityReader, type TimelineEntry } from '../../activity/read.ts'
import { createStoredCounts } from '../../activity/stored-counts.ts'
import { findSilence } from '../../feeds/silence.ts'
import { AddressError, normaliseAddress } from '../../intake/address.ts'
import { findConnectionState } from '../../projects/connection-state.ts'
import { findHold } from '../../projects/hold.ts'
import { findSendingState } from '../../projects/sending-state.ts'
import { gatherReport } from '../../reports/gather-report.ts'
import { createListReader } from '../../suppression/read-list.ts'
import { dayMs } from '../../time.ts'
import { endpointOf } from '../parse-input.ts'
import { Problem } from '../problem.ts'
import { type Endpoint, parameterOf } from '../route.ts'
import { noSuchProject } from '../suppressions/no-such-project.ts'
import { recipientRoute, reportRoute, timelineRoute } from './routes.ts'

type Tables = {
  readonly suppressions: string
  readonly projects: string
  readonly activity: string
  readonly counts: string
}

/** Addresses of a suppression list that one request reads: a second or two. */
const mostAddresses = 20_000
const maxDays = 400
const defaultDays = 30

/** @param dataOf project → a client that reaches its data */
export function createActivityEndpoints(
  dataOf: (project: string) => Promise<DynamoDBClient>,
  { suppressions, projects, activity, counts }: Tables,
): Endpoint[] {
  async function requireProject(dynamodb: DynamoDBClient, id: string, now: Date) {
    const state = await findSendingState(dynamodb, projects, id, now)
    if (!state) throw noSuchProject()
    return state.project
  }

  const report = endpointOf(reportRoute, async (query, { project: id, at }) => {
    const days = daysIn(query, at)
    const dynamodb = await dataOf(id)
    const project = await requireProject(dynamodb, id, at)
    const stores = {
      counts: createStoredCounts(dynamodb, counts),
      holdOf: (one: string, now: Date) => findHold(dynamodb, projects, one, now),
      silenceOf: (one: string) => findSilence(dynamodb, projects, one),
      connectionOf: (one: string) => findConnectionState(dynamodb, projects, one),
      recordsOf: (one: string) => createListReader(dynamodb, suppressions).records(one),
    }
    const { list, health, ...rest } = await gatherReport(stores, project, days, mostAddresses, at)
    return { ...rest, list: { ...list, days: [...list.days] }, health: [...health] }
  })

  const timeline = endpointOf(timelineRoute, async ({ day }, call) => {
    const messageId = parameterOf(call, 'message')
    const dynamodb = await dataOf(call.project)
    await requireProject(dynamodb, call.project, call.at)
    const sentOn = calendarDay('/day', day) ?? dayInId(messageId)
    const entries = await createActivityReader(dynamodb, activity).timelineOf(call.project, sentOn, messageId)
    return { events: entries.map((entry) => ({ ...entryFieldsOf(entry), ...optional('recipient', entry.recipient) })) }
  })

  const recipient = endpointOf(recipientRoute, async ({ address: given }, { project, at }) => {
    const address = readAddress(given)
    const dynamodb = await dataOf(project)
    await requireProject(dynamodb, project, at)
    const entries = await createActivityReader(dynamodb, activity).recipientOf(project, address)
    return { address, events: entries.map((entry) => ({ ...entryFieldsOf(entry), messageId: entry.messageId })) }
  })

  return [report, timeline, recipient]
}

const optional = <Name extends string>(name: Name, value: string | undefined) =>
  value === undefined ? {} : { [name]: value }

const entryFieldsOf = ({ at, type, detail, bot }: TimelineEntry) => ({
  at: at.toISOString(),
  type,
  ...optional('detail', detail),
  ...(bot && { bot }),
})

/** @throws Problem if the period is empty or too long */
function daysIn({ from, to }: { readonly from?: Day | undefined; readonly to?: Day | undefined }, now: Date): Day[] {
  const last = calendarDay('/to', to) ?? dayOf(now)
  const first = calendarDay('/from', from) ?? dayOf(new Date(Date.parse(last) - (defaultDays - 1) * dayMs))
  if (first > last) throw invalid('/from', 'must not be after `to`')
  if (Date.parse(last) - Date.parse(first) >= maxDays * dayMs)
    throw invalid('/from', `must be less than ${maxDays} days before \`to\``)
  return daysBetween(first, last)
}

/** The schema knows the form of a day; 30 February has it. @throws Problem */
function calendarDay(pointer: string, day: Day | undefined): Day | undefined {
  if (day === undefined) return undefined
  const time = Date.parse(`${day}T00:00:00Z`)
  if (Number.isNaN(time) || dayOf(new Date(time)) !== day) throw invalid(pointer, 'must be a day of the calendar')
  return day
}

/** @throws Problem if the id does not say when the message was sent */
function dayInId(messageId: string): Day {
  const sentAt = sentAtOf(messageId)
  if (sentAt === undefined) throw invalid('/day', 'is missing, and the message id does not say when it was sent')
  return dayOf(sentAt)
}

/** @throws Problem */
function readAddress(given: string): string {
  try {
    return normaliseAddress(given)
  } catch (error) {
    if (error instanceof AddressError) throw invalid('/address', error.reason)
    throw error
  }
}

const invalid = (pointer: string, detail: string) =>
  new Problem('invalid-request', { detail: `${pointer} ${detail}.`, errors: [{ pointer, detail }] })
