/**
 * The Principal and NotPrincipal elements of a resource or trust policy.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
import type { PrincipalElement, Statement } from './document.ts'
import type { Principal } from './request.ts'

/**
 * How a Principal element matches the caller. This decides what the statement grants: a match of the account only delegates to the identity
 * policies of that account.
 */
export type PrincipalMatch = 'everyone' | 'session' | 'role' | 'account' | 'service' | 'provider'

const strongestFirst: readonly PrincipalMatch[] = ['everyone', 'session', 'service', 'provider', 'role', 'account']

/** The strongest match of the element with the caller; `undefined` if it does not match. */
export function principalMatchOf(element: PrincipalElement, principal: Principal): PrincipalMatch | undefined {
  const matches = new Set(allMatches(element, principal))
  return strongestFirst.find((match) => matches.has(match))
}

function allMatches(element: PrincipalElement, principal: Principal): PrincipalMatch[] {
  if (element === '*') return ['everyone']
  const aws = (element.AWS ?? []).flatMap((name) => awsMatchOf(name, principal) ?? [])
  if (principal.kind === 'service' && element.Service?.includes(principal.service)) return [...aws, 'service']
  if (principal.kind === 'federated' && element.Federated?.includes(principal.provider)) return [...aws, 'provider']
  return aws
}

function awsMatchOf(name: string, principal: Principal): PrincipalMatch | undefined {
  if (name === '*') return 'everyone'
  if (principal.kind !== 'session' && principal.kind !== 'root') return undefined
  if (principal.kind === 'session' && name === principal.arn) return 'session'
  if (principal.kind === 'session' && name === principal.roleArn) return 'role'
  const account = /^(\d{12})$|^arn:aws[\w-]*:iam::(\d{12}):root$/.exec(name)
  return account !== null && (account[1] ?? account[2]) === principal.account ? 'account' : undefined
}

/**
 * Whether a Deny with NotPrincipal exempts the caller. AWS checks the account, then the role, then the session, and denies if one of them is
 * not listed, so all three must be listed. It always denies a caller that has a permissions boundary.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
export function isExempt(element: PrincipalElement, principal: Principal, hasBoundary: boolean): boolean {
  if (hasBoundary) return false
  const matches = allMatches(element, principal)
  if (principal.kind !== 'session' || matches.includes('everyone')) return matches.length > 0
  return matches.includes('account') && matches.includes('role') && matches.includes('session')
}

/** The principals that the statement names, for a reason. */
export function principalNamesOf(statement: Statement): string[] {
  const element = statement.Principal ?? statement.NotPrincipal
  if (element === undefined) return []
  return element === '*' ? ['*'] : Object.values(element).flatMap((names) => names ?? [])
}
