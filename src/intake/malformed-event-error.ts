/**
 * What arrived is no SES event that can be acted on.
 *
 * Names the field and the way out, never a value: a value may be an address. A repetition cannot help, so it is not
 * retryable; the record belongs in the dead-letter queue.
 */
export class MalformedEventError extends Error {
  override readonly name = 'MalformedEventError'
  readonly retryable = false
  readonly field: string
  readonly problem: string
  readonly fix: string

  /** @param field path of the field as SES or the envelope spells it, e.g. `bounce.bouncedRecipients[0].emailAddress` */
  constructor(field: string, problem: string, fix: string) {
    super(`Malformed SES event: ${field} ${problem}. ${fix}`)
    this.field = field
    this.problem = problem
    this.fix = fix
  }
}
