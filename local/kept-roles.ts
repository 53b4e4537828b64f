/**
 * What IAM keeps between runs: the ids of the deployed roles, to which trust policies refer, and all other roles.
 *
 * The deployed roles themselves are those of the present files of iam/.
 */
import * as v from 'valibot'
import type { IamRole, Roles } from './roles.ts'
import type { KeptState } from './service.ts'

const properties = v.object({
  RoleName: v.string(),
  Path: v.string(),
  Description: v.string(),
  MaxSessionDuration: v.number(),
  AssumeRolePolicyDocument: v.unknown(),
  Policies: v.array(v.object({ PolicyName: v.string(), PolicyDocument: v.unknown() })),
  PermissionsBoundary: v.exactOptional(v.record(v.string(), v.unknown())),
})
const kept = v.array(
  v.object({
    arn: v.string(),
    id: v.string(),
    account: v.string(),
    createdAt: v.date(),
    made: v.exactOptional(properties),
  }),
)

/** @param roles as the deployment made them */
export function keptRoles(roles: Roles): KeptState {
  const deployed = new Set(roles.all().map(({ arn }) => arn))
  return {
    dump: () =>
      roles.all().map((role) => ({
        arn: role.arn,
        id: role.id,
        account: role.account,
        createdAt: role.createdAt,
        ...(!deployed.has(role.arn) && { made: propertiesOf(role, roles) }),
      })),
    restore(value) {
      const all = v.parse(kept, value)
      // The deployed roles first: the trust policies of others name them.
      for (const { arn, id } of all) if (roles.byArn(arn)) roles.identify(arn, id)
      for (const { arn, id, account, createdAt, made } of all) {
        if (!made || roles.byArn(arn)) continue
        roles.create(account, { ...made, AssumeRolePolicyDocument: nobody }, { id, createdAt })
      }
      for (const { arn, made } of all) if (made) roles.updateTrust(arn, made.AssumeRolePolicyDocument)
    },
  }
}

/** The trust policy of a role until all roles exist that the kept one may name. */
const nobody = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
}

const propertiesOf = (role: IamRole, roles: Roles): v.InferInput<typeof properties> => ({
  RoleName: role.name,
  Path: role.path,
  Description: role.description,
  MaxSessionDuration: role.maxSessionSeconds,
  AssumeRolePolicyDocument: roles.trustOf(role).document,
  Policies: role.identity.map(({ name, document }) => ({ PolicyName: name, PolicyDocument: document })),
  ...(role.boundary?.[0] && { PermissionsBoundary: { ...role.boundary[0].document } }),
})
