/**
 * An access denial → what of it helps: which role wanted what of which resource, and which layer would have to change.
 *
 * AWS's own sentence names the caller, the action, the resource and most often the layer; STS alone keeps silent about why, and there our own
 * side is judged by what the role files grant: every role that enters customers' accounts may enter `role/sesame/*` of any account but
 * its own. Sessions' names and addresses stay out. Nothing is done here unless something was refused.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
import { PermissionMissingError, TrustRefusedError } from './errors.ts'

export type DenyingLayer =
  | 'identity'
  | 'trust'
  | 'session'
  | 'resource policy'
  | 'boundary'
  | 'organisation'
  | 'VPC endpoint'
  | 'unknown'

/** Absent is what AWS did not say. */
export type Denial = {
  readonly role?: string
  readonly action?: string
  readonly resource?: string
  readonly layer: DenyingLayer
  /** What to do about it, in words. */
  readonly change: string
}

const refusal = /^(AccessDenied|AuthorizationError|NotAuthorized|UnauthorizedOperation)/

const layers: readonly (readonly [phrase: string, layer: DenyingLayer])[] = [
  ['identity-based policy', 'identity'],
  ['resource-based policy', 'resource policy'],
  ['session policy', 'session'],
  ['permissions boundary', 'boundary'],
  ['service control policy', 'organisation'],
  ['resource control policy', 'organisation'],
  ['VPC endpoint policy', 'VPC endpoint'],
]

/** Undefined where nobody was refused anything. */
export function readDenial(error: unknown): Denial | undefined {
  if (error instanceof TrustRefusedError) {
    const { roleArn: resource } = error
    return told({ role: 'of this function', action: 'sts:AssumeRole', resource, layer: 'trust' })
  }
  if (error instanceof PermissionMissingError) {
    const [, layer = 'unknown'] = layers.find(([phrase]) => phrase === error.refusedBy) ?? []
    return told({ role: 'of the customer', ...(error.action !== undefined && { action: error.action }), layer })
  }
  if (!(error instanceof Error) || !refusal.test(error.name)) return undefined
  const { message } = error
  const [, account, role] = /:(\d{12}):assumed-role\/([\w+=,.@-]+)\//.exec(message) ?? []
  const [, action] = /not authorized to perform: ([\w-]+:\w+)/.exec(message) ?? []
  const [, found] = /on resource: (arn:\S+|\*)/.exec(message) ?? []
  const resource = found?.replace(/:identity\/[^@\s]+@.*/, ':identity/(hidden)')
  const [, reason = ''] = /( because no .*| with an explicit deny in .*)$/s.exec(message) ?? []
  const [, said] = layers.find(([phrase]) => reason.includes(phrase)) ?? []
  return told({
    ...(role !== undefined && { role }),
    ...(action !== undefined && { action }),
    ...(resource !== undefined && { resource }),
    layer: said ?? (action === 'sts:AssumeRole' ? layerOfSts(resource, account) : 'unknown'),
  })
}

/** STS does not say who refused. Where the role files let us through, it was the role's trust policy. */
function layerOfSts(resource = '', ours = ''): DenyingLayer {
  const [, owner] = /^arn:[^:]+:iam::(\d{12}):role\/sesame\//.exec(resource) ?? []
  return owner !== undefined && owner !== ours ? 'trust' : 'identity'
}

const advice: Readonly<Record<DenyingLayer, string>> = {
  identity: 'the role’s own policy: its file in iam/',
  trust: 'the trust policy of the role to be assumed: sesame doctor shows what it must be',
  session: 'the session policy: what the purpose of the session allows',
  'resource policy': 'the policy of the resource itself',
  boundary: 'the permissions boundary',
  organisation: 'a policy of the organisation: an administrator’s affair',
  'VPC endpoint': 'the policy of the VPC endpoint',
  unknown: 'AWS does not say which policy: sesame roles explain judges ours',
}

const told = (facts: Omit<Denial, 'change'>): Denial => ({ ...facts, change: advice[facts.layer] })
