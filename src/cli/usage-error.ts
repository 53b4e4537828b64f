/** The command was used wrongly. The message says what to change; nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly retryable = false
}
