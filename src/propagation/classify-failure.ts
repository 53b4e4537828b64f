/**
 * Why an address could not be carried, and what follows: wait, or have somebody mend it first.
 */

import { ConnectionError } from '../access/session/errors.ts'
import { NotConnectedError, QuarantinedError } from '../projects/connection.ts'

/** `passing`: try again soon. `lasting`: someone has to mend it. `why` in words for a log. */
export type AccountFailure = { readonly kind: 'passing' | 'lasting'; readonly why: string }

/** What stands in the way of this one project; `undefined` for what is our own failure and must be heard of. */
export function accountFailureOf(error: unknown): AccountFailure | undefined {
  if (error instanceof ConnectionError) {
    const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : ''
    return { kind: error.retryable ? 'passing' : 'lasting', why: `${error.layer}: ${error.name}${code}` }
  }
  if (error instanceof QuarantinedError || error instanceof NotConnectedError)
    return { kind: 'lasting', why: `settings: ${error.name}` }
  return isOfTheNetwork(error) ? { kind: 'passing', why: 'no answer' } : undefined
}

/** What the SDK throws when nobody answers (in time). Our own database is asked before and after: if it fails, that is another error. */
function isOfTheNetwork(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (['AbortError', 'TimeoutError', 'NetworkingError'].includes(error.name)) return true
  return 'code' in error && typeof error.code === 'string' && /^(E[A-Z]+|EAI_AGAIN)$/.test(error.code)
}
