/**
 * The IAM roles of every account.
 *
 * A trust policy that names a role is stored with the unique id of that role. When the role is deleted and created again, the trust is
 * broken, as in AWS. Policies are parsed once, when they are stored; a policy that IAM would refuse is refused.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { type NamedPolicy, type PolicyDocument, PolicyError, parsePolicy } from '../src/policy/document.ts'
import { AwsError } from './service.ts'

export type IamRole = {
  /** `AROA…`, never reused. */
  id: string
  arn: string
  name: string
  account: string
  path: string
  description: string
  createdAt: Date
  maxSessionSeconds: number
  identity: readonly NamedPolicy[]
  boundary?: readonly NamedPolicy[]
}

/** The properties of an AWS::IAM::Role with every intrinsic resolved. PermissionsBoundary is the policy document, not an ARN. */
const roleProperties = v.strictObject({
  RoleName: v.pipe(v.string(), v.regex(/^[\w+=,.@-]{1,64}$/)),
  Path: v.optional(v.pipe(v.string(), v.regex(/^\/([\u0021-\u007e]+\/)?$/)), '/'),
  Description: v.optional(v.string(), ''),
  Tags: v.optional(v.unknown()),
  MaxSessionDuration: v.optional(v.pipe(v.number(), v.minValue(3600), v.maxValue(43200)), 3600),
  AssumeRolePolicyDocument: v.unknown(),
  Policies: v.optional(v.array(v.strictObject({ PolicyName: v.string(), PolicyDocument: v.unknown() })), []),
  PermissionsBoundary: v.optional(v.record(v.string(), v.unknown())),
})

export type Roles = {
  /** @throws AwsError EntityAlreadyExists, MalformedPolicyDocument, ValidationError */
  create(account: string, properties: unknown, kept?: Pick<IamRole, 'id' | 'createdAt'>): IamRole
  /** Gives a role the unique id that it had in an earlier run. @throws AwsError NoSuchEntity */
  identify(arn: string, id: string): void
  /**
   * Deletes a role. Its sessions keep their name and lose every permission.
   *
   * @throws AwsError NoSuchEntity
   */
  delete(arn: string): void
  /** @throws AwsError NoSuchEntity, MalformedPolicyDocument */
  updateTrust(arn: string, document: unknown): void
  /** @throws AwsError NoSuchEntity, ValidationError */
  update(arn: string, changed: { description?: string | undefined; maxSessionSeconds?: number | undefined }): void
  /**
   * Adds or replaces an inline policy. It applies to active sessions at once.
   *
   * @throws AwsError NoSuchEntity, MalformedPolicyDocument
   */
  putPolicy(arn: string, name: string, document: unknown): void
  /** @throws AwsError NoSuchEntity */
  deletePolicy(arn: string, name: string): void
  byArn(arn: string): IamRole | undefined
  byId(id: string): IamRole | undefined
  all(): readonly IamRole[]
  /** The trust policy, with the ARNs of existing roles and the unique ids of deleted ones. */
  trustOf(role: IamRole): NamedPolicy
}

const roleArn = /^arn:aws:iam::\d{12}:role\//

