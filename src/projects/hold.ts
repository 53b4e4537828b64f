/**
 * Why no mail of a project is sent, besides the setting `paused` and a quarantine. Each cause has an attribute of its own in one item, so those
 * who set a hold never overwrite each other, and a hold ends when its cause ends.
 *
 *     id    facet  holds
 *     acme  hold   heldByOperator, heldByRates, heldBySes, warnedByRates: { since, why, until }; resumedAt, overriddenUntil
 *
 * This file reads and composes. src/projects/change-hold.ts writes.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { type HoldCause, holdCauses } from './hold-causes.ts'
import { findItem, type Item } from './table.ts'

export const holdFacet = 'hold'

/** The attribute of each cause. */
export const holdAttributes = {
  operator: 'heldByOperator',
  ses: 'heldBySes',
  rates: 'heldByRates',
} as const satisfies Readonly<Record<HoldCause, string>>

/** The rates are near a line: nothing is held yet. */
export const warningAttribute = 'warnedByRates'

/** All attributes of the item that hold a value. A role may be limited to them. */
const holdFields = [...Object.values(holdAttributes), warningAttribute, 'resumedAt', 'overriddenUntil'] as const

export type Reason = {
  readonly since: Date
  /** In words, with the numbers. Contains nothing personal. */
  readonly why: string
  /** When it ends by itself. */
  readonly until?: Date | undefined
}

export type CausedHold = Reason & { readonly cause: HoldCause }

export type HoldState = {
  /** The holds that are in force, the most important first. */
  readonly holds: readonly CausedHold[]
  readonly warning?: Reason | undefined
  /** When a person last resumed the project. No rate reaches behind it. */
  readonly resumedAt?: Date | undefined
  /** Until then, rates hold nothing, because a person has decided so. */
  readonly overriddenUntil?: Date | undefined
}

/** The state of a project that was never held. */
export const neverHeld: HoldState = { holds: [] }

/** The hold of a project, with those that have not expired. */
export async function findHold(dynamodb: DynamoDBClient, table: string, id: string, now: Date): Promise<HoldState> {
  const item = await findItem(dynamodb, table, id, holdFacet, holdFields)
  return item ? readHold(item, now) : neverHeld
}

function readHold(item: Item, now: Date): HoldState {
  const fields = v.parse(HoldItem, item)
  const { warnedByRates: warning, resumedAt, overriddenUntil } = fields
  const inForce = ({ until }: Reason) => until === undefined || until > now
  return {
    holds: holdCauses.flatMap((cause) => {
      const reason = fields[holdAttributes[cause]]
      return reason && inForce(reason) ? [{ cause, ...reason }] : []
    }),
    ...(warning && { warning }),
    ...(resumedAt && { resumedAt }),
    ...(overriddenUntil && overriddenUntil > now && { overriddenUntil }),
  }
}

/** The attribute that keeps a reason. */
export const reasonValueOf = ({ since, why, until }: Reason) => ({
  S: JSON.stringify({ since: since.toISOString(), why, ...(until && { until: until.toISOString() }) }),
})

const Time = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.transform((text) => new Date(text)),
)
const StoredReason = v.pipe(
  v.object({
    S: v.pipe(v.string(), v.parseJson(), v.object({ since: Time, why: v.string(), until: v.optional(Time) })),
  }),
  v.transform(({ S }): Reason => S),
)
const StoredTime = v.pipe(
  v.object({ S: Time }),
  v.transform(({ S }) => S),
)

const HoldItem = v.object({
  heldByOperator: v.optional(StoredReason),
  heldBySes: v.optional(StoredReason),
  heldByRates: v.optional(StoredReason),
  warnedByRates: v.optional(StoredReason),
  resumedAt: v.optional(StoredTime),
  overriddenUntil: v.optional(StoredTime),
})
