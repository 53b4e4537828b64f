/**
 * The ARN of the role that a customer made for us, and what is refused before anybody calls STS with it.
 *
 * Whether the ARN belongs to another project is decided where it is stored: src/projects/connections.ts.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
 */

declare const checked: unique symbol
/** A role ARN that passed `checkRoleArn`. */
export type RoleArn = string & { readonly [checked]: true }

/** Customers' roles stand under this path: no other is in the reach of our own roles. */
export const rolePath = '/sesame/'

export type RoleArnIssue =
  | 'not an ARN of a role'
  | 'has a wildcard'
  | 'of another partition'
  | 'of another account'
  | 'of our own account'
  | 'not under role/sesame/'
  | 'of another project'

/** A role ARN that a connection cannot have. It says which rule it breaks, and does not repeat what was given. */
export class RoleArnError extends Error {
  override readonly name = 'RoleArnError'
  readonly retryable = false
  readonly fault: RoleArnIssue

  constructor(fault: RoleArnIssue, remedy: string) {
    super(`The role ARN is ${fault}: ${remedy}`.replace('is has', 'has'))
    this.fault = fault
  }
}

type Place = { readonly account: string; readonly ourAccount: string; readonly partition: string }

/**
 * @param account the account that the connection says
 * @param ourAccount Sesame's own, whose roles nobody may have assumed
 * @param partition `aws`, `aws-cn`, `aws-us-gov`: that of our own account, since STS crosses none
 * @throws RoleArnError naming the fault
 */
export function checkRoleArn(text: string, { account, ourAccount, partition }: Place): RoleArn {
  const form = `it must be arn:${partition}:iam::${account}:role${rolePath}NAME, as the stack in the customer's account puts out`
  if (/[*?]/.test(text)) throw new RoleArnError('has a wildcard', form)
  const parts = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/([\w+=,.@/-]{1,576})$/.exec(text)
  if (!parts) throw new RoleArnError('not an ARN of a role', form)
  const [, inPartition, inAccount, name = ''] = parts
  if (inPartition !== partition) throw new RoleArnError('of another partition', form)
  if (inAccount === ourAccount) throw new RoleArnError('of our own account', 'no connection leads into it')
  if (inAccount !== account) throw new RoleArnError('of another account', form)
  if (!/^sesame\/[\w+=,.@-]{1,64}$/.test(name)) throw new RoleArnError('not under role/sesame/', form)
  if (!isChecked(text)) throw new RoleArnError('not an ARN of a role', form)
  return text
}

const isChecked = (text: string): text is RoleArn => text.startsWith('arn:')
