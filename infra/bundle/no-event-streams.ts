/**
 * Replaces `@smithy/core/event-streams` in the functions' bundles: no operation that they call streams events.
 *
 * SDK clients load that module with `import()` when an operation needs it. The bundler must therefore keep the module, and every module
 * that it shares with the rest of the bundle, whole and wrapped. Without it the bundle is a tenth smaller and starts faster.
 */

/** The code called an operation with an event stream in a bundle without support for it. */
export class NoEventStreamsError extends Error {
  override readonly name = 'NoEventStreamsError'
  readonly retryable = false
  constructor() {
    super(
      'This bundle has no support for event streams: remove the alias of @smithy/core/event-streams from serverless.yml',
    )
  }
}

/** The SDK imports these names. The first one that it uses throws. */
export const eventStreamSerdeProvider = () => {
  throw new NoEventStreamsError()
}
export class EventStreamSerde {
  constructor() {
    throw new NoEventStreamsError()
  }
}

/** Clients with such operations configure a marshaller on creation. A client that never streams needs none. */
export const resolveEventStreamSerdeConfig = <Config>(config: Config): Config => config
