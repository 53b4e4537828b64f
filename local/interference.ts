/** What a simulation puts between every caller and every service: the one place where calls are late, repeated, refused or unanswered. */
import type { ServiceCall } from './service.ts'

/** Runs a call, or something in its place. `run` may be called late, with another input, twice or not at all. */
export type Interfere = (call: ServiceCall, run: (call: ServiceCall) => Promise<object>) => Promise<object>

/** The caller gets no answer. Whether the call took effect, it cannot know. Its name is that of the SDK's error of a timeout. */
export class NoAnswerError extends Error {
  override readonly name = 'TimeoutError'
  readonly retryable = true
  readonly operation: string

  constructor(operation: string) {
    super(`${operation} was not answered in time`)
    this.operation = operation
  }
}
