/** What every event source mapping has: one poller at a time, polls with the function's role, refusals written down. */
import { AwsError, type Platform } from '../service.ts'
import type { LambdaFunction } from './function.ts'

export type EventSource = {
  readonly sourceArn: string
  /** Starts polling in the background, until the source has nothing more. */
  poll(): void
  /** What the function's role was refused; a real mapping would be disabled or report it as its last result. */
  readonly problems: readonly string[]
}

/** What the source needs of AWS, with the function's role. */
export type CallAsFunction = (service: string, operation: string, input: object) => Promise<object>

/** Makes a source of `drain`, which works the source off until it is empty. */
export function createEventSource(
  platform: Platform,
  fn: LambdaFunction,
  sourceArn: string,
  drain: (call: CallAsFunction) => Promise<void>,
): EventSource {
  const problems: string[] = []
  let polling = false
  let again = false
  const call: CallAsFunction = (service, operation, input) =>
    platform.callAsRole(fn.definition.roleArn, service, operation, input)

  const run = async (): Promise<void> => {
    try {
      while (again) {
        again = false
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
      again = true
      if (polling) return
      polling = true
      platform.work.start(run)
    },
  }
}
