/**
 * The events that Sesame publishes on its event bus, with the schema of the `detail` of each. docs/events.md is made from these schemas.
 *
 * Each event has a file of its own, which also composes it. `detail` is JSON: a time in it is an ISO 8601 text.
 */
import type * as v from 'valibot'
import { AddressReinstated, AddressSuppressed } from './address-events.ts'
import { ConnectionQuarantined, ConnectionRestored } from './connection-events.ts'
import { UnexpectedRoleUse } from './role-use-event.ts'

/** Detail-type → schema of `detail`. */
export const domainEventSchemas = {
  'Address Suppressed': AddressSuppressed,
  'Address Reinstated': AddressReinstated,
  'Connection Quarantined': ConnectionQuarantined,
  'Connection Restored': ConnectionRestored,
  'Unexpected Role Use': UnexpectedRoleUse,
} as const

type Schemas = typeof domainEventSchemas

/** One event. `at` becomes its `time`; without it, EventBridge sets the time of arrival. */
export type DomainEvent = {
  [Type in keyof Schemas]: {
    readonly type: Type
    readonly detail: v.InferOutput<Schemas[Type]>
    readonly at?: Date
  }
}[keyof Schemas]
