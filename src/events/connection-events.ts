/**
 * Composes `Connection Quarantined` and `Connection Restored`: the proof of a connection failed, or passed again after it had failed.
 *
 * `Connection Quarantined` is published after every failed proof until the connection is repaired, so a lost event does no harm. Either event
 * can arrive twice.
 */
import type { Connection } from '../projects/connection.ts'
import type { DomainEvent } from './domain-events.ts'

type Subject = Pick<Connection, 'project' | 'account' | 'region'>

/** @param at time of the proof */
export const quarantinedEventOf = (
  { project, account, region }: Subject,
  at: Date,
  { since, why }: { readonly since: Date; readonly why: string },
): DomainEvent => ({
  type: 'Connection Quarantined',
  at,
  detail: { project, account, region, at: at.toISOString(), since: since.toISOString(), why },
})

/** @param at time of the proof */
export const restoredEventOf = ({ project, account, region }: Subject, at: Date): DomainEvent => ({
  type: 'Connection Restored',
  at,
  detail: { project, account, region, at: at.toISOString() },
})
