/**
 * Composes `Feed Silent` and `Feed Restored`: events of a project's mail stopped arriving although its account sends, or arrive again.
 *
 * `Feed Silent` is published once a day until the feed is repaired, and when its cause is found, so a lost event does no harm.
 */
import { createHash } from 'node:crypto'
import type { DomainEvent } from './domain-events.ts'

type Subject = {
  readonly project: string
  readonly account: string
  readonly region: string
  /** The last hour with events ended then. */
  readonly since: Date
  readonly at: Date
}

const idOf = (...parts: readonly string[]) =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)

/** The id is the same for the same silence and cause on one day. */
export const feedSilentEventOf = ({
  project,
  account,
  region,
  since,
  at,
  accepted,
  cause,
}: Subject & { readonly accepted: number; readonly cause: string }): DomainEvent => ({
  type: 'Feed Silent',
  at,
  detail: {
    id: idOf('Feed Silent', project, since.toISOString(), at.toISOString().slice(0, 10), cause),
    project,
    account,
    region,
    since: since.toISOString(),
    accepted,
    cause,
  },
})

export const feedFlowsEventOf = ({ project, account, region, since, at }: Subject): DomainEvent => ({
  type: 'Feed Restored',
  at,
  detail: {
    id: idOf('Feed Restored', project, since.toISOString()),
    project,
    account,
    region,
    since: since.toISOString(),
  },
})
