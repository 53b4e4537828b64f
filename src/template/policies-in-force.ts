/**
 * All policies of a deployment, resolved as CloudFormation resolves them: of each role its identity policies, boundary and trust policy, and
 * the policies of topics, queues, buckets, event buses and functions.
 *
 * The source is the folder of a checkout (serverless.yml with the files of iam/ and infra/, and the templates of iam/ that are deployed on
 * their own) or one template as CloudFormation receives it.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { type NamedPolicy, parsePolicy } from '../policy/document.ts'
import { type Principal, sessionOf } from '../policy/request.ts'
import { resolve } from './resolve.ts'
import { type ResourcePolicy, resourcePoliciesOf } from './resource-policies.ts'
import { RoleFileError } from './role-file.ts'
import { readTemplate } from './template.ts'
import { bindingsOf, type Place, Template } from './template-bindings.ts'
import { expandVariables } from './variables.ts'
import { readYaml } from './yaml-file.ts'

export type RoleInForce = {
  /** The name of the role file, or of the role in a template. */
  readonly name: string
  readonly arn: string
  readonly account: string
  readonly identity: readonly NamedPolicy[]
  /** Absent: no boundary limits the role. */
  readonly boundary?: readonly NamedPolicy[]
  /** Absent for a managed policy, which is judged like a role that has only this policy. */
  readonly trust?: NamedPolicy
  readonly principal: Principal
  /** The longest session of the role. */
  readonly sessionSeconds: number
  /** Resolves a value with the same parameters and references as the role. */
  readonly resolve: (value: unknown) => unknown
}

export type PoliciesInForce = {
  readonly account: string
  readonly roles: readonly RoleInForce[]
  readonly resources: readonly ResourcePolicy[]
}

type Resources = ReadonlyMap<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>

const Role = v.looseObject({
  RoleName: v.optional(v.string()),
  Path: v.optional(v.string(), '/'),
  PermissionsBoundary: v.optional(v.string()),
  MaxSessionDuration: v.optional(v.number(), 3600),
  AssumeRolePolicyDocument: v.unknown(),
  Policies: v.optional(v.array(v.looseObject({ PolicyName: v.string(), PolicyDocument: v.unknown() })), []),
})

/**
 * @param root folder with serverless.yml and iam/
 * @throws UnresolvedError | YamlFileError | PolicyError | ValiError | an error of the file system
 */
export function readPoliciesInForce(root: string, place: Place): PoliciesInForce {
  const { stage, account, region, env = {} } = place
  const stack = readTemplate({ root, stage, account, region, endpoint: 'https://sqs', env })
  for (const [id, { Type: type }] of stack.resources)
    if (type === 'AWS::DynamoDB::Table')
      stack.addValues(id, { StreamArn: `${stack.attributeOf(id, 'Arn')}/stream/2026-01-01T00:00:00.000` })
  const prefix = `sesame-${stage}-${region}-`
  const deployed = rolesAmong(stack.resources, stack.resolve, account, (name) => name.replace(prefix, ''))
  const templates = readdirSync(join(root, 'iam'))
    .filter((file) => file.endsWith('.yml'))
    .map((file) => ({ name: file.replace(/\.yml$/, ''), template: v.parse(Template, readYaml(root, `iam/${file}`)) }))
    .filter(({ template }) => !Object.keys(template.Resources).some((id) => stack.resources.has(id)))
  for (const { name, template } of templates)
    if (template.AWSTemplateFormatVersion === undefined)
      throw new RoleFileError(name, 'is neither part of the stack nor a template')
  return {
    account,
    roles: [
      ...deployed,
      ...templates.flatMap(({ name, template }) => rolesOfTemplate(template, place, () => name)),
    ].sort((one, other) => (one.name < other.name ? -1 : 1)),
    resources: resourcePoliciesOf(stack.resources, stack.resolve, place),
  }
}

/**
 * @param value a role file of the stack, which refers to resources of other files
 * @param root folder with those files
 * @throws UnresolvedError | YamlFileError | PolicyError | ValiError
 */
