/** Why a message was not sent, as a problem. */
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
  'template-missing': 'no-such-template',
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
