/** Checks claims for all requests: searches a request that the role allows and the claim excludes. */

import { fileURLToPath } from 'node:url'
import { representativesWithNames } from '../../../src/policy/classes/embedded-variables.ts'
import { principalClassesOf } from '../../../src/policy/classes/principals.ts'
import type { Representative, Space } from '../../../src/policy/classes/requests.ts'
import { type NamedPolicy, type PolicyDocument, parsePolicy, type Statement } from '../../../src/policy/document.ts'
import type { Policies } from '../../../src/policy/evaluate.ts'
import {
  allowableActions,
  createJudge,
  documentsOf,
  explained,
  isSmaller,
  policiesOfEntry,
  policiesOfUse,
} from '../../../src/policy/questions/subject.ts'
import { suggestedActions } from '../../../src/policy/questions/suggested-actions.ts'
import { isMatched } from '../../../src/policy/questions/ways.ts'
import type { AccessRequest } from '../../../src/policy/request.ts'
import type { RoleInForce } from '../../../src/template/policies-in-force.ts'
import type { Claim } from './read.ts'

export type Checked = {
  readonly claim: Claim
  /** The smallest request that the role allows and the claim excludes. */
  readonly example?: AccessRequest
  /** Why the example is allowed, in the words of the evaluator. Absent: the claim holds for all requests. */
  readonly explanation?: string
}
export type CheckedRole = {
  readonly checked: readonly Checked[] /** Classes of requests that were judged. */
  readonly judged: number
}

/** The stage, account and region for which claims are checked. */
const stage = 'dev'
/** The root of this repository. */
export const repository = fileURLToPath(new URL('../../../', import.meta.url))
export const place = { stage, account: '123456789012', region: 'us-east-1' }

/** The claim's statements, resolved for a role. A request violates the claim if *never* describes it and *unless* does not. */
export type CompiledClaim = { readonly claim: Claim; readonly never: PolicyDocument; readonly unless: PolicyDocument }

/** A claim fails closed: what cannot be read counts as described by *never*, and as not described by *unless*. */
export function compileClaim(role: RoleInForce, claim: Claim): CompiledClaim {
  const { never = [], unless = [], entersOnly } = claim
  const isEntry = entersOnly !== undefined
  const document = (list: readonly object[], Effect: 'Allow' | 'Deny') =>
    parsePolicy(
      { Version: '2012-10-17', Statement: list.map((one) => ({ Effect, ...Object(resolved(role, one)) })) },
      isEntry ? 'trust' : 'identity',
    )
  return isEntry
    ? { claim, never: document([{ Principal: '*', Action: '*' }], 'Deny'), unless: document(entersOnly, 'Allow') }
    : { claim, never: document(never, 'Deny'), unless: document(unless, 'Allow') }
}

/** The value with each text resolved like Fn::Sub. `${!aws:PrincipalTag/project}` is a variable of IAM. */
function resolved(role: RoleInForce, value: unknown): unknown {
  if (typeof value === 'string') {
    const text = value.replaceAll('${stage}', stage)
    const reference = /^\$\{([\w:]+)\}$/.exec(text)?.[1]
    // A parameter can be a list.
    if (reference !== undefined) return role.resolve({ Ref: reference })
    return text.includes('${') ? role.resolve({ 'Fn::Sub': text }) : text
  }
  if (Array.isArray(value)) return value.map((one) => resolved(role, one))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolved(role, one)]))
}

/**
 * @param known roles that exist, as readable callers
 * @param until `smallest`: until the smallest example of each claim is known. `any`: until one request violates a claim
 */
export function checkRole(
  role: RoleInForce,
  claims: readonly CompiledClaim[],
  known: readonly string[] = [],
  until: Until = 'smallest',
): CheckedRole {
  const ofKind = (kind: Kind) => claims.filter(({ claim }) => kindOf(claim) === kind)
  const use = checkUse(role, ofKind('use'), until)
  const entry = role.trust === undefined ? none : checkEntry(role, role.trust, ofKind('entry'), known, until)
  const duration = ofKind('duration').map(({ claim }): Checked => {
    const isLonger = role.sessionSeconds > (claim.sessionSeconds ?? 0)
    return isLonger ? { claim, explanation: `a session can last ${role.sessionSeconds} s` } : { claim }
  })
  return { checked: [...use.checked, ...entry.checked, ...duration], judged: use.judged + entry.judged }
}

