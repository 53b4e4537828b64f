/**
 * An error → what a log line says of it. A refusal by AWS is told by what would have to change, in place of AWS's own words, which
 * name the session and sometimes an address.
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
  // Our own errors hold no text of AWS's.
  return { outcome: 'failed', error: name, ...('layer' in error && { message }), denied: denial }
}

/**
 * A function that logs what it was refused before it fails. What failed for one record of several is logged by whoever tried it
 * (outcome-log.ts).
 */
export const withDenialsLogged =
  <Result>(make: (surroundings: Runtime) => LambdaHandler<Result>) =>
  (surroundings: Runtime): LambdaHandler<Result> => {
    const handle = make(surroundings)
    return async (event, context) => {
      try {
        return await handle(event, context)
      } catch (error) {
        if (readDenial(error)) surroundings.log(JSON.stringify(failureOf(error)))
        throw error
      }
    }
  }
