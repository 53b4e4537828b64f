/**
 * Classifies the failure of a customer's account: retry a transient one, leave a permanent one until someone has repaired the connection.
 */
import { ConnectionError } from '../access/session/errors.ts'
import { NotConnectedError, QuarantinedError } from '../projects/connection.ts'

/** `transient`: a retry can succeed. `permanent`: someone must repair the connection first. `why` is text for the log. */
export type AccountFailure = { readonly kind: 'transient' | 'permanent'; readonly why: string }

/** The failure of this one account; `undefined` for a failure of Sesame itself, which must not be hidden. */
export function accountFailureOf(error: unknown): AccountFailure | undefined {
  if (error instanceof ConnectionError) {
    const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : ''
    return { kind: error.retryable ? 'transient' : 'permanent', why: `${error.layer}: ${error.name}${code}` }
  }
  if (error instanceof QuarantinedError || error instanceof NotConnectedError)
    return { kind: 'permanent', why: `settings: ${error.name}` }
  return isNetworkError(error) ? { kind: 'transient', why: 'no answer' } : undefined
}

/**
 * Whether the SDK got no answer (in time). A failure of our own database looks the same, but each address reads the database before and
 * after the account is called, so such a failure appears there as well.
 */
function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (['AbortError', 'TimeoutError', 'NetworkingError'].includes(error.name)) return true
  return 'code' in error && typeof error.code === 'string' && /^(E[A-Z]+|EAI_AGAIN)$/.test(error.code)
}
