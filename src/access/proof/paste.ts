/**
 * Texts that a customer pastes to repair the role. Each is a part of the role that the template creates.
 */
import { type CustomerRole, customerRoleOf, type RoleInput } from '../role/customer-role.ts'

type Statement = CustomerRole['AssumeRolePolicyDocument']['Statement'][number]

const json = (value: unknown) => JSON.stringify(withoutSingletonLists(value), undefined, 2)

/** Replaces each list of one value by the value, as people write policies. `Statement` stays a list. */
function withoutSingletonLists(value: unknown): unknown {
  if (Array.isArray(value))
    return value.length === 1 ? withoutSingletonLists(value[0]) : value.map(withoutSingletonLists)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      name === 'Statement' ? [part].flat().map(withoutSingletonLists) : withoutSingletonLists(part),
    ]),
  )
}

/** The complete trust policy as JSON. */
export const trustToPaste = (role: RoleInput, ourAccount: string): string =>
  json(customerRoleOf(role, ourAccount).AssumeRolePolicyDocument)

/** The statement that grants an action, and the name of its policy. `undefined` if the role has no such statement. */
export function statementToPaste(role: RoleInput, ourAccount: string, action: string): string | undefined {
  for (const { PolicyName, PolicyDocument } of customerRoleOf(role, ourAccount).Policies) {
    const statement = PolicyDocument.Statement.find(({ Action = [] }: Statement) => Action.includes(action))
    if (statement) return `in the role's policy "${PolicyName}":\n${json(statement)}`
  }
  return undefined
}

/** The AWS CLI command that lets sessions of the role last this long. IAM's minimum is an hour. */
export const durationToPaste = (roleArn: string, seconds: number): string =>
  `aws iam update-role --role-name ${roleArn.split('/').at(-1)} --max-session-duration ${Math.max(seconds, 3_600)}`
