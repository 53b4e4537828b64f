/**
 * Subscribes to the calls that the gate evaluates and keeps one call of each kind.
 *
 * Two calls are of the same kind if no evaluated policy can distinguish them: same caller, action and verdict, same values of the condition
 * keys that the policies read, and same grants. A property test with a thousand events leaves a handful of calls.
 */
import type { JudgedCall } from '../../../local/judged-call.ts'
import { judgedCalls, nextGateNumber } from '../../../local/judged-call.ts'
import type { NamedPolicy, PolicyDocument } from '../../../src/policy/document.ts'
import type { Context } from '../../../src/policy/request.ts'
import type { CallRecord, StoredCall } from './call-record.ts'
import { grantsMet } from './grants.ts'

/** Number of denied calls kept that differ only in their resource. */
const maxDeniedPerKind = 20

/** Returns a function that ends the recording and returns the record. */
export function startRecorder(file: string, currentTest: () => string): () => CallRecord {
  const calls: { call: JudgedCall; test: string }[] = []
  let judged = 0
  let judging = 0
  let recording = 0
  const firstGate = nextGateNumber()
  const listen = (message: unknown): void => {
    // Only the gate and simulations publish on this channel.
    const call = message as JudgedCall
    // An embedded AWS of an earlier test file in this process may still work in the background.
    if (call.gate !== undefined && call.gate < firstGate) return
    const began = performance.now()
    judged += 1
    judging += call.milliseconds
    if (isCandidate(call)) calls.push({ call, test: currentTest() })
    recording += performance.now() - began
  }
  judgedCalls.subscribe(listen)
  return () => {
    judgedCalls.unsubscribe(listen)
    const began = performance.now()
    const kept = condense(calls)
    recording += performance.now() - began
    return { file, ...kept, cost: { judged, judging, recording } }
  }
}

/** Every statement of a role file has a Sid; statements that tests define usually have none. The role file is determined later. */
function isCandidate({ policies: { identity, resource, isTrust } }: JudgedCall): boolean {
  const isNamed = ({ document }: NamedPolicy) => document.Statement.every(({ Sid }) => Sid !== undefined)
  return (
    (identity.length > 0 && identity.every(isNamed)) ||
    (isTrust === true && resource !== undefined && isNamed(resource))
  )
}

function policiesOf({ policies }: JudgedCall): readonly NamedPolicy[] {
  const { identity, session = [], boundary = [], resource } = policies
  return [...identity, ...session, ...boundary, ...(resource ? [resource] : [])]
}

function condense(calls: readonly { call: JudgedCall; test: string }[]): Pick<CallRecord, 'documents' | 'calls'> {
  const documents: NamedPolicy[] = []
  const places = new Map<string, number>()
  const known = new WeakMap<PolicyDocument, number>()
  const placeOf = (policy: NamedPolicy): number => {
    let place = known.get(policy.document)
    if (place === undefined) {
      const text = JSON.stringify(policy)
      place = places.get(text) ?? documents.push(policy) - 1
      places.set(text, place)
      known.set(policy.document, place)
    }
    return place
  }

  const kinds = new Map<string, Map<string, StoredCall>>()
  for (const { call, test } of calls) {
    const { request, policies, decision, wanted } = call
    const keys = readBy(policiesOf(call))
    const context = Object.fromEntries(Object.entries(request.context).filter(([key]) => keys.has(key.toLowerCase())))
    const stored: StoredCall = {
      request: { ...request, context },
      identity: policies.identity.map(placeOf),
      ...(policies.session && { session: policies.session.map(placeOf) }),
      ...(policies.boundary && { boundary: policies.boundary.map(placeOf) }),
      ...(policies.resource && { resource: placeOf(policies.resource) }),
      isTrust: policies.isTrust === true,
      verdict: decision.verdict,
      decidedBy: decision.decidedBy,
      ...(wanted && { wanted }),
      test,
      times: 1,
    }
    const { identity, session, boundary, resource, isTrust } = stored
    const who = request.principal.kind === 'session' ? request.principal.roleArn : request.principal
    const met = grantsMet(call)
    const kind = JSON.stringify([
      who,
      request.action,
      decision.verdict,
      wanted,
      sorted(context),
      identity,
      session,
      boundary,
      resource,
      isTrust,
      met,
    ])
    const alike = kinds.get(kind) ?? new Map<string, StoredCall>()
    kinds.set(kind, alike)
    const first =
      alike.get(request.resource) ??
      (alike.size >= (decision.verdict === 'allowed' ? 1 : maxDeniedPerKind) ? alike.values().next().value : undefined)
    if (first) first.times += 1
    else alike.set(request.resource, stored)
  }
  return { documents, calls: [...kinds.values()].flatMap((alike) => [...alike.values()]) }
}

const sorted = (context: Context) =>
  Object.entries(context)
    .map(([key, value]) => [key.toLowerCase(), typeof value === 'string' ? value : [...value].sort()])
    .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1))

const keysRead = new WeakMap<PolicyDocument, readonly string[]>()

/** Condition keys and policy variables in the policies, in lower case. */
function readBy(policies: readonly NamedPolicy[]): Set<string> {
  return new Set(
    policies.flatMap(({ document }) => {
      let keys = keysRead.get(document)
      if (!keys) {
        const conditions = document.Statement.flatMap(({ Condition = {} }) =>
          Object.values(Condition).flatMap(Object.keys),
        )
        const variables = [...JSON.stringify(document).matchAll(/\$\{([\w:./-]+)/g)].map(([, key = '']) => key)
        keys = [...conditions, ...variables].map((key) => key.toLowerCase())
        keysRead.set(document, keys)
      }
      return keys
    }),
  )
}
