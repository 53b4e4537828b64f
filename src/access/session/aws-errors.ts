/**
 * What AWS answers → our own errors, STS apart from the services of the customer's account.
 *
 * STS says AccessDenied, SES AccessDeniedException, SNS AuthorizationError: but which of them spoke is known from where the answer came,
 * never guessed from its name.
 */
import * as v from 'valibot'
import {
  AwsAnswer,
  CallFailedError,
  ConnectionError,
  DurationRefusedError,
  OwnCredentialsError,
  PermissionMissingError,
  type RefusingPolicy,
  RegionDisabledError,
  SessionEndedError,
  SessionPolicyError,
  SessionRequestError,
  ThrottledError,
  TrustRefusedError,
} from './errors.ts'

/** An error that an SDK client made of an answer of AWS; its own code, or the network, throws others. */
const Answer = v.object({
  name: v.pipe(v.string(), v.regex(/^[\w.]{1,80}$/)),
  message: v.string(),
  $fault: v.picklist(['client', 'server']),
  $metadata: v.object({ requestId: v.optional(v.string()) }),
})
type Answer = v.InferOutput<typeof Answer>

const answerIn = (error: unknown): Answer | undefined => {
  const { success, output } = v.safeParse(Answer, error)
  return success ? output : undefined
}

const throttling = /^(Throttl|TooManyRequests|RequestLimitExceeded|RequestThrottled|SlowDown|LimitExceeded$)/
const unknownSession = /^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidToken)/
const refusal = /^(AccessDenied|AuthorizationError|NotAuthorized)/

/**
 * Whether a fresh session might be let through where this one was refused: `ended` when the service did not know the session (any
 * more), `denied` when it knew it and refused, which a revocation looks like as well.
 */
export function sessionRejectionOf(error: unknown): 'ended' | 'denied' | undefined {
  const name = answerIn(error)?.name ?? ''
  if (unknownSession.test(name)) return 'ended'
  return refusal.test(name) ? 'denied' : undefined
}

type Asked = { readonly project: string; readonly roleArn: string; readonly seconds: number; readonly region: string }

/** Our error for what STS answered to AssumeRole; anything else unchanged. */
export function readStsError(error: unknown, { project, roleArn, seconds, region }: Asked): unknown {
  const answer = answerIn(error)
  if (!answer) return error
  const { name, message, $fault } = answer
  const cause = causeOf(answer)
  if (throttling.test(name)) return new ThrottledError(project, 'STS', cause)
  if (unknownSession.test(name)) return new OwnCredentialsError(project, cause)
  if (refusal.test(name)) return new TrustRefusedError(project, roleArn, cause)
  if (name.startsWith('RegionDisabled')) return new RegionDisabledError(project, region, cause)
  if (name.startsWith('PackedPolicyTooLarge')) return new SessionPolicyError(project, 'is too rich to be packed', cause)
  if (name.startsWith('MalformedPolicyDocument')) return new SessionPolicyError(project, 'is malformed', cause)
  if (name.startsWith('ValidationError')) {
    if (/role chaining/.test(message)) return new DurationRefusedError(project, seconds, 'role chaining', cause)
    if (/MaxSessionDuration/.test(message)) return new DurationRefusedError(project, seconds, 'the role', cause)
    const [, member = 'the request'] = /\bat '(\w{1,40})'/.exec(message) ?? []
    return new SessionRequestError(project, member, 'is not what STS accepts', cause)
  }
  return new CallFailedError(project, 'STS', { code: name, retryable: $fault === 'server' }, cause)
}

/** Our error for what a service of the customer's account answered; anything that is no answer of AWS unchanged. */
export function readAccountError(error: unknown, project: string): unknown {
  const answer = answerIn(error)
  if (!answer || error instanceof ConnectionError) return error
  const { name, message, $fault } = answer
  const cause = causeOf(answer)
  if (throttling.test(name)) return new ThrottledError(project, 'account', cause)
  if (unknownSession.test(name)) return new SessionEndedError(project, cause)
  if (refusal.test(name)) return new PermissionMissingError(project, denialIn(message), cause)
  return new CallFailedError(project, 'account', { code: name, retryable: $fault === 'server' }, cause)
}

const causeOf = ({ name, $metadata }: Answer) => new AwsAnswer(name, $metadata.requestId)

const policies: readonly RefusingPolicy[] = [
  'identity-based policy',
  'resource-based policy',
  'session policy',
  'permissions boundary',
  'service control policy',
  'resource control policy',
  'VPC endpoint policy',
]

/** What AWS's sentence says, less who asked and for which resource: that may be somebody's address. */
function denialIn(message: string) {
  const [, action] = /not authorized to perform: ([\w-]+:\w+)/.exec(message) ?? []
  const [, reason = ''] = /( because no .*| with an explicit deny in .*)$/s.exec(message) ?? []
  const refusedBy = policies.find((policy) => reason.includes(policy))
  return { action, refusedBy, isExplicit: reason.includes('explicit deny') }
}
