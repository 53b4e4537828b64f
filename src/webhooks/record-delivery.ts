/**
 * Writes what became of a delivery, and what follows for its webhook: failing since, or switched off.
 *
 * The role that uses it may change these attributes only: neither the URL of a webhook nor a secret (iam/webhook-delivery.yml).
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { keyOf } from '../projects/table.ts'
import { dayMs } from '../time.ts'
import { updateItem } from '../update-item.ts'
import { type DeliveryOutcome, deliveryPrefix } from './deliveries.ts'
import { webhookPrefix } from './webhook.ts'
import type { OutgoingEvent } from './webhook-events.ts'

const keptDays = 30

export type Attempt = {
  readonly outcome: DeliveryOutcome
  /** Attempts so far, this one included. */
  readonly attempts: number
  readonly answer: string
  readonly at: Date
}

export type DeliveryRecorder = ReturnType<typeof createDeliveryRecorder>

/** @param table the table of webhooks */
export function createDeliveryRecorder(dynamodb: DynamoDBClient, table: string) {
  const update = (project: string, facet: string, input: Omit<Parameters<typeof updateItem>[2], 'Key'>) =>
    updateItem(dynamodb, table, { Key: keyOf(project, facet), ...input })

  return {
    /** Idempotent: the key follows from event and webhook, and a late copy of a failed attempt never replaces a success. */
    async log(project: string, webhook: string, event: OutgoingEvent, attempt: Attempt): Promise<void> {
      const { outcome, attempts, answer, at } = attempt
      await update(project, `${deliveryPrefix}${event.at}#${event.id}#${webhook}`, {
        UpdateExpression:
          'SET webhook = :webhook, eventType = :type, eventId = :event, outcome = :outcome, attempts = :attempts, answer = :answer, triedAt = :at, expiresAt = :expires',
        ConditionExpression: 'attribute_not_exists(id) OR outcome <> :delivered',
        ExpressionAttributeValues: {
          ':webhook': { S: webhook },
          ':type': { S: event.type },
          ':event': { S: event.id },
          ':outcome': { S: outcome },
          ':attempts': { N: String(attempts) },
          ':answer': { S: answer },
          ':at': { S: at.toISOString() },
          ':expires': { N: String(Math.floor((at.getTime() + keptDays * dayMs) / 1_000)) },
          ':delivered': { S: 'delivered' },
        },
      })
    },

    /** Idempotent: sets the same time. A webhook that was removed meanwhile stays removed. */
    async succeeded(project: string, webhook: string, at: Date): Promise<void> {
      await update(project, `${webhookPrefix}${webhook}`, {
        UpdateExpression: 'SET deliveredAt = :at REMOVE failingSince, retryAt',
        ConditionExpression: 'attribute_exists(addedAt)',
        ExpressionAttributeValues: { ':at': { S: at.toISOString() } },
      })
    },

    /** Idempotent: the first failure of a series stays its start. */
    async failed(project: string, webhook: string, at: Date, retryAt: Date): Promise<void> {
      await update(project, `${webhookPrefix}${webhook}`, {
        UpdateExpression: 'SET failingSince = if_not_exists(failingSince, :at), retryAt = :retry',
        ConditionExpression: 'attribute_exists(addedAt)',
        ExpressionAttributeValues: { ':at': { S: at.toISOString() }, ':retry': { S: retryAt.toISOString() } },
      })
    },

    /** Idempotent: a webhook that is off keeps its time and reason. */
    async switchOff(project: string, webhook: string, at: Date, why: string): Promise<void> {
      await update(project, `${webhookPrefix}${webhook}`, {
        UpdateExpression: 'SET offAt = :at, offWhy = :why',
        ConditionExpression: 'attribute_exists(addedAt) AND attribute_not_exists(offAt)',
        ExpressionAttributeValues: { ':at': { S: at.toISOString() }, ':why': { S: why } },
      })
    },
  }
}
