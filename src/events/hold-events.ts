/**
 * Composes `Project Warned`, `Project Held` and `Project Resumed`: what happened to the mail of a project, by whom or why, with the numbers.
 *
 * The id follows from the content, so a subscriber recognises a repeated event. Each event is published before its change is stored: after a crash
 * it is published again with a later time.
 */
import { createHash } from 'node:crypto'
import type { DomainEvent } from './domain-events.ts'

type HoldEvent = Extract<DomainEvent, { type: 'Project Warned' | 'Project Held' | 'Project Resumed' }>

/** The rate that decided. */
export type DecidingRate = {
  readonly kind: 'bounces' | 'complaints'
  readonly days: number
  readonly events: number
  readonly recipients: number
}

type Facts = {
  readonly project: string
  readonly at: Date
  readonly why: string
  readonly rate?: DecidingRate | undefined
}

export const warnedEventOf = (facts: Facts): HoldEvent => {
  const detail = detailOf(facts)
  return { type: 'Project Warned', at: facts.at, detail: { id: idOf('Project Warned', detail), ...detail } }
}

export const heldEventOf = (
  facts: Facts & { readonly cause: 'operator' | 'rates' | 'ses'; readonly until?: Date },
): HoldEvent => {
  const { cause, until } = facts
  const detail = { ...detailOf(facts), cause, ...(until && { until: until.toISOString() }) }
  return { type: 'Project Held', at: facts.at, detail: { id: idOf('Project Held', detail), ...detail } }
}

export const resumedEventOf = (facts: Facts & { readonly cause: 'operator' | 'rates' }): HoldEvent => {
  const detail = { ...detailOf(facts), cause: facts.cause }
  return { type: 'Project Resumed', at: facts.at, detail: { id: idOf('Project Resumed', detail), ...detail } }
}

const detailOf = ({ project, at, why, rate }: Facts) => ({
  project,
  at: at.toISOString(),
  why,
  ...(rate && { rate: rate.kind, days: rate.days, events: rate.events, recipients: rate.recipients }),
})

const idOf = (type: string, detail: object): string =>
  createHash('sha256')
    .update(JSON.stringify([type, detail]))
    .digest('hex')
    .slice(0, 32)
