/**
 * IAM's decision about one request, with its reasons.
 *
 * Order: an explicit Deny anywhere wins. In one account either side may grant; across accounts both must. Session policies
 * and permissions boundaries take away from what identity policies grant, and from what a resource policy grants to a
 * role, not from what it grants to the session itself or to everyone. A role's trust policy must always allow.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import type { Decision, DecisionReason, PolicyLayer } from './decision.ts'
import type { NamedPolicy } from './document.ts'
import type { Naming } from './principals.ts'
import { type AccessRequest, keysOfPrincipal } from './request.ts'
import { type Judged, judgeStatement } from './statement.ts'
import type { Lookup } from './variables.ts'

export type { Decision } from './decision.ts'
export { explain } from './explain.ts'
export type { AccessRequest, Principal } from './request.ts'

export type Policies = {
  identity: readonly NamedPolicy[]
  session?: readonly NamedPolicy[]
  boundary?: readonly NamedPolicy[]
  resource?: NamedPolicy
  /** The resource policy is a role's trust policy. */
  isTrust?: boolean
}

type Verdict = Pick<Decision, 'verdict' | 'decidedBy'>

export function evaluate(request: AccessRequest, policies: Policies): Decision {
  const layers = layersOf(request, policies)
  const lookUp = lookupIn(request)
  const hasBoundary = policies.boundary !== undefined
  const judged = layers.flatMap(([layer, list]) =>
    list.flatMap((policy) =>
      policy.document.Statement.map((one, index) =>
        judgeStatement(policy, index, one, request, { layer, lookUp, hasBoundary }),
      ),
    ),
  )
  const { verdict, decidedBy } = verdictOf(request, policies, judged)
  const { action, resource } = request
  const names = layers.flatMap(([layer, list]) => (layer === decidedBy ? list.map(({ name }) => name) : []))
  const reasons: DecisionReason[] = judged.map(({ naming: _, ...reason }) => reason)
  return { verdict, decidedBy, reasons, request: { action, resource }, policies: names }
}

/** Only a session has policies of its own; a root user has every permission that its account can give. */
function layersOf({ principal }: AccessRequest, policies: Policies): [PolicyLayer, readonly NamedPolicy[]][] {
  const own: [PolicyLayer, readonly NamedPolicy[]][] =
    principal.kind === 'session'
      ? [
          ['identity', policies.identity],
          ['boundary', policies.boundary ?? []],
          ['session', policies.session ?? []],
        ]
      : []
  const resource = policies.resource === undefined ? [] : [policies.resource]
  return [...own, [policies.isTrust ? 'trust' : 'resource', resource]]
}

function lookupIn({ context, principal }: AccessRequest): Lookup {
  const own = Object.entries(keysOfPrincipal(principal))
  const values = new Map([...Object.entries(context), ...own].map(([key, value]) => [key.toLowerCase(), value]))
  return (key) => values.get(key.toLowerCase())
}

/** Ways in which a statement grants by itself, whatever session policies and boundaries say. */
const direct: readonly (Naming | undefined)[] = ['everyone', 'session', 'service', 'provider']

function verdictOf(
  { principal, resourceAccount }: AccessRequest,
  policies: Policies,
  judged: readonly Judged[],
): Verdict {
  const deny = judged.find(({ matched, effect }) => matched && effect === 'Deny')
  if (deny !== undefined) return { verdict: 'denied', decidedBy: deny.layer }

  const theirs: PolicyLayer = policies.isTrust ? 'trust' : 'resource'
  const allows = (layer: PolicyLayer) => judged.filter((one) => one.layer === layer && one.matched)
  const grants = allows(theirs)
  if (principal.kind !== 'session' && principal.kind !== 'root')
    return { verdict: grants.length > 0 ? 'allowed' : 'denied', decidedBy: theirs }

  const identity = principal.kind === 'root' || allows('identity').length > 0
  const cut = principal.kind === 'root' ? undefined : cutOf(policies, allows)
  const sameAccount = principal.account === resourceAccount
  if (sameAccount) {
    if (grants.some(({ naming }) => direct.includes(naming))) return { verdict: 'allowed', decidedBy: theirs }
    if (grants.some(({ naming }) => naming === 'role')) return cut ?? { verdict: 'allowed', decidedBy: theirs }
  }
  if (!identity) return { verdict: 'denied', decidedBy: 'identity' }
  if (cut !== undefined) return cut
  if (grants.length === 0 && (!sameAccount || policies.isTrust)) return { verdict: 'denied', decidedBy: theirs }
  return { verdict: 'allowed', decidedBy: 'identity' }
}

/** The refusal of a boundary or session policy that allows nothing of the kind; undefined where none stands in the way. */
function cutOf(policies: Policies, allows: (layer: PolicyLayer) => readonly Judged[]): Verdict | undefined {
  if (policies.boundary !== undefined && allows('boundary').length === 0)
    return { verdict: 'denied', decidedBy: 'boundary' }
  if (policies.session !== undefined && allows('session').length === 0)
    return { verdict: 'denied', decidedBy: 'session' }
  return undefined
}
