/**
 * The independent implementation that our evaluator is measured against. Only tests may import it: it is AGPL.
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

/** The oracle takes the keys of the principal from us, and knows nothing of a root user's powers. */
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
    throw new Error(`the oracle did not judge: ${JSON.stringify(answer).slice(0, 500)}`)
  if (answer.result.ignoredContextKeys?.length)
    throw new Error(`the oracle ignored ${answer.result.ignoredContextKeys.join(', ')}`)
  return answer.overallResult === 'Allowed'
}