type Kind = 'use' | 'entry' | 'duration'

function kindOf({ entersOnly, needsOwnPermission, sessionSeconds }: Claim): Kind {
  if (sessionSeconds !== undefined) return 'duration'
  return entersOnly !== undefined || needsOwnPermission === true ? 'entry' : 'use'
}

const none: CheckedRole = { checked: [], judged: 0 }

function checkUse(role: RoleInForce, claims: readonly CompiledClaim[], until: Until): CheckedRole {
  if (claims.length === 0) return none
  const policies = policiesOfUse(role)
  const own = new Set(role.identity.flatMap(({ document }) => document.Statement))
  const excluding = new Set(claims.flatMap(({ never }) => never.Statement))
  const judge = createJudge(policies)
  return search(claims, policies, {
    until,
    space: {
      documents: [...documentsOf(policies), ...claims.flatMap(({ never, unless }) => [never, unless])],
      principals: [role.principal],
      account: role.account,
      actions: narrowerOf(
        allowableActions(role.identity),
        claims.flatMap(({ never }) => never.Statement.flatMap(({ Action }) => Action ?? ['*'])),
      ),
      suggestedActions,
      matters: (covering) =>
        [...covering].some((one) => own.has(one) && one.Effect === 'Allow') &&
        [...covering].some((one) => excluding.has(one)),
    },
    violates: (claim, { request, covering }) =>
      judge(request, covering).verdict === 'allowed' && isExcluded(claim, request, covering),
  })
}

function checkEntry(
  role: RoleInForce,
  trust: NamedPolicy,
  claims: readonly CompiledClaim[],
  known: readonly string[],
  until: Until,
): CheckedRole {
  if (claims.length === 0) return none
  const policies = policiesOfEntry(trust, true)
  const judge = createJudge(policies)
  const documents = [trust.document, ...claims.flatMap(({ never, unless }) => [never, unless])]
  const judgeAlone = createJudge({ ...policies, identity: [] })
  return search(claims, policies, {
    until,
    space: {
      documents,
      principals: principalClassesOf(documents, role.account, known),
      account: role.account,
      actions: allowableActions([trust]),
      resource: role.arn,
      matters: (covering) => trust.document.Statement.some((one) => covering.has(one) && one.Effect === 'Allow'),
    },
    violates: (claim, { request, covering }) =>
      claim.claim.needsOwnPermission === true
        ? request.principal.kind === 'session' && judgeAlone(request, covering).verdict === 'allowed'
        : judge(request, covering).verdict === 'allowed' && isExcluded(claim, request, covering),
  })
}

/** Both lists contain every action that matters. A list with `*` contains all actions. */
const narrowerOf = (one: readonly string[], other: readonly string[]) => (one.includes('*') ? other : one)

type Until = 'smallest' | 'any'

type Search = {
  readonly until: Until
  readonly space: Space
  readonly violates: (claim: CompiledClaim, one: Representative) => boolean
}

function search(claims: readonly CompiledClaim[], policies: Policies, { until, space, violates }: Search): CheckedRole {
  const smallest = new Map<CompiledClaim, AccessRequest>()
  let judged = 0
  for (const one of representativesWithNames(space)) {
    judged++
    for (const claim of claims) {
      const known = smallest.get(claim)
      if ((known === undefined || isSmaller(one.request, known)) && violates(claim, one))
        smallest.set(claim, one.request)
    }
    if (until === 'any' && smallest.size > 0) break
  }
  return {
    judged,
    checked: claims.map((compiled): Checked => {
      const example = smallest.get(compiled)
      const { claim } = compiled
      if (example === undefined) return { claim }
      return { claim, example, explanation: explained(example, policies) }
    }),
  }
}

function isExcluded(
  { never, unless }: CompiledClaim,
  request: AccessRequest,
  covering: ReadonlySet<Statement>,
): boolean {
  const describes = (document: PolicyDocument) =>
    document.Statement.some(
      (statement, index) =>
        covering.has(statement) && isMatched({ name: 'claim', document }, index, statement, request),
    )
  return describes(never) && !describes(unless)
}
