/**
 * Some recipients of an event cannot be read; the others were applied. The record belongs in the dead-letter queue all the same: after a correction
 * it can be replayed as a whole, which changes nothing about the others.
 */
import type { UnreadableRecipient } from './recipients.ts'

/** Recipients that the message names. An event has 50 at most, so more are no accident. */
const mostNamed = 10

export class UnreadableRecipientsError extends Error {
  override readonly name = 'UnreadableRecipientsError'
  readonly retryable = false
  readonly fields: readonly string[]
  readonly applied: number

  /** @param applied the number of recipients that were applied */
  constructor(unreadable: readonly UnreadableRecipient[], applied: number) {
    const named = unreadable.slice(0, mostNamed).map(({ field, problem }) => `${field} ${problem}`)
    const more = unreadable.length > mostNamed ? ` (and ${unreadable.length - mostNamed} more)` : ''
    super(
      `Cannot read ${unreadable.length} of ${unreadable.length + applied} recipients: ${named.join('; ')}${more}. The others were recorded. Correct the record and replay it.`,
    )
    this.fields = unreadable.map(({ field }) => field)
    this.applied = applied
  }
}
