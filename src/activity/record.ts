/**
 * Writes activity: one item for each event and recipient. The timeline of a message and the counts of a day both follow from the items.
 *
 * The role that uses it, iam/analytics-processing.yml, may put items and not read them.
 */
import { type AttributeValue, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { concurrently } from '../concurrently.ts'
import type { EventType, SesEvent } from '../intake/event.ts'
import { dayMs } from '../time.ts'
import { type Activity, activityOf } from './activity.ts'
import { attemptIn } from './attempt.ts'
import { bucketOfMessage, type Day, dayOf, sentTimeOf } from './bucket.ts'
import { countDayInto, type DayCounts, emptyDay } from './day-counts.ts'
import { personOf } from './person.ts'

/** Concurrent writes for one event: a message has at most 50 recipients. */
const concurrentWrites = 16

/** Longer than any other: a stored address of a destination that SES repeats as the sender wrote it. */
const maxStoredCharacters = 320
const maxUserAgentCharacters = 500

/** What a project wants to be stored. */
export type Kept = {
  /** Days from the sending of the message. */
  readonly days: number
  /** IP address and user agent of opens and clicks. */
  readonly readers: boolean
  /** The events that `recipient-index` has. */
  readonly recipients: 'failures' | 'all'
}

export type Recorded = {
  readonly items: number
  /** The first error, if an item was not stored. All were tried: the event has to be delivered again. */
  readonly failed?: { readonly cause: unknown }
  /** What the stored items add to the counts of the day. */
  readonly added: DayCounts
  readonly day: Day
}

/** @param table partition key `bucket`, sort key `event`, TTL `expiresAt` */
export function createActivityWriter(dynamodb: DynamoDBClient, table: string) {
  return {
    /**
     * Idempotent: a key follows from the event, and a copy of the event puts the same item again. Every recipient is written, even after a write
     * failed.
     * @returns `expired` if the event is older than what is kept
     */
    async add(project: string, event: SesEvent, kept: Kept, now: Date): Promise<Recorded | 'expired'> {
      const { messageId, at, configurationSet } = event.mail
      const expiresAt = at.getTime() + kept.days * dayMs
      if (expiresAt <= now.getTime()) return 'expired'
      const sentAt = sentTimeOf(messageId, at)
      const attempt = event.type === 'Send' ? attemptIn(event.mail.tags) : undefined
      const mail = { project, sentAt, configurationSet, attempt, expiresAtSeconds: Math.floor(expiresAt / 1000) }
      const bucket = bucketOfMessage(project, dayOf(sentAt), messageId)
      let failed: Recorded['failed']
      const added = emptyDay()
      const activities = activityOf(event)
      await concurrently(activities, Math.min(concurrentWrites, activities.length), async (activity) => {
        const Item = { bucket: { S: bucket }, ...itemOf(mail, activity, kept) }
        try {
          await dynamodb.send(new PutItemCommand({ TableName: table, Item }))
          countDayInto(added, { ...activity, hour: sentAt.getUTCHours() })
        } catch (cause) {
          failed ??= { cause }
        }
      })
      return { items: activities.length, added, day: dayOf(sentAt), ...(failed && { failed }) }
    },
  }
}

type Mail = {
  readonly project: string
  readonly sentAt: Date
  readonly configurationSet: string | undefined
  /** The attempt of the application to send it: src/activity/find-attempt.ts. */
  readonly attempt: string | undefined
  readonly expiresAtSeconds: number
}

function itemOf(
  { project, sentAt, configurationSet, attempt, expiresAtSeconds }: Mail,
  { key, type, at, recipient, detail, bot, reader, nth }: Activity,
  { readers, recipients }: Kept,
): Record<string, AttributeValue> {
  const address = recipient?.slice(0, maxStoredCharacters)
  const isFound = recipients === 'all' || failures.has(type)
  const optional = {
    address,
    detail,
    bot,
    configurationSet,
    attempt,
    ...(isFound && address !== undefined && { person: personOf(project, address) }),
    ...(readers && { ip: reader?.ip?.slice(0, 45), userAgent: reader?.userAgent?.slice(0, maxUserAgentCharacters) }),
  }
  return {
    event: { S: key },
    type: { S: type },
    at: { S: at.toISOString() },
    nth: { N: String(nth) },
    hour: { N: String(sentAt.getUTCHours()) },
    expiresAt: { N: String(expiresAtSeconds) },
    ...Object.fromEntries(Object.entries(optional).flatMap(([name, text]) => (text ? [[name, { S: text }]] : []))),
  }
}

/** Mail that did not arrive, or was not wanted. */
const failures: ReadonlySet<EventType> = new Set([
  'Bounce',
  'Complaint',
  'DeliveryDelay',
  'Reject',
  'Rendering Failure',
  'Subscription',
])
