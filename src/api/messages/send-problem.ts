/** Why a message was not sent, as a problem. */
import { ConnectionError, ThrottledError } from '../../access/session/errors.ts'
import { NotConnectedError, QuarantinedError } from '../../projects/connection.ts'
import type { SendOutcome } from '../../sending/send-message.ts'
import type { Rejection } from '../../sending/ses-failure.ts'
import { Problem, type ProblemType } from '../problem.ts'

const typeOf: Readonly<Record<Rejection, ProblemType>> = {
  'rate-exceeded': 'rate-exceeded',
  'quota-exhausted': 'quota-exhausted',
  'limit-exceeded': 'ses-limit-exceeded',
  'sending-paused': 'sending-paused',
  'account-suspended': 'account-suspended',
  'sender-not-verified': 'sender-not-verified',
  sandbox: 'sandbox',
  'message-rejected': 'message-rejected',
  'configuration-missing': 'configuration-missing',
  'bad-request': 'message-rejected',
}

/** @param outcome a message that SES did not accept */
export const problemOfRejection = ({
  rejection,
  code,
  retryAfterSeconds,
}: Extract<SendOutcome, { state: 'rejected' }>): Problem =>
  new Problem(typeOf[rejection], {
    detail: `The mail was not sent (${code}).`,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  })

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
