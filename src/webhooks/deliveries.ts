/** Reads the delivery log of a project's webhooks. Entries expire after 30 days, and hold no address. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { type Item, queryItems, Text } from '../projects/table.ts'

export const deliveryPrefix = 'delivery#'

/** `waiting`: it is tried again. `given up`: it is a dead letter, or a test that failed. `dropped`: the webhook was off. */
export const deliveryOutcomes = ['delivered', 'waiting', 'given up', 'dropped'] as const
export type DeliveryOutcome = (typeof deliveryOutcomes)[number]

export type DeliveryEntry = {
  readonly at: Date
  readonly webhook: string
  readonly type: string
  /** The header `webhook-id` of its requests. */
  readonly event: string
  readonly outcome: DeliveryOutcome
  readonly attempts: number
  /** Of the last attempt: the status of the answer, or why there was none. */
  readonly answer: string
  readonly triedAt: Date
}

const attributes = ['facet', 'webhook', 'eventType', 'eventId', 'outcome', 'attempts', 'answer', 'triedAt']

export type Wanted = {
  readonly webhook?: string | undefined
  readonly event?: string | undefined
  readonly limit: number
}

/** The latest deliveries first. */
export async function listDeliveries(
  dynamodb: DynamoDBClient,
  table: string,
  project: string,
  { webhook, event, limit }: Wanted,
): Promise<DeliveryEntry[]> {
  const entries: DeliveryEntry[] = []
  const selection = { prefix: deliveryPrefix, isDescending: true, pageSize: 100, attributes }
  for await (const item of queryItems(dynamodb, table, project, selection)) {
    if (entries.length >= limit) break
    const entry = readDelivery(item)
    if ((webhook ?? entry.webhook) === entry.webhook && (event ?? entry.event) === entry.event) entries.push(entry)
  }
  return entries
}

const DeliveryItem = v.object({
  facet: Text,
  webhook: Text,
  eventType: Text,
  eventId: Text,
  outcome: v.object({ S: v.picklist(deliveryOutcomes) }),
  attempts: v.object({ N: v.pipe(v.string(), v.transform(Number)) }),
  answer: Text,
  triedAt: v.object({ S: v.pipe(v.string(), v.isoTimestamp()) }),
})

function readDelivery(item: Item): DeliveryEntry {
  const { facet, webhook, eventType, eventId, outcome, attempts, answer, triedAt } = v.parse(DeliveryItem, item)
  return {
    at: new Date(facet.S.split('#')[1] ?? ''),
    webhook: webhook.S,
    type: eventType.S,
    event: eventId.S,
    outcome: outcome.S,
    attempts: attempts.N,
    answer: answer.S,
    triedAt: new Date(triedAt.S),
  }
}
