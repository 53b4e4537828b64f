/**
 * Stands in for `@smithy/core/event-streams` in the bundles of our functions: no operation that they call streams events.
 *
 * SDK clients load that module with `import()` should an operation need it. For the bundler this makes it, and every module that it shares
 * with the rest, one that must be kept whole and wrapped; without it the bundle is a tenth smaller and starts sooner.
 */

/** An operation with an event stream was called in a bundle that has none. */
export class NoEventStreamsError extends Error {
  override readonly name = 'NoEventStreamsError'
  readonly retryable = false
  constructor() {
    super('Operations with event streams need @smithy/core/event-streams: take its alias out of serverless.yml')
  }
}

/** The exports that the SDK asks for by these names; whichever it uses first says what is missing. */
export const eventStreamSerdeProvider = () => {
  throw new NoEventStreamsError()
}
export class EventStreamSerde {
  constructor() {
    throw new NoEventStreamsError()
  }
}

/** Clients that have such operations ask for a marshaller when they are made; one that never streams does without. */
export const resolveEventStreamSerdeConfig = <Config>(config: Config): Config => config
