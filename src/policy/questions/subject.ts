/** What a question about policies is asked about: a role, or a resource policy, and how a request is judged by them. */
import { isSecretKey } from '../condition-keys.ts'
import type { NamedPolicy, PolicyDocument, Statement } from '../document.ts'
import { parsePolicy } from '../document.ts'
import { type Decision, evaluate, explain, type Policies } from '../evaluate.ts'
import type { AccessRequest, Principal } from '../request.ts'

export type Subject = {
  readonly name: string
  readonly account: string
  /** The role's own session. */
  readonly principal: Principal
  readonly identity: readonly NamedPolicy[]
  readonly boundary?: readonly NamedPolicy[]
}

/** The policies that judge the role's own calls. The policies of a resource in another account must allow the call as well. */
export const policiesOfUse = ({ identity, boundary }: Subject): Policies => ({
  identity,
  ...(boundary && { boundary }),
})

const everything: NamedPolicy = {
  name: 'every permission',
  document: parsePolicy(
    { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
    'identity',
  ),
}

/** What the own policies of a caller allow. Everything is the worst case; nothing shows what the resource policy grants alone. */
export type CallerMay = 'everything' | 'nothing'

/** The policies that judge a caller of a role or resource. */
export const policiesOfEntry = (
  resource: NamedPolicy,
  isTrust: boolean,
  callerMay: CallerMay = 'everything',
): Policies => ({
  identity: callerMay === 'everything' ? [everything] : [],
  resource,
  isTrust,
})

/** The actions that the statements can allow. Every other action is denied, so a question need not look at it. */
export function allowableActions(policies: readonly NamedPolicy[]): string[] {
  const allowing = policies.flatMap(({ document }) => document.Statement.filter(({ Effect }) => Effect === 'Allow'))
  return [...new Set(allowing.flatMap(({ Action }) => Action ?? ['*']))]
}

export const documentsOf = ({ identity, boundary = [], resource }: Policies): PolicyDocument[] =>
  [...identity, ...boundary, ...(resource ? [resource] : [])].map(({ document }) => document)

/**
 * Judges requests by the statements that cover them, which decide alone: a statement that does not cover a request's action and resource
 * takes no part in the decision.
 */
export function createJudge(
  policies: Policies,
): (request: AccessRequest, covering: ReadonlySet<Statement>) => Decision {
  const narrowed = new WeakMap<ReadonlySet<Statement>, Policies>()
  return (request, covering) => {
    const known = narrowed.get(covering) ?? narrow(policies, covering)
    narrowed.set(covering, known)
    return evaluate(request, known)
  }
}

function narrow({ identity, boundary, resource, isTrust }: Policies, covering: ReadonlySet<Statement>): Policies {
  const only = ({ name, document }: NamedPolicy): NamedPolicy => ({
    name,
    document: {
      ...document,
      // A statement of another document with the same content is another object.
      Statement: document.Statement.filter((one) => covering.has(one) || one === everything.document.Statement[0]),
    },
  })
  return {
    identity: identity.map(only),
    ...(boundary && { boundary: boundary.map(only) }),
    ...(resource && { resource: only(resource) }),
    ...(isTrust !== undefined && { isTrust }),
  }
}

/** Fewer condition keys first, then less text: the smallest request explains a difference best. */
export function isSmaller(one: AccessRequest, other: AccessRequest): boolean {
  const sizeOf = ({ context, resource, action }: AccessRequest) => {
    const keys = Object.keys(context).filter((key) => key !== 'aws:ResourceAccount')
    // An empty value and an ARN without an account are possible for few keys and resources only.
    const isOdd = Object.values(context).includes('') || /^arn:[^:]*:(?!s3:)[^:]*:[^:]*::/.test(resource)
    return keys.length * 10_000 + (isOdd ? 5_000 : 0) + JSON.stringify(context).length + resource.length + action.length
  }
  return sizeOf(one) < sizeOf(other)
}

/** `dynamodb:GetItem on ARN, if dynamodb:LeadingKeys is acme`. */
export function requestText({ principal, action, resource, context }: AccessRequest, withCaller: boolean): string {
  const keys = Object.entries(context).filter(([key]) => key !== 'aws:ResourceAccount')
  const where = keys.map(([key, value]) => `${key} ${valuesText(key, [value].flat())}`).join('; ')
  const caller = withCaller ? `${principalText(principal)}: ` : ''
  return `${caller}${action} on ${resource}${where === '' ? '' : ` with ${where}`}`
}

/** Values of a key, without external ids. */
export const valuesText = (key: string, values: readonly string[]): string =>
  isSecretKey(key) ? '(hidden)' : values.map((value) => value || '(empty)').join(', ')

export function principalText(principal: Principal): string {
  switch (principal.kind) {
    case 'session':
      return principal.roleArn
    case 'root':
      return principal.arn
    case 'service':
      return principal.service
    case 'federated':
      return `users of ${principal.provider}`
    case 'anonymous':
      return 'anyone without credentials'
  }
}

/** Explains why a request is allowed: by the policy's own statement, if the caller has every permission of its own. */
export function explained(request: AccessRequest, policies: Policies): string {
  const decision = evaluate(request, policies)
  const granting = decision.reasons.find(
    ({ matched, effect, policy }) => matched && effect === 'Allow' && policy !== everything.name,
  )
  return granting === undefined || decision.verdict === 'denied'
    ? explain(decision)
    : explain({ ...decision, reasons: [granting], decidedBy: granting.layer })
}
