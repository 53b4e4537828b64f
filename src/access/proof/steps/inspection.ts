/**
 * Steps: what only the text of the role can tell. Nobody else may assume it, and it grants exactly what Sesame uses.
 *
 * Both are judged for all requests, by the engine of src/policy/questions. Without the feature `inspection` they stay unknown. A role that lets
 * others in, or grants more, gives nobody access through Sesame, so this is reported and does not close the connection. An external id
 * that the policy does not name does: it may be that of another customer.
 * docs/design/access.md#what-does-the-inspection-decide
 */
import type { Deployment } from '../../../arn.ts'
import { UndecidableQuestionError } from '../../../policy/classes/undecidable.ts'
import { type NamedPolicy, PolicyError } from '../../../policy/document.ts'
import { matchesAction } from '../../../policy/match.ts'
import { compareUse, type Difference } from '../../../policy/questions/compare.ts'
import { allowableActions } from '../../../policy/questions/subject.ts'
import { sessionOf } from '../../../policy/request.ts'
import type { UsableConnection } from '../../../projects/connection.ts'
import { customerRoleOf } from '../../role/customer-role.ts'
import { ConnectionError } from '../../session/errors.ts'
import { trustToPaste } from '../paste.ts'
import { type RoleAsItIs, type RoleReaderDependencies, readRole, UnreadableRoleError } from '../read-role.ts'
import { type FallibleCheck, failing, inconclusive, messageOf, type ProofStep, passing } from '../step.ts'
import { othersWhoEnter, unnamedIdIsAccepted } from '../trust-text.ts'

const byOthers: FallibleCheck = {
  step: 'no other principal can assume the role, even with the id',
  failure: 'another principal can assume the role',
  layer: 'trust',
}
const withUnnamedId: FallibleCheck = {
  step: 'no external id is accepted but those that the policy names',
  failure: 'an external id that the policy does not name is accepted',
  layer: 'trust',
}
const withNoMore: FallibleCheck = {
  step: 'the role grants nothing but what Sesame uses',
  failure: 'the role grants more than Sesame uses',
  layer: 'inspection',
}

export type Inspection = {
  /** Beside the steps about trust. */
  readonly trust: readonly ProofStep[]
  /** After the steps about permissions. */
  readonly permissions: readonly ProofStep[]
  /** Where Sesame uses an action: whether the role grants it there; absent if that is not known. */
  readonly grants?: (action: string) => 'everywhere' | 'in part' | 'nowhere'
}

/** @param accepted the connection with the external id that the role accepts */
export async function inspectRole(
  accepted: UsableConnection,
  deployment: Deployment,
  dependencies: RoleReaderDependencies,
): Promise<Inspection> {
  if (!accepted.features.includes('inspection')) return unknownInspection(accepted, deployment)
  try {
    const role = await readRole(accepted, dependencies)
    const differences = differencesOf(role, accepted, deployment)
    const isBounded = role.boundary !== undefined
    return {
      trust: trustSteps(role, accepted, deployment),
      permissions: [permissionStep(role, differences)],
      // What a boundary leaves of the permissions is not known.
      ...(!isBounded && { grants: (action) => grantedPartOf(action, role, differences) }),
    }
  } catch (error) {
    const isExpected =
      error instanceof ConnectionError ||
      error instanceof UnreadableRoleError ||
      error instanceof PolicyError ||
      error instanceof UndecidableQuestionError
    if (!isExpected) throw error
    return unknownInspection(accepted, deployment, ` (the role could not be inspected: ${messageOf(error)})`)
  }
}

/** What cannot be tested from our account. The trust policy is printed for comparison. */
const unknownInspection = (connection: UsableConnection, { account }: Deployment, why = ''): Inspection => ({
  trust: [
    inconclusive(
      byOthers,
      `cannot be tested from our account: a trust policy that also names "*", another account, or our account without aws:PrincipalArn gives the same answers. Compare it with the one in the template${why}`,
      trustToPaste(connection, account),
    ),
  ],
  permissions: [inconclusive(withNoMore, `cannot be tested without the feature "inspection"${why}`)],
})

function trustSteps(
  { trust: document }: RoleAsItIs,
  connection: UsableConnection,
  { partition, account }: Deployment,
): ProofStep[] {
  const { externalId, nextExternalId } = connection
  const question = {
    document,
    externalIds: [externalId, ...(nextExternalId === undefined ? [] : [nextExternalId])],
    ourAccount: account,
    roleAccount: connection.account,
    ourRole: `arn:${partition}:iam::${account}:role/sesame/any`,
  }
  const paste = trustToPaste(connection, account)
  const other = othersWhoEnter(question)
  return [
    unnamedIdIsAccepted(question)
      ? failing(withUnnamedId, 'The condition must be StringEquals with the whole id. The trust policy must be', paste)
      : passing(withUnnamedId, 'for all ids, from the text of the policy'),
    other === undefined
      ? passing(byOthers, 'for all requests, from the text of the policy')
      : failing({ ...byOthers, layer: 'inspection' }, `${other} is admitted. The trust policy must be`, paste),
  ]
}

/** What the customer's role allows and the role of the template does not, and the reverse. */
function differencesOf(role: RoleAsItIs, connection: UsableConnection, { account }: Deployment): Difference[] {
  const subject = (identity: readonly NamedPolicy[]) => ({
    name: 'role',
    account: connection.account,
    principal: sessionOf(connection.roleArn, 'session'),
    identity,
  })
  const expected = customerRoleOf(connection, account).Policies.map(({ PolicyName, PolicyDocument }) => ({
    name: PolicyName,
    document: PolicyDocument,
  }))
  return compareUse(subject(expected), subject(role.inline))
}

const more = ({ change }: Difference) => change === 'newly allowed'
const maxNamed = 3

function permissionStep({ attached }: RoleAsItIs, differences: readonly Difference[]): ProofStep {
  if (attached.length > 0)
    return failing(withNoMore, `Sesame needs no attached policy: detach ${attached.slice(0, maxNamed).join(', ')}`)
  const added = differences.filter(more)
  if (added.length > 0) {
    const named = added
      .slice(0, maxNamed)
      .map(({ action, statement, example }) => `${action} on ${example.resource} (${statement})`)
    return failing(withNoMore, `it allows ${named.join('; ')}${added.length > maxNamed ? ' and more' : ''}`)
  }
  const partly = [...new Set(differences.map(({ action }) => action))]
  if (partly.length === 0) return passing(withNoMore, 'for all requests, from the text of its policies')
  const named = partly.slice(0, maxNamed).join(', ') + (partly.length > maxNamed ? ' …' : '')
  return passing(withNoMore, `and less, as its owner chose: not for every resource ${named}`)
}

function grantedPartOf(action: string, { inline }: RoleAsItIs, differences: readonly Difference[]) {
  if (!differences.some((one) => !more(one) && one.action.toLowerCase() === action.toLowerCase())) return 'everywhere'
  const allowed = allowableActions(inline).some((pattern) => matchesAction(pattern, action))
  return allowed ? 'in part' : 'nowhere'
}
