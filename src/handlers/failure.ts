/**
 * An error → what a log line says of it. A refusal by AWS is told by what would have to change, in place of AWS's own words, which
 * name the session and sometimes an address.
 */
import { denialIn } from './denial.ts'
import type { LambdaHandler, Surroundings } from './surroundings.ts'

export function failureIn(
  error: unknown,
): { readonly outcome: 'failed'; readonly error: string } & Record<string, unknown> {
  if (!(error instanceof Error)) return { outcome: 'failed', error: 'an unknown error' }
  const { name, message } = error
  const denial = denialIn(error)
  if (denial === undefined) return { outcome: 'failed', error: name, message }
  // Our own errors hold no text of AWS's.
  return { outcome: 'failed', error: name, ...('layer' in error && { message }), denied: denial }
}

/**
 * A function that logs what it was refused before it fails. What failed for one record of several is logged by whoever tried it
 * (outcome-log.ts).
 */
export const tellingDenials =
  <Result>(make: (surroundings: Surroundings) => LambdaHandler<Result>) =>
  (surroundings: Surroundings): LambdaHandler<Result> => {
    const handle = make(surroundings)
    return async (event, context) => {
      try {
        return await handle(event, context)
      } catch (error) {
        if (denialIn(error)) surroundings.log(JSON.stringify(failureIn(error)))
        throw error
      }
    }
  }
