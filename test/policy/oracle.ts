/**
 * An independent implementation of IAM's evaluation, with which ours is compared. Its licence is AGPL, so only tests may import it.
 */
import { anonymousPrincipal, runSimulation, type Simulation } from '@cloud-copilot/iam-simulate'
import type { NamedPolicy } from '../../src/policy/document.ts'
import type { AccessRequest, Policies, Principal } from '../../src/policy/evaluate.ts'
import { keysOfPrincipal } from '../../src/policy/request.ts'

const administrator = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }

const plain = (policies: readonly NamedPolicy[]) => policies.map(({ name, document }) => ({ name, policy: document }))

function nameOf(principal: Principal): Simulation['request']['principal'] {
  if (principal.kind === 'anonymous') return anonymousPrincipal
  if (principal.kind === 'service') return principal.service
  return principal.kind === 'federated' ? principal.provider : principal.arn
}

/** The oracle does not derive the principal's condition keys or a root user's permissions, so this adds both. */
export async function oracleAllows(request: AccessRequest, policies: Policies): Promise<boolean> {
  const { action, resource, resourceAccount, principal } = request
  const contextVariables = Object.fromEntries(
    Object.entries({ ...request.context, ...keysOfPrincipal(principal) }).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : [...value],
    ]),
  )
  const simulation: Simulation = {
    request: {
      principal: nameOf(principal),
      action,
      resource: { resource, accountId: resourceAccount },
      contextVariables,
    },
    identityPolicies: principal.kind === 'root' ? [{ name: 'root', policy: administrator }] : plain(policies.identity),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...(policies.session?.[0] === undefined ? {} : { sessionPolicy: policies.session[0].document }),
    ...(policies.boundary === undefined ? {} : { permissionBoundaryPolicies: plain(policies.boundary) }),
    ...(policies.resource === undefined ? {} : { resourcePolicy: policies.resource.document }),
  }
  const answer = await runSimulation(simulation, {})
  if (answer.resultType !== 'single')
    throw new Error(`the oracle gave no single result: ${JSON.stringify(answer).slice(0, 500)}`)
  if (answer.result.ignoredContextKeys?.length)
    throw new Error(`the oracle ignored ${answer.result.ignoredContextKeys.join(', ')}`)
  return answer.overallResult === 'Allowed'
}
