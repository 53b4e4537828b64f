/**
 * Authorises every call: looks up its requirements (the action table), evaluates the policies (src/policy) and records the decision.
 *
 * The identity policies are those of the deployed role files. The resource policy is the one that the service stores (topic, queue,
 * function, trust). A call is allowed when each of its requirements is allowed.
 */
import { MalformedInputError, type Requirement, requirementsOf } from '../src/policy/actions.ts'
import { type AccessRequest, type Decision, evaluate, type Policies } from '../src/policy/evaluate.ts'
import { type JudgedCall, judgedCalls, nextGateNumber } from './judged-call.ts'
import type { AuthenticatedCaller, AuthorisedCall, Service, ServiceCall } from './service.ts'
import { accessDenied, malformedParameter } from './wire/errors.ts'

export type Gate = {
  /** @throws AwsError with the code that the service uses for a denial or for malformed input */
  authorise(call: ServiceCall, service: Service): void
  /** Every decision, oldest first. */
  record: readonly AuthorisedCall[]
}

export function createGate(): Gate {
  const record: AuthorisedCall[] = []
  const number = nextGateNumber()
  return {
    record,
    authorise(call, service) {
      for (const requirement of requirements(call, service)) {
        const decision = decide(requirement, call, service, number)
        record.push({
          at: call.at,
          role: nameOf(call.caller),
          account: call.caller.account,
          service: call.service,
          operation: call.operation,
          action: requirement.action,
          resource: requirement.resource,
          verdict: decision.verdict,
          decision,
        })
        if (decision.verdict === 'denied') throw accessDenied(call.service, messageOf(call, requirement, decision))
      }
    },
  }
}

function requirements(call: ServiceCall, service: Service): Requirement[] {
  const context = { partition: 'aws', region: call.region, account: call.account, ...service.resourceContext?.(call) }
  try {
    return requirementsOf(call.service, call.operation, call.input, context)
  } catch (cause) {
    // An operation that the table lacks is a defect: a service implements it, and its requirements are unknown.
    if (cause instanceof MalformedInputError) throw malformedParameter(call.service, cause.message)
    throw cause
  }
}

function decide(requirement: Requirement, call: ServiceCall, service: Service, gate: number): Decision {
  const startedAt = judgedCalls.hasSubscribers ? performance.now() : 0
  const { caller } = call
  const { action, resource, resourceAccount } = requirement
  const policy = service.resourcePolicy?.(requirement, call)
  const isService = caller.principal.kind === 'service'
  const request: AccessRequest = {
    principal: caller.principal,
    action,
    resource,
    resourceAccount,
    context: {
      'aws:CurrentTime': call.at.toISOString(),
      'aws:EpochTime': String(Math.floor(call.at.getTime() / 1000)),
      'aws:RequestedRegion': call.region,
      'aws:ResourceAccount': resourceAccount,
      'aws:SecureTransport': 'true',
      'aws:ViaAWSService': 'false',
      ...(isService ? {} : { 'aws:SourceIp': '127.0.0.1' }),
      ...requirement.context,
      ...caller.context,
    },
  }
  const policies: Policies = {
    identity: caller.identity,
    ...(caller.session && { session: caller.session }),
    ...(caller.boundary && { boundary: caller.boundary }),
    ...(policy && { resource: policy }),
    isTrust: call.service === 'sts',
  }
  const decision = evaluate(request, policies)
  if (judgedCalls.hasSubscribers) {
    const judged: JudgedCall = { request, policies, decision, milliseconds: performance.now() - startedAt, gate }
    judgedCalls.publish(judged)
  }
  return decision
}

function nameOf({ principal, role }: AuthenticatedCaller): string {
  if (role) return role.name
  return principal.kind === 'service' ? principal.service : principal.kind
}

const grants: Record<Decision['decidedBy'], string> = {
  identity: 'identity-based policy',
  resource: 'resource-based policy',
  trust: 'resource-based policy',
  session: 'session policy',
  boundary: 'permissions boundary',
}

/** The text that AWS uses. STS gives no reason, so that a caller cannot probe a trust policy. */
function messageOf(call: ServiceCall, { action, resource }: Requirement, decision: Decision): string {
  const { principal } = call.caller
  const user = 'arn' in principal ? principal.arn : principal.kind === 'service' ? principal.service : principal.kind
  const refusal = `User: ${user} is not authorized to perform: ${action} on resource: ${resource}`
  if (call.service === 'sts') return refusal
  const grant = grants[decision.decidedBy]
  const explicit = decision.reasons.some((reason) => reason.matched && reason.effect === 'Deny')
  return explicit
    ? `${refusal} with an explicit deny in ${grant === 'identity-based policy' ? 'an' : 'a'} ${grant}`
    : `${refusal} because no ${grant} allows the ${action} action`
}
