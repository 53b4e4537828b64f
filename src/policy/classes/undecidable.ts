/** A question that the method does not answer: it is refused, because a part of an answer could be read as the whole. */
export class UndecidableQuestionError extends Error {
  override readonly name = 'UndecidableQuestionError'
  readonly retryable = false
  /** What was divided into classes: `resource`, or a condition key. */
  readonly dimension: string

  constructor(dimension: string, problem: string, remedy: string) {
    super(`The question cannot be answered for all requests: ${dimension} ${problem}. ${remedy}`)
    this.dimension = dimension
  }
}
