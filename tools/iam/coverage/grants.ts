/**
 * The grants that an evaluated call met: the matching action and resource of every statement that took effect.
 */
import type { NamedPolicy, Statement } from '../../../src/policy/document.ts'
import type { AccessRequest, Decision, Policies } from '../../../src/policy/evaluate.ts'
import { matchesAction, matchesResource } from '../../../src/policy/match.ts'
import { keysOfPrincipal } from '../../../src/policy/request.ts'
import { substituteVariables } from '../../../src/policy/variables.ts'

/** Indexes: of the statement in its policy, and of the action and the resource in the statement (-1 in a trust policy, which has no resources). */
export type MetGrant = {
  readonly policy: NamedPolicy
  readonly statement: number
  readonly action: number
  readonly resource: number
}

type EvaluatedCall = { readonly request: AccessRequest; readonly policies: Policies; readonly decision: Decision }

/** As text, to distinguish kinds of calls. */
export const grantsMet = (call: EvaluatedCall): string[] =>
  metBy(call).map(({ policy, ...at }) => `${policy.name} ${at.statement} ${at.action} ${at.resource}`)

export function metBy({ request, policies, decision }: EvaluatedCall): MetGrant[] {
  const { identity, session = [], boundary = [], resource } = policies
  return [...identity, ...boundary, ...session, ...(resource ? [resource] : [])].flatMap((policy) =>
    policy.document.Statement.flatMap((one, statement) => {
      const name = one.Sid ?? `statement ${statement + 1}`
      const reason = decision.reasons.find((each) => each.policy === policy.name && each.statement === name)
      return reason?.matched ? matchesOf(one, request, policy).map((at) => ({ policy, statement, ...at })) : []
    }),
  )
}

function matchesOf(
  one: Statement,
  request: AccessRequest,
  { document }: NamedPolicy,
): { action: number; resource: number }[] {
  const values = new Map(
    Object.entries({ ...request.context, ...keysOfPrincipal(request.principal) }).map(([key, value]) => [
      key.toLowerCase(),
      value,
    ]),
  )
  const lookUp = (key: string) => values.get(key.toLowerCase())
  // NotAction and NotResource match everything that they do not name, so a match exercises every name of the list.
  const actions = one.Action
    ? one.Action.flatMap((pattern, at) => (matchesAction(pattern, request.action) ? [at] : []))
    : (one.NotAction ?? []).map((_, at) => at)
  const resources = one.Resource
    ? one.Resource.flatMap((pattern, at) => {
        const pieces = substituteVariables(pattern, document.Version, lookUp)
        return pieces && matchesResource(pieces, request.resource) ? [at] : []
      })
    : (one.NotResource?.map((_, at) => at) ?? [-1])
  return actions.flatMap((action) => resources.map((resource) => ({ action, resource })))
}
