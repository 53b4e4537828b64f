/**
 * Which part of which role file a policy is, once CloudFormation has filled it in.
 *
 * Told by its content, not by a role's name: a role that a test makes with a policy of its own, or a customer's role that was loosened,
 * proves nothing about a role file and is not taken for one.
 */
import type { PolicyDocument } from '../../../src/policy/document.ts'
import type { Part } from '../role-parts.ts'

export type Recognise = (document: PolicyDocument) => readonly Part[]

const inOrder = (texts: readonly string[]) => [...texts].sort().join(' ')

const ofPart = ({ statements }: Part): string =>
  JSON.stringify(
    statements.map(({ sid, effect, actions, conditions }) => [
      sid,
      effect,
      inOrder(actions),
      inOrder(conditions.map(({ operator, key }) => `${operator}/${key}`)),
    ]),
  )

const ofDocument = (document: PolicyDocument): string =>
  JSON.stringify(
    document.Statement.map((one) => [
      one.Sid ?? '',
      one.Effect,
      inOrder([...(one.Action ?? []), ...(one.NotAction ?? [])]),
      inOrder(
        Object.entries(one.Condition ?? {}).flatMap(([name, keys]) => Object.keys(keys).map((key) => `${name}/${key}`)),
      ),
    ]),
  )

/** Parts with the same content in several files (Lambda's trust) are all answered: who asks knows which role it is about. */
export function createRecogniser(parts: readonly Part[]): Recognise {
  const known = Map.groupBy(parts, ofPart)
  const seen = new WeakMap<PolicyDocument, readonly Part[]>()
  return (document) => {
    let found = seen.get(document)
    if (!found) {
      found = known.get(ofDocument(document)) ?? []
      seen.set(document, found)
    }
    return found
  }
}
