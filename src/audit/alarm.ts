/**
 * Tells whoever listens on the event bus that a role was used as it should not be.
 *
 *     source sesame, detail-type "Unexpected Role Use": { id, role, at, why, refused?, project?, purpose? }
 *
 * Who it was is in the table (`sesame roles usage ROLE`), not here: the name of a session is often a person's address.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import type { Use } from './uses.ts'

/** The bus did not take the message. */
class NotRaisedError extends Error {
  override readonly name = 'NotRaisedError'
  readonly retryable = true
  readonly code: string

  constructor(role: string, code: string) {
    super(`The event bus did not take the alarm about ${role}: ${code}`)
    this.code = code
  }
}

export type Alarm = (use: Use, id: string) => Promise<void>

/** @param bus name of the event bus */
export function createAlarm(events: EventBridgeClient, bus: string): Alarm {
  return async ({ role, at, why, refused, project, purpose }, id) => {
    const { Entries: [answer] = [] } = await events.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: bus,
            Source: 'sesame',
            DetailType: 'Unexpected Role Use',
            Time: at,
            Detail: JSON.stringify({ id, role, at, why, refused, project, purpose }),
          },
        ],
      }),
    )
    if (answer?.ErrorCode) throw new NotRaisedError(role, answer.ErrorCode)
  }
}
