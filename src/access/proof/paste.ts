/**
 * What a customer pastes to mend the role: always a part of the very role that the template makes.
 */
import { type CustomerRole, customerRole, type RoleInput } from '../role/customer-role.ts'

type Statement = CustomerRole['AssumeRolePolicyDocument']['Statement'][number]

const json = (value: unknown) => JSON.stringify(plain(value), undefined, 2)

/** Lists of one as the one, as people write policies. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 1 ? plain(value[0]) : value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, name === 'Statement' ? [part].flat().map(plain) : plain(part)]),
  )
}

/** The whole trust policy. */
export const trustToPaste = (guest: RoleInput, ourAccount: string): string =>
  json(customerRole(guest, ourAccount).AssumeRolePolicyDocument)

/** The statement that grants an action, with the name of the policy that it belongs to. */
export function statementToPaste(guest: RoleInput, ourAccount: string, action: string): string | undefined {
  for (const { PolicyName, PolicyDocument } of customerRole(guest, ourAccount).Policies) {
    const statement = PolicyDocument.Statement.find(({ Action = [] }: Statement) => Action.includes(action))
    if (statement) return `in the role's policy "${PolicyName}":\n${json(statement)}`
  }
  return undefined
}

/** IAM's command that lets sessions last as long. */
export const durationToPaste = (roleArn: string, seconds: number): string =>
  `aws iam update-role --role-name ${roleArn.split('/').at(-1)} --max-session-duration ${Math.max(seconds, 3_600)}`
