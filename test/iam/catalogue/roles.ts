/** Every role of iam/ as deployed, with resolved intrinsics. Templates use example parameters. */
import { resolve as path } from 'node:path'
import * as v from 'valibot'
import { type NamedPolicy, parsePolicy } from '../../../src/policy/document.ts'
import { resolve } from '../../../src/template/resolve.ts'
import { readTemplate } from '../../../src/template/template.ts'
import { templates } from '../role-files.ts'

export const ACCOUNT = '123456789012'
export const REGION = 'us-east-1'

export type Deployed = {
  readonly name: string
  readonly arn: string
  readonly identity: readonly NamedPolicy[]
  readonly boundary?: readonly NamedPolicy[]
  readonly trust: NamedPolicy
}

const properties = v.looseObject({
  RoleName: v.string(),
  Path: v.string(),
  AssumeRolePolicyDocument: v.unknown(),
  Policies: v.array(v.object({ PolicyName: v.string(), PolicyDocument: v.unknown() })),
  PermissionsBoundary: v.optional(v.string()),
})

/** Parameters of the templates. Other parameters have defaults. */
const example: Readonly<Record<string, unknown>> = {
  Stage: 'test',
  Repository: 'acme/mailer',
  Project: 'acme',
  Domain: 'acme.example',
  ConfigurationSet: 'sesame-acme',
  ApiId: 'sesameapi0',
  FunctionName: 'acme-mailer',
  LogGroup: 'acme-mailer',
  SamlProvider: 'acme-sign-in',
  People: ['jane@acme.example', 'joe@acme.example'],
  IdentityPool: `${REGION}:5e5a3e00-0000-4000-a000-000000000000`,
  SesameAccount: '999988887777',
  ExternalIds: ['0123456789abcdef0123456789abcdef'],
}

const stack = readTemplate({
  root: path(import.meta.dirname, '../../..'),
  stage: 'test',
  account: ACCOUNT,
  region: REGION,
  endpoint: 'http://localhost:4566',
  env: {},
})
stack.addValues('SuppressionsTable', {
  StreamArn: `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/sesame-test-suppressions/stream/2026-01-01T00:00:00.000`,
})

function boundaryOf(arn: string | undefined): readonly NamedPolicy[] | undefined {
  if (arn === undefined) return undefined
  for (const [id, { Type, Properties }] of stack.resources) {
    if (Type === 'AWS::IAM::ManagedPolicy' && stack.resolve({ Ref: id }) === arn)
      return [{ name: 'boundary', document: parsePolicy(stack.resolve(Properties.PolicyDocument), 'identity') }]
  }
  throw new Error(`The stack has no managed policy ${arn}`)
}

function deployed(resolved: unknown): Deployed {
  const role = v.parse(properties, resolved)
  const boundary = boundaryOf(role.PermissionsBoundary)
  return {
    name: role.RoleName.replace(`sesame-test-${REGION}-`, ''),
    arn: `arn:aws:iam::${ACCOUNT}:role${role.Path}${role.RoleName}`,
    identity: role.Policies.map(({ PolicyName, PolicyDocument }) => ({
      name: PolicyName,
      document: parsePolicy(PolicyDocument, 'identity'),
    })),
    ...(boundary && { boundary }),
    trust: {
      name: `trust policy of ${role.RoleName}`,
      document: parsePolicy(role.AssumeRolePolicyDocument, 'trust'),
    },
  }
}

export const stackRoles: readonly Deployed[] = [...stack.resources.values()]
  .filter(({ Type }) => Type === 'AWS::IAM::Role')
  .map(({ Properties }) => deployed(stack.resolve(Properties)))

export const templateRoles: readonly Deployed[] = templates.map(({ template, properties }) => {
  const defaults = Object.entries(template.Parameters).map(([name, one]) => [name, Object(one).Default])
  const parameters = {
    'AWS::AccountId': ACCOUNT,
    'AWS::Partition': 'aws',
    'AWS::Region': REGION,
    ...Object.fromEntries(defaults),
    ...example,
  }
  return deployed(resolve(properties, { parameters, resources: {}, conditions: template.Conditions }))
})

export const boundary: readonly NamedPolicy[] =
  boundaryOf(`arn:aws:iam::${ACCOUNT}:policy/sesame/sesame-test-${REGION}-boundary`) ?? []

export function roleNamed(name: string): Deployed {
  const found = [...stackRoles, ...templateRoles].find((one) => one.name === name)
  if (!found) throw new Error(`iam/ has no role ${name}`)
  return found
}