export function createRoles(now: () => Date = () => new Date()): Roles {
  const arns = new Map<string, IamRole>()
  const ids = new Map<string, IamRole>()
  /** Trust policies as stored: role principals by unique id. */
  const trusts = new Map<string, PolicyDocument>()
  /** Trust policies as evaluated: existing role principals by ARN. A cache that is cleared when a role is created or deleted. */
  const evaluatedTrusts = new Map<string, NamedPolicy>()

  const toId = (arn: string): string => {
    if (!roleArn.test(arn)) return arn
    const role = arns.get(arn)
    if (!role) throw new AwsError('MalformedPolicyDocument', 'Invalid principal in policy: no such role')
    return role.id
  }

  const existing = (arn: string): IamRole => {
    const role = arns.get(arn)
    if (role) return role
    throw new AwsError('NoSuchEntity', `The role with name ${arn.split('/').at(-1)} cannot be found.`, 404)
  }

  /** Sessions look up their role at each call, so the new version applies to them. */
  const replace = (role: IamRole): void => {
    arns.set(role.arn, role)
    ids.set(role.id, role)
  }

  return {
    create(account, properties, kept = { id: uniqueId(), createdAt: now() }) {
      const read = v.safeParse(roleProperties, properties)
      if (!read.success) {
        throw new AwsError('ValidationError', `Role: ${v.getDotPath(read.issues[0]) ?? 'properties'} is not valid`)
      }
      const { RoleName: name, Path: path, Policies: inline, PermissionsBoundary: boundary } = read.output
      const arn = `arn:aws:iam::${account}:role${path}${name}`
      if (arns.has(arn)) throw new AwsError('EntityAlreadyExists', `Role with name ${name} already exists.`, 409)
      const role: IamRole = {
        id: kept.id,
        arn,
        name,
        account,
        path,
        description: read.output.Description,
        createdAt: kept.createdAt,
        maxSessionSeconds: read.output.MaxSessionDuration,
        identity: inline.map(({ PolicyName, PolicyDocument }) => ({
          name: PolicyName,
          document: readIamPolicy(PolicyDocument, 'identity'),
        })),
        ...(boundary && { boundary: [{ name: `boundary of ${name}`, document: readIamPolicy(boundary, 'identity') }] }),
      }
      trusts.set(role.id, withPrincipals(readIamPolicy(read.output.AssumeRolePolicyDocument, 'trust'), toId))
      arns.set(arn, role)
      ids.set(role.id, role)
      evaluatedTrusts.clear()
      return role
    },
    identify(arn, id) {
      const role = existing(arn)
      const trust = trusts.get(role.id)
      for (const known of [ids, trusts]) known.delete(role.id)
      replace({ ...role, id })
      if (trust) trusts.set(id, trust)
      evaluatedTrusts.clear()
    },
    delete(arn) {
      const role = existing(arn)
      arns.delete(arn)
      ids.delete(role.id)
      trusts.delete(role.id)
      evaluatedTrusts.clear()
    },
    updateTrust(arn, document) {
      const { id } = existing(arn)
      trusts.set(id, withPrincipals(readIamPolicy(document, 'trust'), toId))
      evaluatedTrusts.clear()
    },
    update(arn, { description, maxSessionSeconds }) {
      const role = existing(arn)
      const changed = v.safeParse(
        roleProperties.entries.MaxSessionDuration,
        maxSessionSeconds ?? role.maxSessionSeconds,
      )
      if (!changed.success)
        throw new AwsError('ValidationError', 'MaxSessionDuration must be between 3600 and 43200 seconds')
      replace({ ...role, description: description ?? role.description, maxSessionSeconds: changed.output })
    },
    putPolicy(arn, name, document) {
      const role = existing(arn)
      const others = role.identity.filter((policy) => policy.name !== name)
      replace({ ...role, identity: [...others, { name, document: readIamPolicy(document, 'identity') }] })
    },
    deletePolicy(arn, name) {
      const role = existing(arn)
      const identity = role.identity.filter((policy) => policy.name !== name)
      if (identity.length === role.identity.length)
        throw new AwsError('NoSuchEntity', `The role policy with name ${name} cannot be found.`, 404)
      replace({ ...role, identity })
    },
    byArn: (arn) => arns.get(arn),
    byId: (id) => ids.get(id),
    all: () => [...arns.values()],
    trustOf(role) {
      let trust = evaluatedTrusts.get(role.id)
      if (!trust) {
        const stored = trusts.get(role.id) ?? { Version: '2012-10-17', Statement: [] }
        const document = withPrincipals(stored, (id) => ids.get(id)?.arn ?? id)
        trust = { name: `trust policy of ${role.name}`, document }
        evaluatedTrusts.set(role.id, trust)
      }
      return trust
    },
  }
}

/**
 * Parses an IAM policy.
 *
 * @throws AwsError MalformedPolicyDocument
 */
export function readIamPolicy(value: unknown, kind: 'identity' | 'trust'): PolicyDocument {
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
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  return `AROA${[...randomBytes(17)].map((byte) => alphabet[byte % 32]).join('')}`
}
