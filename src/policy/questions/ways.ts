/**
 * All ways in which something may happen: the statements that allow it for some request, each with the smallest such request. An empty
 * list means that no request whatever is allowed.
 */
import type { KeyValue } from '../classes/key-values.ts'
import { principalClassesOf } from '../classes/principals.ts'
import { type Representative, representativesOf } from '../classes/requests.ts'
import { type NamedPolicy, parsePolicy, type Statement } from '../document.ts'
import { lookupIn, type Policies } from '../evaluate.ts'
import type { AccessRequest, Principal } from '../request.ts'
import { evaluateStatement } from '../statement.ts'
import {
  allowableActions,
  createJudge,
  documentsOf,
  isSmaller,
  policiesOfEntry,
  policiesOfUse,
  type Subject,
} from './subject.ts'

export type Way = {
  readonly policy: string
  readonly statement: Statement
  readonly action: string
  /** The smallest request that the statement allows. */
  readonly example: AccessRequest
}

export type Ways = {
  readonly ways: readonly Way[] /** How many classes of requests were judged. */
  readonly judged: number
}

export type WaysQuestion = {
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  /** Keys with a fixed value. */
  readonly when?: Readonly<Record<string, KeyValue>>
  readonly suggestedActions?: readonly string[]
}

/** @throws UndecidableQuestionError | PolicyError if an action or a resource is no pattern of IAM */
export function waysToUse(subject: Subject, question: WaysQuestion): Ways {
  const policies = policiesOfUse(subject)
  const { actions, resources, when = {} } = question
  const asked = parsePolicy(
    { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: actions, Resource: resources } },
    'identity',
  )
  const [wanted] = asked.Statement
  const own = new Set(subject.identity.flatMap(({ document }) => document.Statement))
  const space = {
    documents: [...documentsOf(policies), asked],
    principals: [subject.principal],
    account: subject.account,
    actions: allowableActions(subject.identity),
    fixed: when,
    suggestedActions: question.suggestedActions ?? [],
    matters: (covering: ReadonlySet<Statement>) =>
      wanted !== undefined &&
      covering.has(wanted) &&
      [...covering].some((one) => own.has(one) && one.Effect === 'Allow'),
  }
  return collect(representativesOf(space), policies, subject.identity)
}

export type Entry = {
  readonly name: string
  readonly policy: NamedPolicy
  /** The ARN of the role or resource that the policy protects. */
  readonly arn: string
  readonly account: string
  readonly isTrust: boolean
  /** Roles that exist, as readable representatives of principals. */
  readonly known?: readonly string[]
  /** Only this principal. */
  readonly caller?: Principal
}

/** @param counts which principals the question is about */
export function waysToEnter(
  entry: Entry,
  counts: (principal: Principal) => boolean = () => true,
  when: Readonly<Record<string, KeyValue>> = {},
): Ways {
  const { policy, arn, account, isTrust, known, caller } = entry
  const space = {
    documents: [policy.document],
    principals: caller ? [caller] : principalClassesOf([policy.document], account, known).filter(counts),
    account,
    actions: allowableActions([policy]),
    resource: resourceUnder(arn, policy),
    fixed: when,
    matters: (covering: ReadonlySet<Statement>) => [...covering].some(({ Effect }) => Effect === 'Allow'),
  }
  return collect(representativesOf(space), policiesOfEntry(policy, isTrust), [policy])
}

/** A policy of a bucket covers its objects, not the bucket, if all of its resources do. */
function resourceUnder(arn: string, { document }: NamedPolicy): string {
  const isBelow = document.Statement.every(({ Resource = [] }) => Resource.every((one) => one.startsWith(`${arn}/`)))
  return isBelow && document.Statement.some(({ Resource }) => Resource !== undefined) ? `${arn}/x` : arn
}

function collect(all: Iterable<Representative>, policies: Policies, granting: readonly NamedPolicy[]): Ways {
  const judge = createJudge(policies)
  const ways = new Map<string, Way>()
  let judged = 0
  for (const { request, covering } of all) {
    judged++
    if (judge(request, covering).verdict !== 'allowed') continue
    for (const { policy, statement } of allowingAmong(request, granting, covering)) {
      const key = `${policy} ${statement.Sid ?? JSON.stringify(statement)} ${request.action}`
      const known = ways.get(key)
      if (known === undefined || isSmaller(request, known.example))
        ways.set(key, { policy, statement, action: request.action, example: request })
    }
  }
  return { ways: [...ways.values()], judged }
}

function allowingAmong(request: AccessRequest, granting: readonly NamedPolicy[], covering: ReadonlySet<Statement>) {
  return granting.flatMap((policy) =>
    policy.document.Statement.flatMap((statement, index) => {
      if (statement.Effect !== 'Allow' || !covering.has(statement)) return []
      return isMatched(policy, index, statement, request) ? [{ policy: policy.name, statement }] : []
    }),
  )
}

/** Whether the statement takes effect for the request, on its own. */
export function isMatched(policy: NamedPolicy, index: number, statement: Statement, request: AccessRequest): boolean {
  const layer =
    statement.Principal === undefined && statement.NotPrincipal === undefined ? 'identity' : layerOf(statement)
  return evaluateStatement(policy, index, statement, request, { layer, lookUp: lookupIn(request), hasBoundary: false })
    .matched
}

const layerOf = ({ Resource, NotResource }: Statement) =>
  Resource === undefined && NotResource === undefined ? 'trust' : 'resource'
