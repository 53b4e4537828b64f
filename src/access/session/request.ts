/**
 * The request to STS and its answer. Both are checked here, because the SDK checks neither.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
import type { Credentials } from '@aws-sdk/client-sts'
import { arnOf } from '../../arn.ts'
import type { Connection } from '../../projects/connection.ts'
import type { SessionPurpose } from '../../session-purposes.ts'
import { AccountMismatchError, NoRoleError, SessionRequestError } from './errors.ts'
import { checkedSessionPolicy, type SessionStatement } from './session-policy.ts'

export type Purpose = {
  readonly name: SessionPurpose
  /** 900 to 3600; one hour if absent. */
  readonly seconds?: number
  /** The operations of this purpose on their resources: made by `sessionStatementsOf`. */
  readonly allow: readonly SessionStatement[]
}

/** The part of a connection that opening a session needs. */
export type SessionTarget = Pick<
  Connection,
  'project' | 'account' | 'region' | 'roleArn' | 'externalId' | 'nextExternalId'
>

/** Credentials of one session. The same session always has the same object. */
export type SessionCredentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiration: Date
}

export type SessionRequest = { RoleArn: string; RoleSessionName: string; DurationSeconds: number; Policy: string }

/**
 * The request to STS without the external id.
 * @throws NoRoleError | AccountMismatchError | SessionRequestError | SessionPolicyError
 */
export function sessionRequestOf({ project, account, roleArn }: SessionTarget, purpose: Purpose): SessionRequest {
  if (roleArn === undefined) throw new NoRoleError(project)
  const { account: roleAccount } = arnOf(roleArn)
  if (roleAccount !== account) throw new AccountMismatchError(project, account, roleAccount || 'unknown')
  const { name, seconds = 3_600, allow } = purpose
  const sessionName = `${project}.${name}`
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName))
    throw new SessionRequestError(project, 'The session name', 'must be 2 to 64 letters, digits and "_+=,.@-"')
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 3_600)
    throw new SessionRequestError(project, 'The duration', 'must be 900 to 3600 s, the maximum of role chaining')
  return {
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    DurationSeconds: seconds,
    Policy: checkedSessionPolicy(project, allow),
  }
}

/** @throws SessionRequestError if STS answered without credentials */
export function readCredentials(project: string, given: Credentials | undefined): SessionCredentials {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = given ?? {}
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration)
    throw new SessionRequestError(project, 'The answer of STS', 'contains no credentials')
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration,
  }
}
