/** The common part of event source mappings: one poller at a time, calls with the function's role, recorded refusals. */
import { AwsError, type Platform } from '../service.ts'
import type { LambdaFunction } from './function.ts'

export type EventSource = {
  readonly sourceArn: string
  /** Starts polling in the background until the source is empty. */
  poll(): void
  /** Messages of the calls that the function's role was refused. A real mapping is disabled or reports them as its last result. */
  readonly problems: readonly string[]
}

/** A call with the function's role. */
export type CallAsFunction = (service: string, operation: string, input: object) => Promise<object>

/** @param drain processes the source until it is empty */
export function createEventSource(
  platform: Platform,
  fn: LambdaFunction,
  sourceArn: string,
  drain: (call: CallAsFunction) => Promise<void>,
): EventSource {
  const problems: string[] = []
  let polling = false
  let requested = false
  const call: CallAsFunction = (service, operation, input) =>
    platform.callAsRole(fn.definition.roleArn, service, operation, input)

  const run = async (): Promise<void> => {
    try {
      while (requested) {
        requested = false
        await drain(call)
      }
    } catch (cause) {
      if (!(cause instanceof AwsError)) throw cause
      problems.push(cause.message)
    } finally {
      polling = false
    }
  }
  return {
    sourceArn,
    problems,
    poll() {
      requested = true
      if (polling) return
      polling = true
      platform.work.start(run)
    },
  }
}
