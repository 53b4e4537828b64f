/**
 * One call to be judged: who asks, what for, on what, under which circumstances.
 */

/** Condition keys to their values, names in any case. A list is a multi-valued key, a plain string a single-valued one. */
export type Context = Readonly<Record<string, string | readonly string[]>>

/**
 * Who calls. A session's `arn` is `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, its `roleArn` the role with its path,
 * its `userId` the `aws:userid`, `AROA…:SESSION`.
 */
export type Principal =
  | { kind: 'session'; arn: string; roleArn: string; account: string; userId: string }
  | { kind: 'root'; arn: string; account: string }
  | { kind: 'service'; service: string }
  | { kind: 'federated'; provider: string }
  | { kind: 'anonymous' }

export type AccessRequest = {
  principal: Principal
  /** `service:Action` */
  action: string
  /** An ARN, or `*` for an action that knows no resources. */
  resource: string
  resourceAccount: string
  context: Context
}

/**
 * The condition keys that follow from the principal alone. They win over what a caller of the evaluator passes, so a
 * request cannot claim to be somebody else. `aws:PrincipalArn` of a session is the role, not the session.
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
