/**
 * The customer's role for one connection: the template with its parameters, resolved as CloudFormation would.
 *
 * The Terraform text is made from it, the proof compares the customer's role with it, and the embedded AWS creates its customers' roles
 * from it.
 */
import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { type PolicyDocument, parsePolicy } from '../../policy/document.ts'
import type { Connection, Feature } from '../../projects/connection.ts'
import { resolve } from '../../template/resolve.ts'
import { partitionOf } from '../session/session-policy.ts'
import { customerAccessTemplate, switches } from './customer-access.ts'

/** The part of a connection that determines the customer's role. */
export type RoleInput = Pick<
  Connection,
  'project' | 'account' | 'region' | 'roleArn' | 'externalId' | 'nextExternalId' | 'features'
> & {
  /** The name of a role that the customer has not created yet. Absent: that of version 0.2.0. */
  readonly roleName?: string | undefined
}

/** IAM's limit. */
const maxRoleNameLength = 64

/**
 * The name of the role of a project in the customer's account. IAM is global, so it names the stage and the region of Sesame: two stages, and
 * stacks in two regions, have a role each. A name that is too long ends in a digest of the project.
 */
export function newRoleNameOf(
  project: string,
  { stage, region }: { readonly stage: string; readonly region: string },
): string {
  const name = `sesame-${stage}-${region}-${project}`
  if (name.length <= maxRoleNameLength) return name
  const digest = createHash('sha256').update(project).digest('hex').slice(0, 8)
  return `${name.slice(0, maxRoleNameLength - digest.length - 1)}-${digest}`
}

/** The name of the role and of its stack in version 0.2.0. A connection keeps it until its role is replaced. */
const formerNameOf = (project: string): string => `sesame-${project}`

/** The name of the customer's role: that of the role that exists, or of the one to create. */
const roleNameOf = ({ project, roleArn, roleName = formerNameOf(project) }: RoleInput): string =>
  roleArn?.split('/').at(-1) ?? roleName

/** The name of the stack that contains the role. It is that of the role, unless version 0.2.0 or the customer chose the role's name. */
export const stackNameOf = (input: RoleInput): string =>
  roleNameOf(input) === input.roleName ? input.roleName : formerNameOf(input.project)

/** The properties of an AWS::IAM::Role, with all intrinsics resolved. */
export type CustomerRole = {
  readonly RoleName: string
  readonly Path: string
  readonly Description: string
  readonly MaxSessionDuration: number
  readonly AssumeRolePolicyDocument: PolicyDocument
  readonly Policies: readonly { readonly PolicyName: string; readonly PolicyDocument: PolicyDocument }[]
}

const Template = v.object({
  Parameters: v.record(v.string(), v.object({ Default: v.optional(v.string()) })),
  Conditions: v.record(v.string(), v.unknown()),
  Resources: v.object({ SesameAccess: v.object({ Properties: v.unknown() }) }),
})

const document = (kind: 'identity' | 'trust') =>
  v.pipe(
    v.unknown(),
    v.transform((value) => parsePolicy(value, kind)),
  )
const Role = v.strictObject({
  RoleName: v.string(),
  Path: v.string(),
  Description: v.string(),
  MaxSessionDuration: v.number(),
  AssumeRolePolicyDocument: document('trust'),
  Policies: v.array(v.strictObject({ PolicyName: v.string(), PolicyDocument: document('identity') })),
})

/**
 * @param sesameAccount the account that Sesame runs in
 * @throws ValiError | PolicyError if the template does not resolve to a role
 */
export function customerRoleOf(input: RoleInput, sesameAccount: string): CustomerRole {
  const { Parameters, Conditions, Resources } = v.parse(Template, customerAccessTemplate)
  const defaults = Object.entries(Parameters).map(([name, { Default }]) => [name, Default] as const)
  const { ExternalIds, ...rest } = parametersOf(input, sesameAccount)
  const resolved = resolve(Resources.SesameAccess.Properties, {
    parameters: {
      ...Object.fromEntries(defaults),
      ...rest,
      ExternalIds: ExternalIds.split(','),
      'AWS::Partition': partitionOf(input.region),
      'AWS::Region': input.region,
      'AWS::AccountId': input.account,
    },
    resources: {},
    conditions: Conditions,
  })
  return v.parse(Role, resolved)
}

/** The parameters of the template, except `Identities`: the customer chooses them in the console, and later deployments keep the choice. */
export function parametersOf(input: RoleInput, sesameAccount: string) {
  const { externalId, nextExternalId, features } = input
  const onOrOff = (feature: Feature) => (features.includes(feature) ? 'on' : 'off')
  return {
    SesameAccount: sesameAccount,
    ExternalIds: nextExternalId === undefined ? externalId : `${externalId},${nextExternalId}`,
    RoleName: roleNameOf(input),
    [switches.suppression.parameter]: onOrOff('suppression'),
    [switches.sending.parameter]: onOrOff('sending'),
    [switches.configuration.parameter]: onOrOff('configuration'),
    [switches.templates.parameter]: onOrOff('templates'),
    [switches.verification.parameter]: onOrOff('verification'),
    [switches.inspection.parameter]: onOrOff('inspection'),
    [switches.reputation.parameter]: onOrOff('reputation'),
  }
}
