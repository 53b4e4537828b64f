/** The policies that a recorded call was judged by, as they were or with one of them changed, and the role files that they come from. */
import type { PolicyDocument } from '../../../src/policy/document.ts'
import { type Decision, evaluate, type Policies } from '../../../src/policy/evaluate.ts'
import type { CallRecord, StoredCall } from './call-record.ts'
import type { Recognise } from './recognise.ts'
import type { Part } from '../role-parts.ts'

/** Gives another document in place of one, or the same. */
export type PolicyChange = (document: PolicyDocument) => PolicyDocument

export function policiesOf(record: CallRecord, call: StoredCall, change: PolicyChange = (same) => same): Policies {
  const at = (place: number) => {
    const policy = record.documents[place]
    if (!policy) throw new Error(`${record.file}: the record of its calls is not whole`)
    return { name: policy.name, document: change(policy.document) }
  }
  return {
    identity: call.identity.map(at),
    ...(call.session && { session: call.session.map(at) }),
    ...(call.boundary && { boundary: call.boundary.map(at) }),
    ...(call.resource !== undefined && { resource: at(call.resource) }),
    isTrust: call.isTrust,
  }
}

export const reevaluate = (record: CallRecord, call: StoredCall, change?: PolicyChange): Decision =>
  evaluate(call.request, policiesOf(record, call, change))

/** The part of a role file that a policy of this call is. Several files may hold the same words: the role's name tells which. */
export function partOf(document: PolicyDocument, { request }: StoredCall, recognise: Recognise): Part | undefined {
  const found = recognise(document)
  if (found.length < 2) return found[0]
  const role = found[0]?.isTrust
    ? request.resource
    : request.principal.kind === 'session'
      ? request.principal.roleArn
      : ''
  return found.find(({ file }) => role.endsWith(`-${file}`) || role.endsWith(`/${file}`))
}
