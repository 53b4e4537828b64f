/**
 * The ARN of the role that a customer created for Sesame, and the rules that it must meet before STS is called with it.
 *
 * Whether the ARN belongs to another project is checked where it is stored: src/projects/connections.ts.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
 */

declare const checked: unique symbol
/** A role ARN that passed `checkRoleArn`. */
export type RoleArn = string & { readonly [checked]: true }

/** The path of customers' roles. Sesame's own roles may assume no role outside it. */
export const rolePath = '/sesame/'

export type RoleArnIssue =
  | 'not an ARN of a role'
  | 'has a wildcard'
  | 'of another partition'
  | 'of another account'
  | 'of our own account'
  | 'not under role/sesame/'
  | 'of another project'

/** A role ARN that a connection cannot have. The message names the rule that it breaks, and never repeats the input. */
export class RoleArnError extends Error {
  override readonly name = 'RoleArnError'
  readonly retryable = false
  readonly issue: RoleArnIssue

  constructor(issue: RoleArnIssue, remedy: string) {
    super(`The role ARN ${issue.startsWith('has ') ? issue : `is ${issue}`}: ${remedy}`)
    this.issue = issue
  }
}

type Expected = { readonly account: string; readonly ourAccount: string; readonly partition: string }

/**
 * Checks a role ARN against a connection.
 * @param account the account of the connection
 * @param ourAccount the account of Sesame, whose roles no connection may name
 * @param partition `aws`, `aws-cn` or `aws-us-gov`: that of Sesame's account, because roles cannot be assumed across partitions
 * @throws RoleArnError naming the issue
 */
export function checkRoleArn(text: string, { account, ourAccount, partition }: Expected): RoleArn {
  const remedy = `it must be arn:${partition}:iam::${account}:role${rolePath}NAME, as in the outputs of the stack in the customer's account`
  if (/[*?]/.test(text)) throw new RoleArnError('has a wildcard', remedy)
  const parts = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/([\w+=,.@/-]{1,576})$/.exec(text)
  if (!parts) throw new RoleArnError('not an ARN of a role', remedy)
  const [, inPartition, inAccount, name = ''] = parts
  if (inPartition !== partition) throw new RoleArnError('of another partition', remedy)
  if (inAccount === ourAccount) throw new RoleArnError('of our own account', 'no connection may lead into it')
  if (inAccount !== account) throw new RoleArnError('of another account', remedy)
  if (!/^sesame\/[\w+=,.@-]{1,64}$/.test(name)) throw new RoleArnError('not under role/sesame/', remedy)
  if (!isChecked(text)) throw new RoleArnError('not an ARN of a role', remedy)
  return text
}

const isChecked = (text: string): text is RoleArn => text.startsWith('arn:')
