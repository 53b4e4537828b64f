/**
 * A webhook: a URL of a project's customer that receives the project's events. Reads webhooks from their table, which is keyed like the
 * projects table.
 *
 *     id    facet                                   holds
 *     acme  webhook#wh_3f9a1c2b7d                   target, events, secret, formerSecret until formerUntil, failingSince, retryAt, offAt, …
 *     acme  delivery#2026-03-01T10:00:00.000Z#…     one event to one webhook: outcome, attempts, answer, expiresAt
 *     acme  change#2026-03-01T10:00:00.000Z#…       who changed what, and when
 *
 * Whoever manages webhooks names the attributes that it reads, and its role may read no others: the secrets are not among them
 * (iam/webhook-management.yml).
 */
import { createHash } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { findItem, type Item, queryItems, Text } from '../projects/table.ts'

export const webhookPrefix = 'webhook#'

export type Webhook = {
  readonly id: string
  readonly url: string
  /** The types of events that it receives. Empty: all. */
  readonly types: readonly string[]
  readonly addedAt: Date
  readonly addedBy: string
  /** Requests are signed with the former secret too until then. */
  readonly formerUntil?: Date | undefined
  /** When the last event was delivered. */
  readonly deliveredAt?: Date | undefined
  /** Every attempt has failed since then. */
  readonly failingSince?: Date | undefined
  /** No event is tried before. */
  readonly retryAt?: Date | undefined
  /** It receives nothing. */
  readonly off?: { readonly since: Date; readonly why: string } | undefined
}

/** A webhook with the secrets that sign its requests: the present one, and during a rotation the former one. */
export type SigningWebhook = Webhook & { readonly secrets: readonly string[] }

/** The attributes that may be read without the secrets. */
const attributes = [
  'facet',
  'target',
  'eventTypes',
  'addedAt',
  'addedBy',
  'formerUntil',
  'deliveredAt',
  'failingSince',
  'retryAt',
  'offAt',
  'offWhy',
]

/** The same for the same URL, so that a project has one webhook for a URL. */
export const webhookIdOf = (project: string, url: string): string =>
  `wh_${createHash('sha256')
    .update(JSON.stringify([project, url]))
    .digest('hex')
    .slice(0, 10)}`

/** The webhooks of a project without their secrets. */
export const listWebhooks = async (dynamodb: DynamoDBClient, table: string, project: string): Promise<Webhook[]> =>
  Array.fromAsync(queryItems(dynamodb, table, project, { prefix: webhookPrefix, attributes }), readWebhook)

/** A webhook with its secrets. `undefined` if there is none. */
export async function findSigningWebhook(
  dynamodb: DynamoDBClient,
  table: string,
  project: string,
  id: string,
  now: Date,
): Promise<SigningWebhook | undefined> {
  const item = await findItem(dynamodb, table, project, `${webhookPrefix}${id}`)
  if (!item) return undefined
  const { secret, formerSecret, formerUntil } = v.parse(Secrets, item)
  const isFormerValid = formerUntil !== undefined && new Date(formerUntil.S) > now
  const secrets = [secret.S, ...(isFormerValid && formerSecret ? [formerSecret.S] : [])]
  return { ...readWebhook(item), secrets }
}

const Time = v.object({ S: v.pipe(v.string(), v.isoTimestamp()) })
const Secrets = v.object({ secret: Text, formerSecret: v.optional(Text), formerUntil: v.optional(Time) })
const WebhookItem = v.object({
  facet: Text,
  target: Text,
  eventTypes: Text,
  addedAt: Time,
  addedBy: Text,
  formerUntil: v.optional(Time),
  deliveredAt: v.optional(Time),
  failingSince: v.optional(Time),
  retryAt: v.optional(Time),
  offAt: v.optional(Time),
  offWhy: v.optional(Text),
})

/** @throws ValiError if the item is no webhook */
function readWebhook(item: Item): Webhook {
  const read = v.parse(WebhookItem, item)
  const {
    facet,
    target,
    eventTypes,
    addedAt,
    addedBy,
    formerUntil,
    deliveredAt,
    failingSince,
    retryAt,
    offAt,
    offWhy,
  } = read
  const timeOf = (time: { S: string } | undefined) => time && new Date(time.S)
  return {
    id: facet.S.slice(webhookPrefix.length),
    url: target.S,
    types: eventTypes.S === '' ? [] : eventTypes.S.split(','),
    addedAt: new Date(addedAt.S),
    addedBy: addedBy.S,
    formerUntil: timeOf(formerUntil),
    deliveredAt: timeOf(deliveredAt),
    failingSince: timeOf(failingSince),
    retryAt: timeOf(retryAt),
    off: offAt && { since: new Date(offAt.S), why: offWhy?.S ?? 'switched off' },
  }
}
