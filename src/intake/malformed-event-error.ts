/**
 * A record is not an SES event that Sesame can process.
 *
 * The error names the field and the fix, and never contains a value, because a value may be an address. A retry cannot succeed, so it is not
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
