/**
 * Converts answers of AWS into Sesame's own errors: those of STS, and those of services in a customer's account.
 *
 * Their error codes overlap (STS says AccessDenied, SES AccessDeniedException, SNS AuthorizationError), so the caller states which of the
 * two it called. The code alone does not tell.
 */
import * as v from 'valibot'
import { isOwnSide, readDenialSentence } from './denial.ts'
import {
  AwsAnswer,
  CallFailedError,
  ConnectionError,
  DurationRefusedError,
  OwnCredentialsError,
  OwnSideRefusedError,
  PermissionMissingError,
  RegionDisabledError,
  SessionEndedError,
  SessionPolicyError,
  SessionRequestError,
  ThrottledError,
  TrustRefusedError,
} from './errors.ts'

/** An error that an SDK client made from an answer of AWS. Errors of the SDK's own code and of the network have other shapes. */
const Answer = v.object({
  name: v.pipe(v.string(), v.regex(/^[\w.]{1,80}$/)),
  message: v.string(),
  $fault: v.picklist(['client', 'server']),
  $metadata: v.object({ requestId: v.optional(v.string()) }),
})
type Answer = v.InferOutput<typeof Answer>

const findAnswer = (error: unknown): Answer | undefined => {
  const { success, output } = v.safeParse(Answer, error)
  return success ? output : undefined
}

const throttling = /^(Throttl|TooManyRequests|RequestLimitExceeded|RequestThrottled|SlowDown|LimitExceeded$)/
const unknownSession = /^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidToken)/
const denial = /^(AccessDenied|AuthorizationError|NotAuthorized)/

/**
 * Whether a fresh session might succeed where this one was rejected. `ended`: the service does not know the session, or no longer.
 * `denied`: the service knows the session and denies the call, which is also what a revocation looks like.
 */
export function sessionRejectionOf(error: unknown): 'ended' | 'denied' | undefined {
  const name = findAnswer(error)?.name ?? ''
  if (unknownSession.test(name)) return 'ended'
  return denial.test(name) ? 'denied' : undefined
}

type AssumeRoleCall = {
  readonly project: string
  readonly roleArn: string
  readonly seconds: number
  readonly region: string
}

/** The error for an answer of STS to AssumeRole. Returns an error that is no answer of AWS unchanged. */
export function readStsError(error: unknown, { project, roleArn, seconds, region }: AssumeRoleCall): unknown {
  const answer = findAnswer(error)
  if (!answer) return error
  const { name, message, $fault } = answer
  const cause = causeOf(answer)
  if (throttling.test(name)) return new ThrottledError(project, 'STS', cause)
  if (unknownSession.test(name)) return new OwnCredentialsError(project, cause)
  if (denial.test(name)) {
    const { policy, isExplicit } = readDenialSentence(message)
    return policy !== undefined && isOwnSide(policy)
      ? new OwnSideRefusedError(project, policy, isExplicit, cause)
      : new TrustRefusedError(project, roleArn, cause)
  }
  if (name.startsWith('RegionDisabled')) return new RegionDisabledError(project, region, cause)
  if (name.startsWith('PackedPolicyTooLarge'))
    return new SessionPolicyError(project, 'is too large in its packed form', cause)
  if (name.startsWith('MalformedPolicyDocument')) return new SessionPolicyError(project, 'is malformed', cause)
  if (name.startsWith('ValidationError')) {
    if (/role chaining/.test(message)) return new DurationRefusedError(project, seconds, 'role chaining', cause)
    if (/MaxSessionDuration/.test(message)) return new DurationRefusedError(project, seconds, 'the role', cause)
    const [, member = 'the request'] = /\bat '(\w{1,40})'/.exec(message) ?? []
    return new SessionRequestError(project, member, 'does not meet the rules of STS', cause)
  }
  return new CallFailedError(project, 'STS', { code: name, retryable: $fault === 'server' }, cause)
}

/** The error for an answer of a service in the customer's account. Returns an error that is no answer of AWS unchanged. */
export function readAccountError(error: unknown, project: string): unknown {
  const answer = findAnswer(error)
  if (!answer || error instanceof ConnectionError) return error
  const { name, message, $fault } = answer
  const cause = causeOf(answer)
  if (throttling.test(name)) return new ThrottledError(project, 'account', cause)
  if (unknownSession.test(name)) return new SessionEndedError(project, cause)
  if (denial.test(name)) {
    const { action, policy, isExplicit } = readDenialSentence(message)
    return new PermissionMissingError(project, { action, refusedBy: policy, isExplicit }, cause)
  }
  return new CallFailedError(project, 'account', { code: name, retryable: $fault === 'server' }, cause)
}

const causeOf = ({ name, $metadata }: Answer) => new AwsAnswer(name, $metadata.requestId)
