/**
 * The Principal and NotPrincipal elements of a resource or trust policy.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
import type { PrincipalElement, Statement } from './document.ts'
import type { Principal } from './request.ts'

/**
 * How closely a statement names the caller. It decides whether the statement grants by itself: naming the account only
 * delegates to that account's identity policies.
 */
export type Naming = 'everyone' | 'session' | 'role' | 'account' | 'service' | 'provider'

const strength: readonly Naming[] = ['everyone', 'session', 'service', 'provider', 'role', 'account']

/** How the statement's Principal names the caller, the strongest way first; undefined when it does not. */
export function namingOf(element: PrincipalElement, principal: Principal): Naming | undefined {
  const namings = new Set(allNamings(element, principal))
  return strength.find((naming) => namings.has(naming))
}

function allNamings(element: PrincipalElement, principal: Principal): Naming[] {
  if (element === '*') return ['everyone']
  const aws = (element.AWS ?? []).flatMap((name) => namingByAws(name, principal) ?? [])
  if (principal.kind === 'service' && element.Service?.includes(principal.service)) return [...aws, 'service']
  if (principal.kind === 'federated' && element.Federated?.includes(principal.provider)) return [...aws, 'provider']
  return aws
}

function namingByAws(name: string, principal: Principal): Naming | undefined {
  if (name === '*') return 'everyone'
  if (principal.kind !== 'session' && principal.kind !== 'root') return undefined
  if (principal.kind === 'session' && name === principal.arn) return 'session'
  if (principal.kind === 'session' && name === principal.roleArn) return 'role'
  const account = /^(\d{12})$|^arn:aws[\w-]*:iam::(\d{12}):root$/.exec(name)
  return account !== null && (account[1] ?? account[2]) === principal.account ? 'account' : undefined
}

/**
 * Whether a Deny with NotPrincipal spares the caller. AWS checks the account, then the role, then the session, and denies
 * where one of them is not listed, and always denies a caller that has a permissions boundary; so all three must be listed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
export function isSpared(element: PrincipalElement, principal: Principal, hasBoundary: boolean): boolean {
  if (hasBoundary) return false
  const namings = allNamings(element, principal)
  if (principal.kind !== 'session' || namings.includes('everyone')) return namings.length > 0
  return namings.includes('account') && namings.includes('role') && namings.includes('session')
}

/** The names in the element, for a reason. */
export function namesIn(statement: Statement): string[] {
  const element = statement.Principal ?? statement.NotPrincipal
  if (element === undefined) return []
  return element === '*' ? ['*'] : Object.values(element).flatMap((names) => names ?? [])
}
