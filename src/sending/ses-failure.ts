/**
 * What SES answers to a send, sorted by the one question that matters: was the mail accepted? Pure.
 *
 * SES has no idempotency. If it did not answer, nobody knows whether it accepted the mail, so the attempt is never repeated.
 * https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
 */
import * as v from 'valibot'

/** Why SES did not accept a mail. */
export type Rejection =
  | 'rate-exceeded'
  | 'quota-exhausted'
  | 'limit-exceeded'
  | 'sending-paused'
  | 'account-suspended'
  | 'sender-not-verified'
  | 'sandbox'
  | 'message-rejected'
  | 'configuration-missing'
  | 'template-missing'
  | 'bad-request'

export type SendFailure =
  | { readonly accepted: 'no'; readonly rejection: Rejection; readonly code: string }
  /** Nobody knows. */
  | { readonly accepted: 'unknown'; readonly code: string }

/** What AWS answers to a request that it did not carry out: malformed, too large, or for no operation that it knows. */
const refusedRequest =
  /^(BadRequest|Validation|Serialization|MalformedInput|InvalidParameter|MissingParameter|UnknownOperation|RequestEntityTooLarge|PayloadTooLarge|Conflict)/

/** An error that SES answered. Errors of the network have no `$fault`. */
const Answer = v.object({ name: v.string(), message: v.string(), $fault: v.picklist(['client', 'server']) })

/**
 * @param error an error of the SES client
 * @param isSandbox whether the account is in the sandbox, which the text of an error says in no reliable form
 * @returns `undefined` if the session was rejected: then SES did not look at the mail
 */
export function sendFailureOf(error: unknown, isSandbox: boolean): SendFailure | undefined {
  const { success, output } = v.safeParse(Answer, error)
  if (!success) return { accepted: 'unknown', code: error instanceof Error ? error.name : 'unknown error' }
  const { name: code, message, $fault } = output
  if (/^(AccessDenied|ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidToken|InvalidSignature)/.test(code))
    return undefined
  const no = (rejection: Rejection): SendFailure => ({ accepted: 'no', rejection, code })
  switch (code) {
    case 'TooManyRequestsException':
    case 'ThrottlingException':
    case 'Throttling':
      return no(/daily/i.test(message) ? 'quota-exhausted' : 'rate-exceeded')
    case 'LimitExceededException':
      return no('limit-exceeded')
    case 'SendingPausedException':
      return no('sending-paused')
    case 'AccountSuspendedException':
      return no('account-suspended')
    case 'MailFromDomainNotVerifiedException':
      return no('sender-not-verified')
    case 'MessageRejected':
      if (isSandbox) return no('sandbox')
      return no(/not verified/i.test(message) ? 'sender-not-verified' : 'message-rejected')
    case 'NotFoundException':
      return no(/^template/i.test(message) ? 'template-missing' : 'configuration-missing')
    default:
      // An answer that nobody foresaw says nothing about the mail: not every error of the client's side was found before SES accepted it.
      return $fault === 'client' && refusedRequest.test(code) ? no('bad-request') : { accepted: 'unknown', code }
  }
}
