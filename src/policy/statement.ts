/**
 * One statement against one request: does it take effect, and if not, which element stands in the way.
 */
import { judgeConditions } from './conditions.ts'
import type { DecisionReason, Mismatch, PolicyLayer } from './decision.ts'
import type { NamedPolicy, Statement } from './document.ts'
import { matchesAction, matchesResource } from './match.ts'
import { isSpared, type Naming, namesIn, namingOf } from './principals.ts'
import type { AccessRequest } from './request.ts'
import { fillIn, type Lookup } from './variables.ts'

export type Judged = DecisionReason & { naming?: Naming }

export type Bench = { layer: PolicyLayer; lookUp: Lookup; hasBoundary: boolean }

export function judgeStatement(
  policy: NamedPolicy,
  index: number,
  one: Statement,
  request: AccessRequest,
  bench: Bench,
): Judged {
  const { layer, lookUp } = bench
  const version = policy.document.Version
  const head = { layer, policy: policy.name, statement: one.Sid ?? `statement ${index + 1}`, effect: one.Effect }
  const named = layer === 'resource' || layer === 'trust'
  const naming = named && one.Principal !== undefined ? namingOf(one.Principal, request.principal) : undefined
  const mismatch =
    actionMismatch(one, request.action) ??
    (layer === 'trust' ? undefined : resourceMismatch(one, version, request.resource, lookUp)) ??
    (named ? principalMismatch(one, naming, request, bench.hasBoundary) : undefined)
  if (mismatch !== undefined) return { ...head, matched: false, mismatch }
  const { met, ...why } = judgeConditions(one, version, lookUp)
  return { ...head, matched: met, ...why, ...(naming === undefined ? {} : { naming }) }
}

function actionMismatch(one: Statement, action: string): Mismatch | undefined {
  const not = one.NotAction !== undefined
  const wanted = one.Action ?? one.NotAction ?? []
  const found = wanted.some((pattern) => matchesAction(pattern, action))
  return found === not ? { element: 'action', wanted, not } : undefined
}

/**
 * A variable without value makes a Resource match nothing. In NotResource it may make AWS drop the statement, so it is judged
 * closed: the Allow covers nothing, the Deny everything.
 */
function resourceMismatch(one: Statement, version: string, resource: string, lookUp: Lookup): Mismatch | undefined {
  const not = one.NotResource !== undefined
  const wanted = one.Resource ?? one.NotResource ?? []
  const found = wanted.some((pattern) => {
    const pieces = fillIn(pattern, version, lookUp)
    return pieces === undefined ? not && one.Effect === 'Allow' : matchesResource(pieces, resource)
  })
  return found === not ? { element: 'resource', wanted, not } : undefined
}

function principalMismatch(
  one: Statement,
  naming: Naming | undefined,
  { principal }: AccessRequest,
  hasBoundary: boolean,
): Mismatch | undefined {
  const not = one.NotPrincipal !== undefined
  const fits =
    one.NotPrincipal === undefined ? naming !== undefined : !isSpared(one.NotPrincipal, principal, hasBoundary)
  return fits ? undefined : { element: 'principal', wanted: namesIn(one), not }
}
