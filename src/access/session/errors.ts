/**
 * Errors of access to a customer's account, one class per failing layer.
 *
 * No message and no cause contains an external id, a credential or an address. AWS repeats them in some of its messages (a rejected
 * external id in a ValidationError, an address in the ARN of an identity), so of an answer of AWS only its code and request id are kept.
 */

export type FailingLayer =
  | 'settings'
  | 'our request'
  | 'our credentials'
  | 'our permissions'
  | 'trust'
  | 'account'
  | 'duration'
  | 'session policy'
  | 'region'
  | 'session'
  | 'permission'
  | 'throttling'
  | 'service'

/** An answer of AWS without its message. */
export class AwsAnswer extends Error {
  override readonly name = 'AwsAnswer'
  readonly code: string
  readonly requestId: string | undefined

  constructor(code: string, requestId: string | undefined) {
    super(requestId === undefined ? code : `${code}, request id ${requestId}`)
    this.code = code
    this.requestId = requestId
  }
}

export abstract class ConnectionError extends Error {
  abstract readonly layer: FailingLayer
  abstract readonly retryable: boolean
  readonly project: string

  constructor(project: string, message: string, cause?: AwsAnswer) {
    super(`Project ${project}: ${message}`, cause && { cause })
    this.project = project
  }
}

/** The connection has no role ARN, so no session can be opened. */
export class NoRoleError extends ConnectionError {
  override readonly name = 'NoRoleError'
  readonly layer = 'settings'
  readonly retryable = false

  constructor(project: string) {
    super(
      project,
      'the connection has no role ARN yet. Ask the customer to create the role (sesame connect) and to send back its ARN',
    )
  }
}

/** Sesame's own request or the answer to it breaks a rule of STS. `field` names the part. */
export class SessionRequestError extends ConnectionError {
  override readonly name = 'SessionRequestError'
  readonly layer = 'our request'
  readonly retryable = false
  readonly field: string

  constructor(project: string, field: string, why: string, cause?: AwsAnswer) {
    super(project, `${field} ${why}`, cause)
    this.field = field
  }
}

/** The session policy is empty, too long, too large in AWS's packed form, or malformed. */
export class SessionPolicyError extends ConnectionError {
  override readonly name = 'SessionPolicyError'
  readonly layer = 'session policy'
  readonly retryable = false

  constructor(project: string, why: string, cause?: AwsAnswer) {
    super(project, `the session policy ${why}`, cause)
  }
}

/** STS rejected the credentials of Sesame's own function. The customer's role is not the cause. */
export class OwnCredentialsError extends ConnectionError {
  override readonly name = 'OwnCredentialsError'
  readonly layer = 'our credentials'
  readonly retryable = true

  constructor(project: string, cause: AwsAnswer) {
    super(project, "STS rejected the credentials of Sesame's own function (expired or unknown): try again", cause)
  }
}

/** STS denied AssumeRole and named a policy on our own side. The customer's role has not been asked. */
export class OwnSideRefusedError extends ConnectionError {
  override readonly name = 'OwnSideRefusedError'
  readonly layer = 'our permissions'
  readonly retryable = true
  readonly refusedBy: RefusingPolicy

  constructor(project: string, refusedBy: RefusingPolicy, isExplicit: boolean, cause: AwsAnswer) {
    super(
      project,
      `our own side may not call AssumeRole: ${isExplicit ? `${refusedBy.startsWith('identity') ? 'an' : 'a'} ${refusedBy} denies it` : `no ${refusedBy} allows it`}. The customer's role is not the cause`,
      cause,
    )
    this.refusedBy = refusedBy
  }
}

/**
 * STS denied AssumeRole, and named no policy of ours. It never says whether the trust policy, the external id, a missing role or a missing permission of the caller is
 * the cause: `sesame doctor` finds out.
 */
export class TrustRefusedError extends ConnectionError {
  override readonly name = 'TrustRefusedError'
  readonly layer = 'trust'
  readonly retryable = false
  readonly roleArn: string

  constructor(project: string, roleArn: string, cause: AwsAnswer) {
    super(
      project,
      `AssumeRole on ${roleArn} was denied: the role does not exist, or its trust policy does not allow Sesame with this external id`,
      cause,
    )
    this.roleArn = roleArn
  }
}

