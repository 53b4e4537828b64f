/**
 * IAM: roles and their inline policies. IAM is global, so a role's ARN has no region.
 *
 * A request names a role by its name only. The path, which is part of the ARN, is known to IAM (`rolePathOf`).
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
import * as v from 'valibot'
import { type Entry, entry, noInput, type ResourceContext } from './entry.ts'

const roleName = v.pipe(v.string(), v.regex(/^[\w+=,.@-]{1,64}$/, 'is not the name of a role'))
const path = v.pipe(v.string(), v.regex(/^\/([\w+=,.@-]+\/)*$/, 'is not a path'))
const roleInput = v.object({ RoleName: roleName })
const newRoleInput = v.object({ RoleName: roleName, Path: v.optional(path, '/') })

const requirement = (action: string, { partition, account }: ResourceContext, rolePath: string, name: string) => ({
  action: `iam:${action}`,
  resource: `arn:${partition}:iam::${account}:role${rolePath}${name}`,
  resourceAccount: account,
  context: {},
})

const ofRole = (action: string): Entry =>
  entry([`iam:${action}`], roleInput, ({ RoleName }, place) => [
    requirement(action, place, place.rolePathOf?.(RoleName) ?? '/', RoleName),
  ])

export const iam: Readonly<Record<string, Entry>> = {
  CreateRole: entry(['iam:CreateRole'], newRoleInput, ({ RoleName, Path }, place) => [
    requirement('CreateRole', place, Path, RoleName),
  ]),
  GetRole: ofRole('GetRole'),
  UpdateRole: ofRole('UpdateRole'),
  UpdateAssumeRolePolicy: ofRole('UpdateAssumeRolePolicy'),
  DeleteRole: ofRole('DeleteRole'),
  PutRolePolicy: ofRole('PutRolePolicy'),
  GetRolePolicy: ofRole('GetRolePolicy'),
  DeleteRolePolicy: ofRole('DeleteRolePolicy'),
  ListRolePolicies: ofRole('ListRolePolicies'),
  ListAttachedRolePolicies: ofRole('ListAttachedRolePolicies'),
  ListRoles: entry(['iam:ListRoles'], noInput, (_, place) => [requirement('ListRoles', place, '/', '')]),
}
