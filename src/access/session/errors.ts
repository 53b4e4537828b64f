/**
 * Why a step into a customer's account failed, layer by layer.
 *
 * No message and no cause holds an external id, a credential or an address: AWS repeats them in some of its texts (a refused
 * external id in a ValidationError, an address in the ARN of an identity), so of AWS's answer only its code and request id are kept.
 */

export type FailingLayer =
  | 'settings'
  | 'our request'
  | 'our credentials'
  | 'trust'
  | 'account'
  | 'duration'
  | 'session policy'
  | 'region'
  | 'session'
  | 'permission'
  | 'throttling'
  | 'service'

/** What AWS answered, less its text. */
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

/** The project has no Role ARN to enter by. */
export class NoRoleError extends ConnectionError {
  override readonly name = 'NoRoleError'
  readonly layer = 'settings'
  readonly retryable = false

  constructor(project: string) {
    super(project, 'has no Role ARN yet. The customer makes the role and returns its ARN (sesame connect).')
  }
}

/** We asked for something that AWS would not accept from anybody. `field` names it. */
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

/** The session policy is too long, too rich for AWS's packed form, or malformed. */
export class SessionPolicyError extends ConnectionError {
  override readonly name = 'SessionPolicyError'
  readonly layer = 'session policy'
  readonly retryable = false

  constructor(project: string, why: string, cause?: AwsAnswer) {
    super(project, `the session policy ${why}`, cause)
  }
}

/** AWS does not take the credentials that we call STS with: our own function's session, nothing of the customer's. */
export class OwnCredentialsError extends ConnectionError {
  override readonly name = 'OwnCredentialsError'
  readonly layer = 'our credentials'
  readonly retryable = true

  constructor(project: string, cause: AwsAnswer) {
    super(project, "STS does not take our own function's credentials (expired or unknown)", cause)
  }
}

/**
 * STS refused AssumeRole. It never says whether the trust policy, the external id, a missing role or our own permission is the reason:
 * `sesame doctor` tells them apart.
 */
export class TrustRefusedError extends ConnectionError {
  override readonly name = 'TrustRefusedError'
  readonly layer = 'trust'
  readonly retryable = false
  readonly roleArn: string

  constructor(project: string, roleArn: string, cause: AwsAnswer) {
    super(
      project,
      `STS refused to let us into ${roleArn}: it does not exist, or its trust policy does not admit us with this external id`,
      cause,
    )
    this.roleArn = roleArn
  }
}

/** The role, or the session that we got, belongs to another account than the connection says. */
export class AccountMismatchError extends ConnectionError {
  override readonly name = 'AccountMismatchError'
  readonly layer = 'account'
  readonly retryable = false
  readonly wanted: string
  readonly found: string

  constructor(project: string, wanted: string, found: string) {
    super(project, `the role belongs to account ${found}, the connection to account ${wanted}`)
    this.wanted = wanted
    this.found = found
  }
}

/** The session was asked to last longer than the role, or role chaining (an hour), allows. STS refuses, it does not shorten. */
export class DurationRefusedError extends ConnectionError {
  override readonly name = 'DurationRefusedError'
  readonly layer = 'duration'
  readonly retryable = false
  readonly seconds: number
  readonly limit: 'role chaining' | 'the role'

  constructor(project: string, seconds: number, limit: 'role chaining' | 'the role', cause: AwsAnswer) {
    const why =
      limit === 'role chaining'
        ? 'a session opened with another role lasts 3600 s at most'
        : 'it is more than the MaxSessionDuration of the role'
    super(project, `STS refused a session of ${seconds} s: ${why}`, cause)
    this.seconds = seconds
    this.limit = limit
  }
}

/** STS is switched off in this region for the customer's account. */
export class RegionDisabledError extends ConnectionError {
  override readonly name = 'RegionDisabledError'
  readonly layer = 'region'
  readonly retryable = false
  readonly region: string

  constructor(project: string, region: string, cause: AwsAnswer) {
    super(project, `STS is not active in ${region} for the account: it is switched on in IAM's account settings`, cause)
    this.region = region
  }
}

/** The policies that can take a permission away, as AWS names them in its refusals. */
export type RefusingPolicy =
  | 'identity-based policy'
  | 'resource-based policy'
  | 'session policy'
  | 'permissions boundary'
  | 'service control policy'
  | 'resource control policy'
  | 'VPC endpoint policy'

/** We are in the account, and may not do this there. `action` such as `ses:PutSuppressedDestination`, if AWS named it. */
export class PermissionMissingError extends ConnectionError {
  override readonly name = 'PermissionMissingError'
  readonly layer = 'permission'
  readonly retryable = false
  readonly action: string | undefined
  readonly refusedBy: RefusingPolicy | undefined
  /** A policy denies it, rather than none allowing it. */
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

/** The account no longer takes the session, and did not take the fresh one either. */
export class SessionEndedError extends ConnectionError {
  override readonly name = 'SessionEndedError'
  readonly layer = 'session'
  readonly retryable = true

  constructor(project: string, cause: AwsAnswer) {
    super(project, "the customer's account does not take our session (expired or revoked), nor a fresh one", cause)
  }
}

/** Too many calls: try later. */
export class ThrottledError extends ConnectionError {
  override readonly name = 'ThrottledError'
  readonly layer = 'throttling'
  readonly retryable = true
  readonly by: Refuser

  constructor(project: string, by: Refuser, cause: AwsAnswer) {
    super(project, by === 'STS' ? 'STS throttles us' : "the customer's account throttles us", cause)
    this.by = by
  }
}

/** AWS refused or failed in a way that none of the other classes names; `code` is AWS's own. */
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

/** Who said it: STS when a session was opened, or a service of the customer's account when it was used. */
export type Refuser = 'STS' | 'account'
