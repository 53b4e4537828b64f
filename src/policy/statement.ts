/**
 * Evaluates one statement against one request: whether it matches, and if not, which element does not.
 */
import { evaluateConditions } from './conditions.ts'
import type { DecisionReason, Mismatch, PolicyLayer } from './decision.ts'
import type { NamedPolicy, Statement } from './document.ts'
import { matchesAction, matchesResource } from './match.ts'
import { isExempt, type PrincipalMatch, principalMatchOf, principalNamesOf } from './principals.ts'
import type { AccessRequest } from './request.ts'
import { type Lookup, substituteVariables } from './variables.ts'

/** `principalMatch`: how the statement's Principal matches the caller. */
export type EvaluatedStatement = DecisionReason & { principalMatch?: PrincipalMatch }

export type StatementContext = { layer: PolicyLayer; lookUp: Lookup; hasBoundary: boolean }

export function evaluateStatement(
  policy: NamedPolicy,
  index: number,
  statement: Statement,
  request: AccessRequest,
  context: StatementContext,
): EvaluatedStatement {
  const { layer, lookUp } = context
  const version = policy.document.Version
  const reason = {
    layer,
    policy: policy.name,
    statement: statement.Sid ?? `statement ${index + 1}`,
    effect: statement.Effect,
  }
  const hasPrincipal = layer === 'resource' || layer === 'trust'
  const principalMatch =
    hasPrincipal && statement.Principal !== undefined
      ? principalMatchOf(statement.Principal, request.principal)
      : undefined
  const mismatch =
    actionMismatch(statement, request.action) ??
    (layer === 'trust' ? undefined : resourceMismatch(statement, version, request.resource, lookUp)) ??
    (hasPrincipal ? principalMismatch(statement, principalMatch, request, context.hasBoundary) : undefined)
  if (mismatch !== undefined) return { ...reason, matched: false, mismatch }
  const { met, ...failure } = evaluateConditions(statement, version, lookUp)
  return { ...reason, matched: met, ...failure, ...(principalMatch === undefined ? {} : { principalMatch }) }
}

/** Whether the statement covers the action, and if not, why. */
export function actionMismatch(statement: Statement, action: string): Mismatch | undefined {
  const not = statement.NotAction !== undefined
  const expected = statement.Action ?? statement.NotAction ?? []
  const found = expected.some((pattern) => matchesAction(pattern, action))
  return found === not ? { element: 'action', expected, not } : undefined
}

/**
 * A variable without a value makes a Resource match nothing. In NotResource it may make AWS ignore the statement, so the statement fails
 * closed: an Allow covers nothing, a Deny covers everything.
 */
export function resourceMismatch(
  statement: Statement,
  version: string,
  resource: string,
  lookUp: Lookup,
): Mismatch | undefined {
  const not = statement.NotResource !== undefined
  const expected = statement.Resource ?? statement.NotResource ?? []
  const found = expected.some((pattern) => {
    const pieces = substituteVariables(pattern, version, lookUp)
    return pieces === undefined ? not && statement.Effect === 'Allow' : matchesResource(pieces, resource)
  })
  return found === not ? { element: 'resource', expected, not } : undefined
}

function principalMismatch(
  statement: Statement,
  principalMatch: PrincipalMatch | undefined,
  { principal }: AccessRequest,
  hasBoundary: boolean,
): Mismatch | undefined {
  const not = statement.NotPrincipal !== undefined
  const matches =
    statement.NotPrincipal === undefined
      ? principalMatch !== undefined
      : !isExempt(statement.NotPrincipal, principal, hasBoundary)
  return matches ? undefined : { element: 'principal', expected: principalNamesOf(statement), not }
}
