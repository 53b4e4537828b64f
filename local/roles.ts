/**
 * The roles of every account, as IAM keeps them.
 *
 * A trust policy that names a role is stored with that role's unique id: delete the role and make it anew, and the trust is broken, as in
 * AWS. Policies are parsed once, here; what IAM would refuse to store is refused.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { type NamedPolicy, type PolicyDocument, PolicyError, parsePolicy } from '../src/policy/document.ts'
import { AwsError } from './service.ts'

export type Role = {
  /** `AROA…`, never used again. */
  id: string
  arn: string
  name: string
  account: string
  maxSessionSeconds: number
  identity: readonly NamedPolicy[]
  boundary?: readonly NamedPolicy[]
}

/** The properties of an AWS::IAM::Role, every intrinsic resolved. A boundary stands here as the document itself. */
const roleProperties = v.strictObject({
  RoleName: v.pipe(v.string(), v.regex(/^[\w+=,.@-]{1,64}$/)),
  Path: v.optional(v.pipe(v.string(), v.regex(/^\/([\u0021-\u007e]+\/)?$/)), '/'),
  Description: v.optional(v.string()),
  Tags: v.optional(v.unknown()),
  MaxSessionDuration: v.optional(v.pipe(v.number(), v.minValue(3600), v.maxValue(43200)), 3600),
  AssumeRolePolicyDocument: v.unknown(),
  Policies: v.optional(v.array(v.strictObject({ PolicyName: v.string(), PolicyDocument: v.unknown() })), []),
  PermissionsBoundary: v.optional(v.record(v.string(), v.unknown())),
})

export type Roles = {
  /** Throws AwsError (EntityAlreadyExists, MalformedPolicyDocument, ValidationError). */
  create(account: string, properties: unknown): Role
  /** Takes a role away; its sessions keep their name and lose every permission. */
  delete(arn: string): void
  byArn(arn: string): Role | undefined
  byId(id: string): Role | undefined
  all(): readonly Role[]
  trustOf(role: Role): NamedPolicy
}

const roleArn = /^arn:aws:iam::\d{12}:role\//

export function createRoles(): Roles {
  const arns = new Map<string, Role>()
  const ids = new Map<string, Role>()
  /** As stored: role principals by unique id. */
  const trusts = new Map<string, PolicyDocument>()
  /** As judged: ids of living roles by ARN again. Valid until a role comes or goes. */
  const judged = new Map<string, NamedPolicy>()

  const toId = (arn: string): string => {
    if (!roleArn.test(arn)) return arn
    const role = arns.get(arn)
    if (!role) throw new AwsError('MalformedPolicyDocument', 'Invalid principal in policy: no such role')
    return role.id
  }

  return {
    create(account, properties) {
      const read = v.safeParse(roleProperties, properties)
      if (!read.success) {
        throw new AwsError('ValidationError', `Role: ${v.getDotPath(read.issues[0]) ?? 'properties'} is not valid`)
      }
      const { RoleName: name, Path: path, Policies: inline, PermissionsBoundary: boundary } = read.output
      const arn = `arn:aws:iam::${account}:role${path}${name}`
      if (arns.has(arn)) throw new AwsError('EntityAlreadyExists', `Role with name ${name} already exists.`, 409)
      const role: Role = {
        id: uniqueId(),
        arn,
        name,
        account,
        maxSessionSeconds: read.output.MaxSessionDuration,
        identity: inline.map((one) => ({ name: one.PolicyName, document: policy(one.PolicyDocument, 'identity') })),
        ...(boundary && { boundary: [{ name: `boundary of ${name}`, document: policy(boundary, 'identity') }] }),
      }
      trusts.set(role.id, withPrincipals(policy(read.output.AssumeRolePolicyDocument, 'trust'), toId))
      arns.set(arn, role)
      ids.set(role.id, role)
      judged.clear()
      return role
    },
    delete(arn) {
      const role = arns.get(arn)
      if (!role) throw new AwsError('NoSuchEntity', 'The role cannot be found.', 404)
      arns.delete(arn)
      ids.delete(role.id)
      trusts.delete(role.id)
      judged.clear()
    },
    byArn: (arn) => arns.get(arn),
    byId: (id) => ids.get(id),
    all: () => [...arns.values()],
    trustOf(role) {
      let trust = judged.get(role.id)
      if (!trust) {
        const stored = trusts.get(role.id) ?? { Version: '2012-10-17', Statement: [] }
        const document = withPrincipals(stored, (id) => ids.get(id)?.arn ?? id)
        trust = { name: `trust policy of ${role.name}`, document }
        judged.set(role.id, trust)
      }
      return trust
    },
  }
}

/** IAM's policy, or IAM's refusal. */
export function policy(value: unknown, kind: 'identity' | 'trust'): PolicyDocument {
  try {
    return parsePolicy(value, kind)
  } catch (cause) {
    if (cause instanceof PolicyError) throw new AwsError('MalformedPolicyDocument', cause.message)
    throw cause
  }
}

function withPrincipals(document: PolicyDocument, change: (name: string) => string): PolicyDocument {
  return {
    ...document,
    Statement: document.Statement.map((statement) => {
      const { Principal: principal } = statement
      if (typeof principal !== 'object' || !principal.AWS) return statement
      return { ...statement, Principal: { ...principal, AWS: principal.AWS.map(change) } }
    }),
  }
}

function uniqueId(): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  return `AROA${[...randomBytes(17)].map((byte) => letters[byte % 32]).join('')}`
}
