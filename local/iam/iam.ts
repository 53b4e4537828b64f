/**
 * IAM, limited to roles and their inline policies: what somebody needs to create a customer's role by hand, to change it, and to see what
 * Sesame makes of it.
 *
 * Roles belong to the caller's account. A changed role applies to active sessions at once; AWS needs some seconds.
 */
import * as v from 'valibot'
import type { NamedPolicy } from '../../src/policy/document.ts'
import type { IamRole, Roles } from '../roles.ts'
import { AwsError, type Service, type ServiceCall, type ServiceOperation } from '../service.ts'
import { readInput, tryParseJson } from '../wire/input.ts'

const byName = v.object({ RoleName: v.string() })
const policyInput = v.object({ ...byName.entries, PolicyName: v.string() })
const newRole = v.object({
  ...byName.entries,
  Path: v.optional(v.string()),
  Description: v.optional(v.string()),
  MaxSessionDuration: v.optional(v.number()),
  AssumeRolePolicyDocument: v.string(),
  PermissionsBoundary: v.optional(v.undefined()),
})
const changedRole = v.object({
  ...byName.entries,
  Description: v.optional(v.string()),
  MaxSessionDuration: v.optional(v.number()),
})

export function createIam(roles: Roles): Service {
  const ofAccount = (account: string) => roles.all().filter((role) => role.account === account)
  const find = (account: string, name: string) => ofAccount(account).find((role) => role.name === name)

  /** @throws AwsError NoSuchEntity */
  function roleOf(call: ServiceCall): IamRole {
    const { RoleName: name } = readInput(byName, call, 'ValidationError')
    const role = find(call.account, name)
    if (role) return role
    throw new AwsError('NoSuchEntity', `The role with name ${name} cannot be found.`, 404)
  }

  const describe = (role: IamRole) => ({
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: role.createdAt,
    AssumeRolePolicyDocument: asText(roles.trustOf(role)),
    ...(role.description !== '' && { Description: role.description }),
    MaxSessionDuration: role.maxSessionSeconds,
  })

  const roleOperations: Record<string, ServiceOperation> = {
    CreateRole(call) {
      const input = readInput(newRole, call, 'ValidationError')
      if (find(call.account, input.RoleName))
        throw new AwsError('EntityAlreadyExists', `Role with name ${input.RoleName} already exists.`, 409)
      const document = parsed(input.AssumeRolePolicyDocument)
      return { Role: describe(roles.create(call.account, { ...input, AssumeRolePolicyDocument: document })) }
    },
    GetRole: (call) => ({ Role: describe(roleOf(call)) }),
    ListRoles: (call) => ({ Roles: ofAccount(call.account).map(describe), IsTruncated: false }),
    UpdateRole(call) {
      const { Description: description, MaxSessionDuration: maxSessionSeconds } = readInput(
        changedRole,
        call,
        'ValidationError',
      )
      roles.update(roleOf(call).arn, { description, maxSessionSeconds })
      return {}
    },
    UpdateAssumeRolePolicy(call) {
      const { PolicyDocument } = readInput(v.object({ PolicyDocument: v.string() }), call, 'ValidationError')
      roles.updateTrust(roleOf(call).arn, parsed(PolicyDocument))
      return {}
    },
    DeleteRole(call) {
      const role = roleOf(call)
      if (role.identity.length > 0)
        throw new AwsError('DeleteConflict', 'Cannot delete entity, must delete policies first.', 409)
      roles.delete(role.arn)
      return {}
    },
  }

  const policyOperations: Record<string, ServiceOperation> = {
    PutRolePolicy(call) {
      const schema = v.object({ ...policyInput.entries, PolicyDocument: v.string() })
      const { PolicyName, PolicyDocument } = readInput(schema, call, 'ValidationError')
      roles.putPolicy(roleOf(call).arn, PolicyName, parsed(PolicyDocument))
      return {}
    },
    GetRolePolicy(call) {
      const { RoleName, PolicyName } = readInput(policyInput, call, 'ValidationError')
      const policy = roleOf(call).identity.find(({ name }) => name === PolicyName)
      if (policy) return { RoleName, PolicyName, PolicyDocument: asText(policy) }
      throw new AwsError('NoSuchEntity', `The role policy with name ${PolicyName} cannot be found.`, 404)
    },
    DeleteRolePolicy(call) {
      roles.deletePolicy(roleOf(call).arn, readInput(policyInput, call, 'ValidationError').PolicyName)
      return {}
    },
    ListRolePolicies: (call) => ({ PolicyNames: roleOf(call).identity.map(({ name }) => name), IsTruncated: false }),
    // Managed policies are part of a deployed role; none can be attached by hand.
    ListAttachedRolePolicies: (call) => ({ AttachedPolicies: roleOf(call) && [], IsTruncated: false }),
  }

  return {
    operations: { ...roleOperations, ...policyOperations },
    resourceContext: (call) => ({ rolePathOf: (name) => find(call.account, name)?.path }),
  }
}

/** IAM encodes documents as in a URL. */
const asText = ({ document }: NamedPolicy): string => encodeURIComponent(JSON.stringify(document))

/** @throws AwsError MalformedPolicyDocument */
function parsed(text: string): unknown {
  const document = tryParseJson(text)
  if (document === undefined) throw new AwsError('MalformedPolicyDocument', 'This policy contains invalid Json')
  return document
}
