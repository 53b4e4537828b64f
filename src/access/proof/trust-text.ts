/**
 * Judges a customer's trust policy from its text, before anything is deployed: as the probe would find it, and beyond that, whether anybody
 * else could enter. What the probe tries with a few ids and two callers is decided here for all callers, ids and other condition keys.
 */
import { randomBytes } from 'node:crypto'
import { isKnownKey } from '../../policy/condition-keys.ts'
import { type NamedPolicy, type PolicyDocument, parsePolicy } from '../../policy/document.ts'
import { principalText } from '../../policy/questions/subject.ts'
import { type Entry, waysToEnter } from '../../policy/questions/ways.ts'
import { type Principal, sessionOf } from '../../policy/request.ts'
import { similarIdsOf } from './similar-ids.ts'

export type TrustFinding = {
  readonly step: string
  readonly verdict: 'passed' | 'failed'
  readonly found: string
}

export type TrustQuestion = {
  readonly document: PolicyDocument
  /** The external ids that the role may accept: two during a rotation. */
  readonly externalIds: readonly string[]
  /** The account that Sesame runs in, and the customer's. */
  readonly ourAccount: string
  readonly roleAccount: string
  /** Our roles that make the proof and the attempts without the id, as ARNs. */
  readonly manager: string
  readonly probe: string
}

/** What the two questions are asked about that only the text can answer. */
export type TextQuestion = Omit<TrustQuestion, 'manager' | 'probe'> & {
  /** A role of ours under /sesame/ that no policy names. */
  readonly ourRole: string
}

/** The ids that the policy itself names by an operator for equal texts: those that it accepts if it is right. */
export function externalIdsIn({ Statement: statements }: PolicyDocument): string[] {
  const named = statements.flatMap(({ Effect, Condition = {} }) =>
    Effect === 'Deny'
      ? []
      : Object.entries(Condition)
          .filter(([operator]) => /(^|:)StringEquals(IgnoreCase)?(IfExists)?$/.test(operator))
          .flatMap(([, keys]) => Object.entries(keys))
          .flatMap(([key, values]) => (key.toLowerCase() === 'sts:externalid' ? values : [])),
  )
  return [...new Set(named)]
}

/** The steps of the probe in its order, and the two that the probe must leave open. */
export function judgeTrust(question: TrustQuestion): TrustFinding[] {
  const { externalIds, manager, probe, ourAccount } = question
  const enters = createEntryCheck(question)
  const [id = ''] = externalIds
  const randomId = randomBytes(16).toString('hex')
  const similar = similarIdsOf(id).filter((one) => !externalIds.includes(one))
  const ofText = { ...question, ourRole: question.manager }
  const others = othersWhoEnter(ofText)
  const unnamed = unnamedIdIsAccepted(ofText)
  return [
    externalIds.some((one) => enters(manager, one))
      ? passed('the role can be assumed with the external id', 'allowed')
      : failed(
          'the role cannot be assumed with the external id',
          externalIds.length === 0
            ? 'no Allow of the policy requires an external id by StringEquals'
            : `no session of a role under /sesame/ of ${ourAccount} is admitted with it`,
        ),
    judged(
      !enters(probe, undefined),
      'the role cannot be assumed without an external id',
      'the role can be assumed without an external id',
    ),
    judged(
      !enters(probe, randomId),
      'the role cannot be assumed with a random external id',
      'the role can be assumed with a random external id',
    ),
    judged(
      !similar.some((one) => enters(manager, one)),
      'near-miss external ids are refused',
      'a near-miss external id is accepted',
    ),
    unnamed
      ? failed('an external id that the policy does not name is accepted', 'use StringEquals with the whole id')
      : passed('no external id is accepted but those that the policy names', 'for all ids'),
    others === undefined
      ? passed('no other principal can assume the role, even with the id', 'for all requests')
      : failed('another principal can assume the role', `${others} is admitted`),
  ]
}

const passed = (step: string, found: string): TrustFinding => ({ step, verdict: 'passed', found })
const failed = (step: string, found: string): TrustFinding => ({ step, verdict: 'failed', found })
const judged = (isRight: boolean, right: string, wrong: string): TrustFinding =>
  isRight ? passed(right, 'refused') : failed(wrong, 'the policy admits it')

const entryOf = ({ document, roleAccount }: Pick<TrustQuestion, 'document' | 'roleAccount'>): Entry => {
  const policy: NamedPolicy = { name: 'trust policy', document }
  return {
    name: 'role',
    arn: `arn:aws:iam::${roleAccount}:role/sesame/role`,
    account: roleAccount,
    policy,
    isTrust: true,
  }
}

const callerOf = (roleArn: string) => sessionOf(roleArn, 'session')

const mayAssume = ({ action }: { action: string }) => action.toLowerCase() === 'sts:assumerole'

/** Whether a role of ours enters with an id, or without one, for some value of every other condition key. */
function createEntryCheck(question: TrustQuestion) {
  // A key that is no key of AWS is absent from every request.
  const misspelt = question.document.Statement.flatMap(({ Condition = {} }) =>
    Object.values(Condition).flatMap((keys) => Object.keys(keys).filter((key) => !isKnownKey(key))),
  )
  const absent = Object.fromEntries(misspelt.map((key) => [key, undefined]))
  return (roleArn: string, externalId: string | undefined): boolean =>
    waysToEnter({ ...entryOf(question), caller: callerOf(roleArn) }, undefined, {
      ...absent,
      'sts:ExternalId': externalId,
    }).ways.some(mayAssume)
}

/** Whether a principal is a role under /sesame/ of our account. */
const isOursIn =
  ({ ourRole }: Pick<TextQuestion, 'ourRole'>) =>
  (principal: Principal): boolean =>
    principal.kind === 'session' && principal.roleArn.startsWith(ourRole.slice(0, ourRole.lastIndexOf('/') + 1))

/** The first caller that may enter and is no role under /sesame/ of our account. Principals of the role's own account belong to its owner. */
export function othersWhoEnter(question: TextQuestion): string | undefined {
  const { ourRole, roleAccount } = question
  const isOurs = isOursIn(question)
  const isOwners = (principal: Principal) => 'account' in principal && principal.account === roleAccount
  const entry = { ...entryOf(question), known: [ourRole.replace(/role\/.*$/, 'role/another'), ourRole] }
  const [way] = waysToEnter(entry, (principal) => !isOurs(principal) && !isOwners(principal)).ways
  return way && principalText(way.example.principal)
}

/**
 * Whether a role of ours enters with an id that no StringEquals of the policy names. The policy is asked with a Deny added for the named ids
 * and for requests without an id: whoever still enters has another id.
 */
export function unnamedIdIsAccepted(question: TextQuestion): boolean {
  const { document, externalIds } = question
  const named = [...new Set([...externalIdsIn(document), ...externalIds])]
  const refusal = { Effect: 'Deny', Principal: '*', Action: '*' }
  const refusals = parsePolicy(
    {
      Version: '2012-10-17',
      Statement: [
        { ...refusal, Condition: { Null: { 'sts:ExternalId': 'true' } } },
        ...(named.length === 0 ? [] : [{ ...refusal, Condition: { StringEquals: { 'sts:ExternalId': named } } }]),
      ],
    },
    'trust',
  )
  const narrowed = { ...document, Statement: [...document.Statement, ...refusals.Statement] }
  const entry = { ...entryOf({ ...question, document: narrowed }), known: [question.ourRole] }
  return waysToEnter(entry, isOursIn(question)).ways.some(mayAssume)
}
