/**
 * What STS is asked for, and what it answers: checked here, since the SDK checks neither.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
import type { Credentials } from '@aws-sdk/client-sts'
import type { Connection } from '../../projects/connection.ts'
import { AccountMismatchError, NoRoleError, SessionRequestError } from './errors.ts'
import { checkedSessionPolicy, type SessionStatement } from './session-policy.ts'

export type Purpose = {
  /** `propagate`, `prove`, …: lower case, digits and dashes. The customer reads it in CloudTrail. */
  readonly name: string
  /** 900 to 3600; an hour if not given. */
  readonly seconds?: number
  /** The operations at hand, on the resources at hand: `allowing` makes them. */
  readonly allow: readonly SessionStatement[]
}

/** What of a connection opens a session. */
export type SessionTarget = Pick<
  Connection,
  'project' | 'account' | 'region' | 'roleArn' | 'externalId' | 'nextExternalId'
>

/** Credentials of one session. The same object as long as the session is the same. */
export type SessionCredentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiration: Date
}

export type SessionRequest = { RoleArn: string; RoleSessionName: string; DurationSeconds: number; Policy: string }

/**
 * What STS is asked, less the external id.
 * @throws NoRoleError | AccountMismatchError | SessionRequestError | SessionPolicyError
 */
export function sessionRequestOf({ project, account, roleArn }: SessionTarget, purpose: Purpose): SessionRequest {
  if (roleArn === undefined) throw new NoRoleError(project)
  const inAccount = roleArn.split(':')[4] ?? ''
  if (inAccount !== account) throw new AccountMismatchError(project, account, inAccount || 'unknown')
  const { name, seconds = 3_600, allow } = purpose
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new SessionRequestError(project, 'The purpose', 'must be of a-z, 0-9 and "-"')
  const sessionName = `${project}.${name}`
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName))
    throw new SessionRequestError(project, 'The session name', 'must be 2 to 64 of letters, digits and "_+=,.@-"')
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 3_600)
    throw new SessionRequestError(project, 'The duration', 'must be 900 to 3600 s: role chaining allows no more')
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
    throw new SessionRequestError(project, 'The answer of STS', 'lacks credentials')
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration,
  }
}
