/**
 * The customer's role for one connection: the template with its parameters filled in, as CloudFormation would make it.
 *
 * The Terraform text is written from it, the proof compares with it, and the embedded AWS makes its customers' roles of it.
 */
import * as v from 'valibot'
import { type PolicyDocument, parsePolicy } from '../../policy/document.ts'
import type { Connection, Feature } from '../../projects/connection.ts'
import { resolve } from '../../template/resolve.ts'
import { partitionOf } from '../session/session-policy.ts'
import { customerAccessTemplate, switches } from './customer-access.ts'

/** What of a connection the customer's role is made for. */
export type RoleInput = Pick<
  Connection,
  'project' | 'account' | 'region' | 'roleArn' | 'externalId' | 'nextExternalId' | 'features'
>

/** The properties of an AWS::IAM::Role, every intrinsic resolved. */
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

/** @param sesameAccount the account that Sesame runs in */
export function customerRole(guest: RoleInput, sesameAccount: string): CustomerRole {
  const { Parameters, Conditions, Resources } = v.parse(Template, customerAccessTemplate)
  const defaults = Object.entries(Parameters).map(([name, { Default }]) => [name, Default] as const)
  const { ExternalIds, ...rest } = parametersOf(guest, sesameAccount)
  const resolved = resolve(Resources.SesameAccess.Properties, {
    parameters: {
      ...Object.fromEntries(defaults),
      ...rest,
      ExternalIds: ExternalIds.split(','),
      'AWS::Partition': partitionOf(guest.region),
      'AWS::Region': guest.region,
      'AWS::AccountId': guest.account,
    },
    resources: {},
    conditions: Conditions,
  })
  return v.parse(Role, resolved)
}

/** What the template is deployed with. The identities are the customer's own choice, made in the console or kept from before. */
export function parametersOf(guest: RoleInput, sesameAccount: string) {
  const { project, roleArn, externalId, nextExternalId, features } = guest
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
