/**
 * What a change newly allows, and what it no longer allows: the policies before and after it are judged for every class of requests that
 * either can distinguish, so two policies without a difference are equal for all requests.
 */

import { representativesWithNames } from '../classes/embedded-variables.ts'
import { principalClassesOf } from '../classes/principals.ts'
import type { Representative } from '../classes/requests.ts'
import type { Statement } from '../document.ts'
import type { Policies } from '../evaluate.ts'
import type { AccessRequest } from '../request.ts'
import {
  allowableActions,
  type CallerMay,
  createJudge,
  documentsOf,
  isSmaller,
  policiesOfEntry,
  policiesOfUse,
  type Subject,
} from './subject.ts'
import type { Entry } from './ways.ts'

export type Difference = {
  readonly change: 'newly allowed' | 'no longer allowed'
  readonly action: string
  /** The statement that allows the request, before or after. */
  readonly statement: string
  /** The smallest request that is judged differently. */
  readonly example: AccessRequest
}

/** @throws UndecidableQuestionError */
export function compareUse(
  base: Subject,
  head: Subject,
  { suggestedActions = [] }: { suggestedActions?: readonly string[] } = {},
): Difference[] {
  const [before, after] = [policiesOfUse(base), policiesOfUse(head)]
  const own = new Set([...base.identity, ...head.identity].flatMap(({ document }) => document.Statement))
  const space = {
    documents: [...documentsOf(before), ...documentsOf(after)],
    principals: [head.principal],
    account: head.account,
    actions: allowableActions([...base.identity, ...head.identity]),
    suggestedActions,
    matters: (covering: ReadonlySet<Statement>) => [...covering].some((one) => own.has(one) && one.Effect === 'Allow'),
  }
  return differencesAmong(representativesWithNames(space), before, after)
}

/** @throws UndecidableQuestionError */
export function compareEntry(base: Entry, head: Entry, callerMay: CallerMay = 'everything'): Difference[] {
  const documents = [base.policy.document, head.policy.document]
  const before = policiesOfEntry(base.policy, base.isTrust, callerMay)
  const after = policiesOfEntry(head.policy, head.isTrust, callerMay)
  const space = {
    documents,
    principals: principalClassesOf(documents, head.account, head.known),
    account: head.account,
    actions: allowableActions([base.policy, head.policy]),
    resource: head.arn,
    matters: (covering: ReadonlySet<Statement>) => [...covering].some(({ Effect }) => Effect === 'Allow'),
  }
  return differencesAmong(representativesWithNames(space), before, after)
}

function differencesAmong(all: Iterable<Representative>, before: Policies, after: Policies): Difference[] {
  const [judgeBefore, judgeAfter] = [createJudge(before), createJudge(after)]
  const found = new Map<string, Difference>()
  for (const { request, covering } of all) {
    const was = judgeBefore(request, covering)
    const is = judgeAfter(request, covering)
    if (was.verdict === is.verdict) continue
    const change = is.verdict === 'allowed' ? 'newly allowed' : 'no longer allowed'
    const { reasons } = is.verdict === 'allowed' ? is : was
    const statement = reasons.find(
      ({ matched, effect, policy }) => matched && effect === 'Allow' && policy !== 'every permission',
    )
    const name = statement?.statement ?? 'another policy'
    const key = `${change} ${request.action} ${name}`
    const known = found.get(key)
    if (known === undefined || isSmaller(request, known.example))
      found.set(key, { change, action: request.action, statement: name, example: request })
  }
  return [...found.values()].sort((one, other) => (one.change < other.change ? -1 : one.change > other.change ? 1 : 0))
}
