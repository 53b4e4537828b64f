/** Why the account of a project cannot be used, as a problem. */
import { ConnectionError, ThrottledError } from '../access/session/errors.ts'
import { NotConnectedError, QuarantinedError } from '../projects/connection.ts'
import { Problem } from './problem.ts'

/** The problem, if the error says that the account of the project cannot be used; else `undefined`. */
export function problemOfError(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error
  if (error instanceof NotConnectedError)
    return new Problem('not-connected', { detail: 'The project has no proven connection.' })
  if (error instanceof QuarantinedError)
    return new Problem('not-connected', { detail: `The connection is quarantined since ${error.since.toISOString()}.` })
  if (error instanceof ThrottledError)
    return new Problem('rate-exceeded', { detail: 'AWS throttles the account.', retryAfterSeconds: 1 })
  if (error instanceof ConnectionError)
    return new Problem('account-unusable', { detail: `The account of the project refused (${error.name}).` })
  return undefined
}
