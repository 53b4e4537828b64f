/**
 * Explains an access denial: which role was denied which action on which resource, by which kind of policy, and what to change.
 *
 * AWS's message names the caller, the action, the resource and mostly the kind of policy. STS alone does not say why it denied a call.
 * There the role files decide: each role of Sesame that enters customers' accounts may assume `role/sesame/*` of every account except its
 * own. Names of sessions and addresses are left out.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
import { OwnSideRefusedError, PermissionMissingError, type RefusingPolicy, TrustRefusedError } from './errors.ts'

export type DenyingLayer =
  | 'identity'
  | 'trust'
  | 'session'
  | 'resource policy'
  | 'boundary'
  | 'organisation'
  | 'VPC endpoint'
  | 'unknown'

/** A field is absent if AWS did not state it. */
export type Denial = {
  readonly role?: string
  readonly action?: string
  readonly resource?: string
  readonly layer: DenyingLayer
  /** What to change, in words. */
  readonly change: string
}

const denialCodes = /^(AccessDenied|AuthorizationError|NotAuthorized|UnauthorizedOperation)/

const layers: readonly (readonly [policy: RefusingPolicy, layer: DenyingLayer])[] = [
  ['identity-based policy', 'identity'],
  ['resource-based policy', 'resource policy'],
  ['session policy', 'session'],
  ['permissions boundary', 'boundary'],
  ['service control policy', 'organisation'],
  ['resource control policy', 'organisation'],
  ['VPC endpoint policy', 'VPC endpoint'],
]

/**
 * Kinds of policies that apply to the caller of AssumeRole. AWS checks them on the caller's side: a denial by one of them says nothing about
 * the role to be assumed. A resource-based policy is the role's trust policy; a resource control policy belongs to its organisation.
 */
const ofTheCaller: readonly RefusingPolicy[] = [
  'identity-based policy',
  'session policy',
  'permissions boundary',
  'service control policy',
  'VPC endpoint policy',
]

export const isOwnSide = (policy: RefusingPolicy): boolean => ofTheCaller.includes(policy)

/** What AWS's message about a denial states. Neither a session name nor an address is part of it. */
export type DenialSentence = {
  /** Account and name of the role whose session made the call. */
  readonly account: string | undefined
  readonly role: string | undefined
  readonly action: string | undefined
  readonly resource: string | undefined
  readonly policy: RefusingPolicy | undefined
  /** A policy denies the action, rather than none allowing it. */
  readonly isExplicit: boolean
}

/**
 * `User: arn:aws:sts::123456789012:assumed-role/NAME/SESSION is not authorized to perform: ses:SendEmail on resource: arn:… because no
 * session policy allows the ses:SendEmail action`
 */
export function readDenialSentence(message: string): DenialSentence {
  const [, account, role] = /:(\d{12}):assumed-role\/([\w+=,.@-]+)\//.exec(message) ?? []
  const [, action] = /not authorized to perform: ([\w-]+:\w+)/.exec(message) ?? []
  const [, resource] = /on resource: (arn:\S+|\*)/.exec(message) ?? []
  const [, reason = ''] = /( because no .*| with an explicit deny in .*)$/s.exec(message) ?? []
  const [policy] = layers.find(([name]) => reason.includes(name)) ?? []
  return {
    account,
    role,
    action,
    resource: resource?.replace(/:identity\/[^@\s]+@.*/, ':identity/(hidden)'),
    policy,
    isExplicit: reason.includes('explicit deny'),
  }
}

/** @returns `undefined` if the error is not an access denial */
export function readDenial(error: unknown): Denial | undefined {
  if (error instanceof TrustRefusedError) {
    const { roleArn: resource } = error
    return denialOf({ role: 'of this function', action: 'sts:AssumeRole', resource, layer: 'trust' })
  }
  if (error instanceof OwnSideRefusedError)
    return denialOf({ role: 'of this function', action: 'sts:AssumeRole', layer: layerOf(error.refusedBy) })
  if (error instanceof PermissionMissingError) {
    const { action, refusedBy } = error
    return denialOf({ role: 'of the customer', ...(action !== undefined && { action }), layer: layerOf(refusedBy) })
  }
  if (!(error instanceof Error) || !denialCodes.test(error.name)) return undefined
  const { account, role, action, resource, policy } = readDenialSentence(error.message)
  return denialOf({
    ...(role !== undefined && { role }),
    ...(action !== undefined && { action }),
    ...(resource !== undefined && { resource }),
    layer: policy === undefined && action === 'sts:AssumeRole' ? layerOfSts(resource, account) : layerOf(policy),
  })
}

const layerOf = (policy: RefusingPolicy | undefined): DenyingLayer =>
  layers.find(([name]) => name === policy)?.[1] ?? 'unknown'

/** The trust policy, if the role is one that Sesame's role files allow every caller to assume. */
function layerOfSts(resource = '', ourAccount = ''): DenyingLayer {
  const [, owner] = /^arn:[^:]+:iam::(\d{12}):role\/sesame\//.exec(resource) ?? []
  return owner !== undefined && owner !== ourAccount ? 'trust' : 'identity'
}

const advice: Readonly<Record<DenyingLayer, string>> = {
  identity: 'the role’s own policy: its file in iam/',
  trust: 'the trust policy of the role to be assumed: sesame doctor shows what it must be',
  session: 'the session policy: what the purpose of the session allows',
  'resource policy': 'the policy of the resource itself',
  boundary: 'the permissions boundary',
  organisation: 'a policy of the organisation: ask its administrator',
  'VPC endpoint': 'the policy of the VPC endpoint',
  unknown: 'AWS does not say which policy: sesame roles explain evaluates ours',
}

const denialOf = (facts: Omit<Denial, 'change'>): Denial => ({ ...facts, change: advice[facts.layer] })
