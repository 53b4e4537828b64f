/**
 * Which grants a judged call met: of every statement that took effect, the action and the resource that fitted.
 */
import type { NamedPolicy, Statement } from '../../../src/policy/document.ts'
import type { AccessRequest, Decision, Policies } from '../../../src/policy/evaluate.ts'
import { matchesAction, matchesResource } from '../../../src/policy/match.ts'
import { keysOfPrincipal } from '../../../src/policy/request.ts'
import { fillIn } from '../../../src/policy/variables.ts'

/** Places: of the statement in its policy, of the action in it, of the resource (-1 in a trust policy, which names none). */
export type MetGrant = {
  readonly policy: NamedPolicy
  readonly statement: number
  readonly action: number
  readonly resource: number
}

type Judged = { readonly request: AccessRequest; readonly policies: Policies; readonly decision: Decision }

/** As text, to tell kinds of calls apart. */
export const grantsMet = (call: Judged): string[] =>
  metBy(call).map(({ policy, ...at }) => `${policy.name} ${at.statement} ${at.action} ${at.resource}`)

export function metBy({ request, policies, decision }: Judged): MetGrant[] {
  const { identity, session = [], boundary = [], resource } = policies
  return [...identity, ...boundary, ...session, ...(resource ? [resource] : [])].flatMap((policy) =>
    policy.document.Statement.flatMap((one, statement) => {
      const name = one.Sid ?? `statement ${statement + 1}`
      const reason = decision.reasons.find((each) => each.policy === policy.name && each.statement === name)
      return reason?.matched ? fits(one, request, policy).map((at) => ({ policy, statement, ...at })) : []
    }),
  )
}

function fits(
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
  // Of NotAction and NotResource whatever is not named fits: the whole list is one grant.
  const actions = one.Action
    ? one.Action.flatMap((pattern, at) => (matchesAction(pattern, request.action) ? [at] : []))
    : [0]
  const resources = one.Resource
    ? one.Resource.flatMap((pattern, at) => {
        const pieces = fillIn(pattern, document.Version, lookUp)
        return pieces && matchesResource(pieces, request.resource) ? [at] : []
      })
    : [one.NotResource ? 0 : -1]
  return actions.flatMap((action) => resources.map((resource) => ({ action, resource })))
}
