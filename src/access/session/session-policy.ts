/**
 * Session policies. They limit a session in a customer's account, whatever the customer's role grants.
 *
 * A session has the intersection of the role's permissions and the session policy. AWS accepts 2,048 characters at most, and limits a
 * packed form as well, so a policy names the operations of its purpose and nothing else.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
 */
import { customerActionsOf } from '../../policy/mail-actions.ts'
import { configurationSetOf } from '../../projects/connection.ts'
import { templateNamesOf } from '../../projects/template-name.ts'
import { grantOf, type NamedResources } from './customer-actions.ts'
import { SessionPolicyError } from './errors.ts'

/** One statement of a session policy. */
export type SessionStatement = {
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  readonly condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

/** Limits a statement further than to what the project owns: to one identity, one configuration set, one topic by its name. */
export type SessionRestriction = {
  readonly identity?: string
  readonly configurationSet?: string
  readonly topic?: string
}

type Scope = {
  readonly project: string
  readonly account: string
  readonly region: string
  /** The role of the session, if it looks at the role itself. */
  readonly roleArn?: string | undefined
}

const maxPolicyLength = 2_048

/**
 * The statements that allow these commands (keys of the action table, such as `ses:PutSuppressedDestination`) on the resources that the
 * project owns in the account.
 * @param only limits them to a part of those resources
 * @throws UnknownCustomerOperationError if a command is not in the list of customer operations
 */
export function sessionStatementsOf(
  scope: Scope,
  commands: readonly string[],
  only: SessionRestriction = {},
): SessionStatement[] {
  const byResources = new Map<string, { actions: string[]; resources: string[] }>()
  for (const command of commands) {
    const { touches, actions = customerActionsOf(command) } = grantOf(command)
    const resources = touches.map((touched) => resourceOf(touched, scope, only))
    const key = resources.join()
    const statement = byResources.get(key) ?? { actions: [], resources }
    statement.actions.push(...actions)
    byResources.set(key, statement)
  }
  return [...byResources.values()]
}

function resourceOf(
  touched: NamedResources,
  { project, account, region, roleArn = `arn:${partitionOf(region)}:iam::${account}:role/sesame/none` }: Scope,
  only: SessionRestriction,
): string {
  const arn = (service: string, resource: string) =>
    `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`
  switch (touched) {
    case 'account':
      return '*'
    case 'identity':
      return arn('ses', `identity/${only.identity ?? '*'}`)
    case 'configuration set':
      return arn('ses', `configuration-set/${only.configurationSet ?? configurationSetOf(project)}`)
    case 'template':
      return arn('ses', `template/${templateNamesOf(project)}`)
    case 'role':
      return roleArn
    case 'topic':
      return arn('sns', only.topic ?? `sesame-${project}-*`)
  }
}

/** The partition of a region: `aws`, `aws-cn` or `aws-us-gov`. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/**
 * The policy as text for AWS, without white space.
 * @throws SessionPolicyError if it allows nothing, or is longer than AWS accepts
 */
export function checkedSessionPolicy(project: string, allow: readonly SessionStatement[]): string {
  // Without a session policy, the session would have all permissions of the role.
  if (allow.length === 0) throw new SessionPolicyError(project, 'allows nothing: name the operations of the purpose')
  const text = JSON.stringify({
    Version: '2012-10-17',
    Statement: allow.map(({ actions, resources, condition }) => ({
      Effect: 'Allow',
      Action: actions,
      Resource: resources,
      ...(condition && { Condition: condition }),
    })),
  })
  if (text.length > maxPolicyLength)
    throw new SessionPolicyError(
      project,
      `has ${text.length} characters, but AWS accepts ${maxPolicyLength}: name fewer operations or resources`,
    )
  return text
}