/** The role, or the session that STS returned, belongs to another account than the connection. */
export class AccountMismatchError extends ConnectionError {
  override readonly name = 'AccountMismatchError'
  readonly layer = 'account'
  readonly retryable = false
  readonly wanted: string
  readonly found: string

  constructor(project: string, wanted: string, found: string) {
    super(project, `the role belongs to account ${found}, but the connection is for account ${wanted}`)
    this.wanted = wanted
    this.found = found
  }
}

/** The requested duration exceeds the maximum of the role, or of role chaining (one hour). STS rejects it and does not shorten it. */
export class DurationRefusedError extends ConnectionError {
  override readonly name = 'DurationRefusedError'
  readonly layer = 'duration'
  readonly retryable = false
  readonly seconds: number
  readonly limit: 'role chaining' | 'the role'

  constructor(project: string, seconds: number, limit: 'role chaining' | 'the role', cause: AwsAnswer) {
    const why =
      limit === 'role chaining'
        ? 'a session that is opened from a session of another role (role chaining) lasts 3600 s at most'
        : 'the MaxSessionDuration of the role is shorter'
    super(project, `STS rejected a session duration of ${seconds} s: ${why}`, cause)
    this.seconds = seconds
    this.limit = limit
  }
}

/** STS is not active in this region for the account. */
export class RegionDisabledError extends ConnectionError {
  override readonly name = 'RegionDisabledError'
  readonly layer = 'region'
  readonly retryable = false
  readonly region: string

  constructor(project: string, region: string, cause: AwsAnswer) {
    super(project, `STS is not active in ${region} for the account: activate it in the account settings of IAM`, cause)
    this.region = region
  }
}

/** The kinds of policies that can deny an action, as AWS names them in its messages. */
export type RefusingPolicy =
  | 'identity-based policy'
  | 'resource-based policy'
  | 'session policy'
  | 'permissions boundary'
  | 'service control policy'
  | 'resource control policy'
  | 'VPC endpoint policy'

/** The session is valid, but the action is denied. `action` is for example `ses:PutSuppressedDestination`, if AWS named it. */
export class PermissionMissingError extends ConnectionError {
  override readonly name = 'PermissionMissingError'
  readonly layer = 'permission'
  readonly retryable = false
  readonly action: string | undefined
  readonly refusedBy: RefusingPolicy | undefined
  /** A policy denies the action, rather than none allowing it. */
  readonly isExplicit: boolean

  constructor(
    project: string,
    facts: { action?: string | undefined; refusedBy?: RefusingPolicy | undefined; isExplicit: boolean },
    cause: AwsAnswer,
  ) {
    const { action, refusedBy, isExplicit } = facts
    const policy = refusedBy ?? 'policy'
    const why = isExplicit ? `a ${policy} denies it` : `no ${policy} allows it`
    super(project, `the role may not do ${action ?? 'this'} in the customer's account: ${why}`, cause)
    this.action = action
    this.refusedBy = refusedBy
    this.isExplicit = isExplicit
  }
}

/** The account rejected the session, and then a fresh one too. */
export class SessionEndedError extends ConnectionError {
  override readonly name = 'SessionEndedError'
  readonly layer = 'session'
  readonly retryable = true

  constructor(project: string, cause: AwsAnswer) {
    super(project, "the customer's account rejected the session (expired or revoked) and a fresh one", cause)
  }
}

/** Too many calls. */
export class ThrottledError extends ConnectionError {
  override readonly name = 'ThrottledError'
  readonly layer = 'throttling'
  readonly retryable = true
  readonly by: Refuser

  constructor(project: string, by: Refuser, cause: AwsAnswer) {
    super(project, by === 'STS' ? 'STS throttles the calls' : "the customer's account throttles the calls", cause)
    this.by = by
  }
}

/** AWS answered with an error that no other class covers. `code` is AWS's own. */
export class CallFailedError extends ConnectionError {
  override readonly name = 'CallFailedError'
  readonly layer = 'service'
  readonly retryable: boolean
  readonly code: string
  readonly by: Refuser

  constructor(project: string, by: Refuser, facts: { code: string; retryable: boolean }, cause: AwsAnswer) {
    super(project, `${by === 'STS' ? 'STS' : "the customer's account"} answered ${facts.code}`, cause)
    this.code = facts.code
    this.retryable = facts.retryable
    this.by = by
  }
}

/** Who answered: STS when a session was opened, or a service in the customer's account when the session was used. */
export type Refuser = 'STS' | 'account'
