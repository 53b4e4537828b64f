/**
 * Our events as webhooks deliver them: which, under which name, and in which form. Pure.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#payload-structure
 */
import type { DomainEvent } from '../events/domain-events.ts'

/** Name of each event for receivers. `undefined`: it concerns the operator alone and is not delivered. */
export const webhookTypes = {
  'Address Suppressed': 'address.suppressed',
  'Address Reinstated': 'address.reinstated',
  'Suppressions Imported': 'suppressions.imported',
  'Connection Quarantined': 'connection.quarantined',
  'Connection Restored': 'connection.restored',
  'Project Warned': 'project.warned',
  'Project Held': 'project.held',
  'Project Resumed': 'project.resumed',
  'Feed Silent': 'feed.silent',
  'Feed Restored': 'feed.restored',
  'Webhook Switched Off': 'webhook.switched-off',
  'Webhook Test Requested': 'webhook.test',
  'Unexpected Role Use': undefined,
} as const satisfies Readonly<Record<DomainEvent['type'], string | undefined>>

export type WebhookType = NonNullable<(typeof webhookTypes)[DomainEvent['type']]>

/** The types that a webhook can be limited to. A test is delivered to every webhook that it names. */
export const selectableTypes: readonly WebhookType[] = Object.values(webhookTypes).filter(
  (type): type is WebhookType => type !== undefined && type !== 'webhook.test',
)

/** @param detailType as EventBridge has it */
export const webhookTypeOf = (detailType: string): WebhookType | undefined =>
  isEventType(detailType) ? webhookTypes[detailType] : undefined

const isEventType = (name: string): name is keyof typeof webhookTypes => Object.hasOwn(webhookTypes, name)

/** An event on its way to one webhook. `id` is the same at each repetition: receivers recognise it by `webhook-id`. */
export type OutgoingEvent = {
  readonly id: string
  readonly type: WebhookType
  /** ISO 8601. */
  readonly at: string
  readonly data: Readonly<Record<string, unknown>>
}

/** The body of the request. */
export const payloadOf = ({ type, at, data }: OutgoingEvent): string => JSON.stringify({ type, timestamp: at, data })
