/**
 * Tells whoever listens on the event bus that a connection was closed, or opened again.
 *
 *     source sesame, detail-type "Connection Quarantined": { project, account, region, at, since, why }
 *     source sesame, detail-type "Connection Restored":    { project, account, region, at }
 *
 * A quarantine is told at every proof that fails until it is mended, so nothing hangs on one message. A message may come twice.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import type { Connection } from '../../projects/connection.ts'

/** The bus did not take the message. */
class NotAnnouncedError extends Error {
  override readonly name = 'NotAnnouncedError'
  readonly retryable = true
  readonly project: string
  readonly code: string

  constructor(project: string, code: string) {
    super(`Project ${project}: the event bus did not take the message about its connection: ${code}`)
    this.project = project
    this.code = code
  }
}

export type Announce = (
  what: 'Connection Quarantined' | 'Connection Restored',
  connection: Pick<Connection, 'project' | 'account' | 'region'>,
  facts: { readonly at: Date; readonly since?: Date; readonly why?: string },
) => Promise<void>

/** @param bus name of the event bus */
export function createAnnounce(events: EventBridgeClient, bus: string): Announce {
  return async (what, { project, account, region }, { at, ...facts }) => {
    const { Entries: [answer] = [] } = await events.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: bus,
            Source: 'sesame',
            DetailType: what,
            Time: at,
            Detail: JSON.stringify({ project, account, region, at, ...facts }),
          },
        ],
      }),
    )
    if (answer?.ErrorCode) throw new NotAnnouncedError(project, answer.ErrorCode)
  }
}
