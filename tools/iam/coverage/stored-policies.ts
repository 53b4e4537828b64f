/** The policies by which a recorded call was evaluated, unchanged or with one change, and their role files. */
import type { PolicyDocument } from '../../../src/policy/document.ts'
import { type Decision, evaluate, type Policies } from '../../../src/policy/evaluate.ts'
import type { Part } from '../role-parts.ts'
import type { CallRecord, StoredCall } from './call-record.ts'
import type { Recognise } from './recognise.ts'

/** Returns the document or a changed copy of it. */
export type PolicyChange = (document: PolicyDocument) => PolicyDocument

export function policiesOf(record: CallRecord, call: StoredCall, change: PolicyChange = (same) => same): Policies {
  const at = (place: number) => {
    const policy = record.documents[place]
    if (!policy) throw new Error(`The record of the calls of ${record.file} is incomplete. Run npm test again.`)
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

/** The part of a role file from which a policy of the call was created. If several files have the same content, the role's name decides. */
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
