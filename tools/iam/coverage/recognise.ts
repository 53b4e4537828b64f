/**
 * Finds the part of a role file from which a resolved policy was created.
 *
 * Compares content, not role names: a test's role with its own policy, or a customer's loosened role, says nothing about a role file and
 * must not count as one.
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

/** Returns all parts with the same content, such as the trust policy for Lambda. The caller selects one by the role. */
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
