/** Composes the events about webhooks: one was switched off, and a test of one was requested. */
import { createHash } from 'node:crypto'
import type { DomainEvent } from './domain-events.ts'

type SwitchedOff = {
  readonly project: string
  readonly webhook: string
  /** The first of the failed attempts. */
  readonly since: Date
  readonly at: Date
  readonly why: string
}

/** The id follows from the webhook and the first failure, so a subscriber recognises a repetition. */
export const switchedOffEventOf = ({ project, webhook, since, at, why }: SwitchedOff): DomainEvent => ({
  type: 'Webhook Switched Off',
  at,
  detail: {
    id: createHash('sha256')
      .update(JSON.stringify(['Webhook Switched Off', project, webhook, since]))
      .digest('hex')
      .slice(0, 32),
    project,
    webhook,
    since: since.toISOString(),
    why,
  },
})

/** @param id names the test: the header `webhook-id` of its request ends with it */
export const testRequestedEventOf = (id: string, project: string, webhook: string): DomainEvent => ({
  type: 'Webhook Test Requested',
  detail: { id, project, webhook },
})