export function policiesOfRoleFile(value: unknown, name: string, root: string, place: Place): PoliciesInForce {
  const { stage, account, region, env = {} } = place
  const sources = { root, self: {}, stage, account, region, env, options: { region }, params: {} }
  const resources = new Map(Object.entries(v.parse(Template, expandVariables(value, sources)).Resources))
  const [ours] = readPoliciesInForce(root, place).roles.filter(({ boundary }) => boundary !== undefined)
  const resolveValue = ours?.resolve ?? ((one: unknown) => one)
  // The boundary is in a file of its own, and limits every role of the stack.
  const boundary = ours?.boundary
  const roles = rolesAmong(resources, resolveValue, place.account, () => name).map((role) => ({
    ...role,
    ...(boundary && role.trust && { boundary }),
  }))
  return { account: place.account, roles, resources: [] }
}

/**
 * @param value a template as CloudFormation receives it
 * @throws UnresolvedError | PolicyError | ValiError
 */
export function policiesOfTemplate(value: unknown, place: Place): PoliciesInForce {
  const template = v.parse(Template, value)
  const bindings = bindingsOf(template, place)
  const roles = rolesOfTemplate(template, place, (name) => name.replace(`sesame-${place.stage}-${place.region}-`, ''))
  const resources = resourcePoliciesOf(
    new Map(Object.entries(template.Resources)),
    (one) => resolve(one, bindings),
    place,
  )
  return { account: place.account, roles, resources }
}

export const isCheckout = (root: string): boolean => existsSync(join(root, 'serverless.yml'))

function rolesOfTemplate(template: Template, place: Place, nameOf: (roleName: string) => string): RoleInForce[] {
  const bindings = bindingsOf(template, place)
  const account = String(bindings.parameters['AWS::AccountId'])
  return rolesAmong(new Map(Object.entries(template.Resources)), (value) => resolve(value, bindings), account, nameOf)
}

function rolesAmong(
  resources: Resources,
  resolveValue: (value: unknown) => unknown,
  account: string,
  nameOf: (roleName: string) => string,
): RoleInForce[] {
  const boundaries = new Map<string, NamedPolicy>()
  const found: RoleInForce[] = []
  for (const [id, { Type: type, Properties: properties }] of resources) {
    if (type !== 'AWS::IAM::ManagedPolicy') continue
    const document = parsePolicy(resolveValue(properties.PolicyDocument), 'identity')
    boundaries.set(String(resolveValue({ Ref: id })), { name: id, document })
    const arn = `arn:aws:iam::${account}:role/sesame/${id}`
    const name = id === 'Boundary' ? 'boundary' : id
    found.push({
      name,
      arn,
      account,
      identity: [{ name: id, document }],
      principal: sessionOf(arn, 'a-session'),
      sessionSeconds: 3600,
      resolve: resolveValue,
    })
  }
  for (const [id, { Type: type, Properties: properties }] of resources) {
    if (type !== 'AWS::IAM::Role') continue
    const role = v.parse(Role, resolveValue(properties))
    const roleName = role.RoleName ?? id
    const name = nameOf(roleName)
    const arn = `arn:aws:iam::${account}:role${role.Path}${roleName}`
    const boundary = role.PermissionsBoundary === undefined ? undefined : boundaries.get(role.PermissionsBoundary)
    found.push({
      name,
      arn,
      account,
      identity: role.Policies.map(({ PolicyName, PolicyDocument }) => ({
        name: PolicyName,
        document: parsePolicy(PolicyDocument, 'identity'),
      })),
      ...(boundary && { boundary: [boundary] }),
      trust: { name: `trust policy of ${name}`, document: parsePolicy(role.AssumeRolePolicyDocument, 'trust') },
      principal: sessionOf(arn, 'a-session'),
      sessionSeconds: role.MaxSessionDuration,
      resolve: resolveValue,
    })
  }
  return found
}
