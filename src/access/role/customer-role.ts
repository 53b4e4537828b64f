/**
 * The customer's role for one connection: the template with its parameters, resolved as CloudFormation would.
 *
 * The Terraform text is made from it, the proof compares the customer's role with it, and the embedded AWS creates its customers' roles
 * from it.
 */
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
>

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
  const { project, roleArn, externalId, nextExternalId, features } = input
  const onOrOff = (feature: Feature) => (features.includes(feature) ? 'on' : 'off')
  return {
    SesameAccount: sesameAccount,
    ExternalIds: nextExternalId === undefined ? externalId : `${externalId},${nextExternalId}`,
    RoleName: roleArn?.split('/').at(-1) ?? `sesame-${project}`,
    [switches.suppression.parameter]: onOrOff('suppression'),
    [switches.sending.parameter]: onOrOff('sending'),
    [switches.configuration.parameter]: onOrOff('configuration'),
  }
}
