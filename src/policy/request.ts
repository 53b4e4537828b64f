/**
 * A request to evaluate: the principal, the action, the resource and the context.
 */
import { arnOf } from '../arn.ts'

/** Condition key → value. Keys are case-insensitive. A list is the value of a multi-valued key. */
export type Context = Readonly<Record<string, string | readonly string[]>>

/**
 * The caller. For a session, `arn` is `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, `roleArn` is the role's ARN with its path, and
 * `userId` is the value of `aws:userid`, `AROA…:SESSION`.
 */
export type Principal =
  | { kind: 'session'; arn: string; roleArn: string; account: string; userId: string }
  | { kind: 'root'; arn: string; account: string }
  | { kind: 'service'; service: string }
  | { kind: 'federated'; provider: string }
  | { kind: 'anonymous' }

/** A session of a role with a made-up unique id, for questions about what the role may do. */
export function sessionOf(roleArn: string, sessionName: string): Principal {
  const { account } = arnOf(roleArn)
  const arn = `arn:aws:sts::${account}:assumed-role/${roleArn.split('/').at(-1)}/${sessionName}`
  return { kind: 'session', arn, roleArn, account, userId: `AROASESSION:${sessionName}` }
}

export type AccessRequest = {
  principal: Principal
  /** `service:Action` */
  action: string
  /** An ARN, or `*` for an action without resources. */
  resource: string
  resourceAccount: string
  context: Context
}

/** All condition keys that follow from the principal. AWS sets them, so a request has none that its principal does not have. */
export const principalKeys = [
  'aws:PrincipalArn',
  'aws:PrincipalAccount',
  'aws:PrincipalType',
  'aws:PrincipalIsAWSService',
  'aws:PrincipalServiceName',
  'aws:FederatedProvider',
  'aws:userid',
] as const

/**
 * The condition keys that follow from the principal. They override the same keys in the context, so a request cannot claim another
 * principal. `aws:PrincipalArn` of a session is the ARN of the role, not of the session.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function keysOfPrincipal(principal: Principal): Context {
  switch (principal.kind) {
    case 'session':
      return {
        'aws:PrincipalArn': principal.roleArn,
        'aws:PrincipalAccount': principal.account,
        'aws:PrincipalType': 'AssumedRole',
        'aws:userid': principal.userId,
        'aws:PrincipalIsAWSService': 'false',
      }
    case 'root':
      return {
        'aws:PrincipalArn': principal.arn,
        'aws:PrincipalAccount': principal.account,
        'aws:PrincipalType': 'Account',
        'aws:userid': principal.account,
        'aws:PrincipalIsAWSService': 'false',
      }
    case 'service':
      return { 'aws:PrincipalIsAWSService': 'true', 'aws:PrincipalServiceName': principal.service }
    case 'federated':
      return { 'aws:FederatedProvider': principal.provider, 'aws:PrincipalIsAWSService': 'false' }
    case 'anonymous':
      return { 'aws:PrincipalType': 'Anonymous', 'aws:userid': 'anonymous', 'aws:PrincipalIsAWSService': 'false' }
  }
}
