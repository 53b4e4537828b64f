/**
 * An error → the facts that a log line states about it.
 *
 * Of an access denial, the line says what has to change. It leaves out AWS's own message, which names the session and sometimes an address.
 */
import { readDenial } from '../access/session/denial.ts'
import type { LambdaHandler, Runtime } from './runtime.ts'

export function failureOf(
  error: unknown,
): { readonly outcome: 'failed'; readonly error: string } & Record<string, unknown> {
  if (!(error instanceof Error)) return { outcome: 'failed', error: 'an unknown error' }
  const { name, message } = error
  const denial = readDenial(error)
  if (denial === undefined) return { outcome: 'failed', error: name, message }
  // An error with a layer is one of ours: its message contains no text from AWS.
  return { outcome: 'failed', error: name, ...('layer' in error && { message }), denied: denial }
}

/**
 * Logs an access denial that fails the whole invocation, then rethrows it. A denial that fails one record of several is logged by
 * outcome-log.ts.
 */
export const withDenialsLogged =
  <Result>(create: (runtime: Runtime) => LambdaHandler<Result>) =>
  (runtime: Runtime): LambdaHandler<Result> => {
    const handle = create(runtime)
    return async (event, context) => {
      try {
        return await handle(event, context)
      } catch (error) {
        if (readDenial(error)) runtime.log(JSON.stringify(failureOf(error)))
        throw error
      }
    }
  }
