/**
 * Takes a field of an answer of AWS that every success has. Without it, the answer is not the one that was asked for, and says nothing: an
 * empty page would otherwise be read as "no such item", and an address as clear.
 */

/** An answer of AWS lacks a field that every success has. */
export class IncompleteAnswerError extends Error {
  override readonly name = 'IncompleteAnswerError'
  readonly retryable = true
  /** Operation and field: `Query: Items`. */
  readonly field: string

  constructor(field: string) {
    super(`AWS answered without a field that every answer has: ${field}. Try again`)
    this.field = field
  }
}

/**
 * @param field operation and field: `Query: Items`
 * @throws IncompleteAnswerError
 */
export function answered<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new IncompleteAnswerError(field)
  return value
}
