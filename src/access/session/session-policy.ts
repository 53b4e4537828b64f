/**
 * Session policies: what a session in a customer's account is cut down to, whatever the customer's role grants.
 *
 * Permissions are the intersection of role and session policy. AWS takes 2,048 characters at most, and a packed form that may be
 * fuller; so a policy names the operations at hand and nothing else.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
 */
import { actionsOf } from '../../policy/actions.ts'
import { configurationSetOf } from '../../projects/connection.ts'
import { grantOf, type NamedResources } from './customer-actions.ts'
import { SessionPolicyError } from './errors.ts'

/** One statement of a session policy: the operations at hand on the resources at hand. */
export type SessionStatement = {
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  readonly condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

/** Narrower than what the project owns: one identity, one configuration set, one topic by its name. */
export type SessionRestriction = {
  readonly identity?: string
  readonly configurationSet?: string
  readonly topic?: string
}

type Where = { readonly project: string; readonly account: string; readonly region: string }

const longestSessionPolicy = 2_048

/**
 * The statements that let a session do these commands (keys of the action table, such as `ses:PutSuppressedDestination`) on what the
 * project owns in the account, or on `only` a part of it. Throws UnknownCustomerOperationError for a command that we never do there.
 */
export function sessionStatementsOf(
  where: Where,
  commands: readonly string[],
  only: SessionRestriction = {},
): SessionStatement[] {
  const byResources = new Map<string, { actions: string[]; resources: string[] }>()
  for (const command of commands) {
    const resources = grantOf(command).touches.map((touched) => resourceOf(touched, where, only))
    const key = resources.join()
    const statement = byResources.get(key) ?? { actions: [], resources }
    statement.actions.push(...actionsOf(command))
    byResources.set(key, statement)
  }
  return [...byResources.values()]
}

function resourceOf(touched: NamedResources, { project, account, region }: Where, only: SessionRestriction): string {
  const arn = (service: string, resource: string) =>
    `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`
  switch (touched) {
    case 'account':
      return '*'
    case 'identity':
      return arn('ses', `identity/${only.identity ?? '*'}`)
    case 'configuration set':
      return arn('ses', `configuration-set/${only.configurationSet ?? configurationSetOf(project)}`)
    case 'topic':
      return arn('sns', only.topic ?? `sesame-${project}-*`)
  }
}

/** The partition that a region belongs to. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/**
 * The policy as AWS takes it, as short as it can be written.
 * @throws SessionPolicyError when it allows nothing, or is longer than AWS takes
 */
export function checkedSessionPolicy(project: string, allow: readonly SessionStatement[]): string {
  // A session without a policy of its own would have all that the role grants.
  if (allow.length === 0) throw new SessionPolicyError(project, 'allows nothing')
  const text = JSON.stringify({
    Version: '2012-10-17',
    Statement: allow.map(({ actions, resources, condition }) => ({
      Effect: 'Allow',
      Action: actions,
      Resource: resources,
      ...(condition && { Condition: condition }),
    })),
  })
  if (text.length > longestSessionPolicy)
    throw new SessionPolicyError(project, `has ${text.length} characters, ${longestSessionPolicy} fit`)
  return text
}
