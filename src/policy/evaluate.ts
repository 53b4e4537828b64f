/**
 * Evaluates a request against policies as IAM does, and gives the reasons.
 *
 * An explicit Deny in any policy wins. Within one account the identity policies or the resource policy must allow; across accounts both must.
 * Session policies and permissions boundaries limit the grants of identity policies, and the grants of a resource policy to a role. They do
 * not limit its grants to the session itself or to everyone. A role's trust policy must always allow.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import type { Decision, DecisionReason, PolicyLayer } from './decision.ts'
import type { NamedPolicy } from './document.ts'
import type { PrincipalMatch } from './principals.ts'
import { type AccessRequest, keysOfPrincipal } from './request.ts'
import { type EvaluatedStatement, evaluateStatement } from './statement.ts'
import type { Lookup } from './variables.ts'

export type { Decision } from './decision.ts'
export { explain } from './explain.ts'
export type { AccessRequest, Principal } from './request.ts'

export type Policies = {
  identity: readonly NamedPolicy[]
  session?: readonly NamedPolicy[]
  boundary?: readonly NamedPolicy[]
  resource?: NamedPolicy
  /** Whether the resource policy is a role's trust policy. */
  isTrust?: boolean
}

type Verdict = Pick<Decision, 'verdict' | 'decidedBy'>

/** @param policies the policies that apply to the request: those of the principal and of the resource */
export function evaluate(request: AccessRequest, policies: Policies): Decision {
  const layers = layersOf(request, policies)
  const lookUp = lookupIn(request)
  const hasBoundary = policies.boundary !== undefined
  const evaluated = layers.flatMap(([layer, list]) =>
    list.flatMap((policy) =>
      policy.document.Statement.map((statement, index) =>
        evaluateStatement(policy, index, statement, request, { layer, lookUp, hasBoundary }),
      ),
    ),
  )
  const { verdict, decidedBy } = verdictOf(request, policies, evaluated)
  const { action, resource } = request
  const names = layers.flatMap(([layer, list]) => (layer === decidedBy ? list.map(({ name }) => name) : []))
  const reasons: DecisionReason[] = evaluated.map(({ principalMatch: _, ...reason }) => reason)
  return { verdict, decidedBy, reasons, request: { action, resource }, policies: names }
}

/** Only a session has policies of its own. A root user has all permissions that its account can grant. */
function layersOf({ principal }: AccessRequest, policies: Policies): [PolicyLayer, readonly NamedPolicy[]][] {
  const ofPrincipal: [PolicyLayer, readonly NamedPolicy[]][] =
    principal.kind === 'session'
      ? [
          ['identity', policies.identity],
          ['boundary', policies.boundary ?? []],
          ['session', policies.session ?? []],
        ]
      : []
  const resource = policies.resource === undefined ? [] : [policies.resource]
  return [...ofPrincipal, [policies.isTrust ? 'trust' : 'resource', resource]]
}

/** The values of a request's condition keys, those of the principal first. */
export function lookupIn({ context, principal }: AccessRequest): Lookup {
  const own = Object.entries(keysOfPrincipal(principal))
  const values = new Map([...Object.entries(context), ...own].map(([key, value]) => [key.toLowerCase(), value]))
  return (key) => values.get(key.toLowerCase())
}

/** Matches of a Principal element whose grants session policies and boundaries do not limit. */
const unlimitedMatches: readonly (PrincipalMatch | undefined)[] = ['everyone', 'session', 'service', 'provider']

function verdictOf(
  { principal, resourceAccount }: AccessRequest,
  policies: Policies,
  evaluated: readonly EvaluatedStatement[],
): Verdict {
  const deny = evaluated.find(({ matched, effect }) => matched && effect === 'Deny')
  if (deny !== undefined) return { verdict: 'denied', decidedBy: deny.layer }

  const resourceLayer: PolicyLayer = policies.isTrust ? 'trust' : 'resource'
  const matchesIn = (layer: PolicyLayer) =>
    evaluated.filter((statement) => statement.layer === layer && statement.matched)
  const grants = matchesIn(resourceLayer)
  if (principal.kind !== 'session' && principal.kind !== 'root')
    return { verdict: grants.length > 0 ? 'allowed' : 'denied', decidedBy: resourceLayer }

  const identity = principal.kind === 'root' || matchesIn('identity').length > 0
  const limit = principal.kind === 'root' ? undefined : limitOf(policies, matchesIn)
  const sameAccount = principal.account === resourceAccount
  if (sameAccount) {
    if (grants.some(({ principalMatch }) => unlimitedMatches.includes(principalMatch)))
      return { verdict: 'allowed', decidedBy: resourceLayer }
    if (grants.some(({ principalMatch }) => principalMatch === 'role'))
      return limit ?? { verdict: 'allowed', decidedBy: resourceLayer }
  }
  if (!identity) return { verdict: 'denied', decidedBy: 'identity' }
  if (limit !== undefined) return limit
  if (grants.length === 0 && (!sameAccount || policies.isTrust)) return { verdict: 'denied', decidedBy: resourceLayer }
  return { verdict: 'allowed', decidedBy: 'identity' }
}

/** The refusal of a boundary or session policy that does not allow the request; `undefined` if there is none. */
function limitOf(
  policies: Policies,
  matchesIn: (layer: PolicyLayer) => readonly EvaluatedStatement[],
): Verdict | undefined {
  if (policies.boundary !== undefined && matchesIn('boundary').length === 0)
    return { verdict: 'denied', decidedBy: 'boundary' }
  if (policies.session !== undefined && matchesIn('session').length === 0)
    return { verdict: 'denied', decidedBy: 'session' }
  return undefined
}
