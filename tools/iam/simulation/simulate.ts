/**
 * A simulated call: evaluates the policies of a role file, resolved as CloudFormation resolves them, without making the call. The recorder
 * receives it like a call of the code, with the expected verdict, so it counts in role coverage and in the mutation check.
 */
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { parse } from 'yaml'
import { type JudgedCall, judgedCalls } from '../../../local/judged-call.ts'
import { type NamedPolicy, parsePolicy } from '../../../src/policy/document.ts'
import { type Decision, evaluate, type Policies, type Principal } from '../../../src/policy/evaluate.ts'
import type { Context } from '../../../src/policy/request.ts'
import { type Bindings, resolve } from '../../../src/template/resolve.ts'
import { readTemplate } from '../../../src/template/template.ts'
import { textOf } from '../role-parts.ts'

export const account = '123456789012'
const region = 'us-east-1'

/** A key with the value null is absent. */
export type Circumstances = Readonly<Record<string, string | readonly string[] | null>>

export type Simulation = {
  /** File of iam/ without `.yml`. */
  readonly role: string
  readonly action: string
  readonly resource: string
  /** Account of the resource. Default: the account in its ARN, or the own account. */
  readonly owner?: string | undefined
  readonly context?: Circumstances | undefined
  /** If set, this principal assumes the role and the trust policy is evaluated. Otherwise a session of the role makes the call. */
  readonly entrant?: Principal | undefined
  /** The entrant's own policies. Default: all actions are allowed. */
  readonly entrantMay?: readonly NamedPolicy[] | undefined
  /** Parameters of a template that is deployed separately. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined
  /** A managed policy in iam/ that is the role's boundary: FILE or, if the file has several, FILE/LogicalId. */
  readonly boundary?: string | undefined
  readonly wanted: Decision['verdict']
}

export function simulate(simulation: Simulation): Decision {
  const began = performance.now()
  const { role: name, action, resource, wanted, entrant } = simulation
  const role = roleOf(name, simulation.parameters)
  const owner = simulation.owner ?? (/^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(resource)?.[1] || role.account)
  const isAway = owner !== role.account
  const policies: Policies = entrant
    ? { identity: simulation.entrantMay ?? [everything], resource: role.trust, isTrust: true }
    : {
        identity: role.identity,
        ...(simulation.boundary && { boundary: [boundaryOf(simulation.boundary, simulation.parameters)] }),
        // The other account allows everything here, so that the role's own policies decide.
        ...(isAway && { resource: allowEveryone, isTrust: action.startsWith('sts:') }),
      }
  const request = {
    principal: entrant ?? sessionOf(role),
    action,
    resource: entrant ? role.arn : resource,
    resourceAccount: entrant ? role.account : owner,
    context: present({ 'aws:ResourceAccount': owner, 'aws:RequestedRegion': region, ...simulation.context }),
  }
  const decision = evaluate(request, policies)
  const judged: JudgedCall = { request, policies, decision, wanted, milliseconds: performance.now() - began }
  judgedCalls.publish(judged)
  return decision
}

function present(circumstances: Circumstances): Context {
  const entries = Object.entries(circumstances).flatMap(([key, value]) =>
    value === null ? [] : [[key, value] as const],
  )
  return Object.fromEntries(entries)
}

const allowEveryone: NamedPolicy = {
  name: 'allow everyone',
  document: parsePolicy({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' },
  }),
}

const everything: NamedPolicy = {
  name: 'everything',
  document: parsePolicy(
    { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
    'identity',
  ),
}

export type Filled = { arn: string; name: string; account: string; identity: NamedPolicy[]; trust: NamedPolicy }

const sessionOf = ({ arn, name, account }: Filled): Principal => ({
  kind: 'session',
  arn: `arn:aws:sts::${account}:assumed-role/${name}/simulated`,
  roleArn: arn,
  account,
  userId: 'AROASIMULATEDSIMULATED:simulated',
})

const parameter = v.looseObject({
  Default: v.optional(v.unknown()),
  Type: v.optional(v.string()),
  AllowedPattern: v.optional(v.string()),
})
type Parameter = v.InferOutput<typeof parameter>
const template = v.looseObject({
  Parameters: v.optional(v.record(v.string(), parameter), {}),
  Conditions: v.optional(v.record(v.string(), v.unknown()), {}),
  Resources: v.record(
    v.string(),
    v.looseObject({ Type: v.string(), Properties: v.optional(v.record(v.string(), v.unknown()), {}) }),
  ),
})
const roleSchema = v.looseObject({
  RoleName: v.optional(v.string()),
  Path: v.optional(v.string(), '/'),
  AssumeRolePolicyDocument: v.unknown(),
  Policies: v.optional(v.array(v.looseObject({ PolicyName: v.string(), PolicyDocument: v.unknown() })), []),
})

/** Resolves references to resources of the stack. Other templates have only their parameters. */
let stack: ReturnType<typeof readTemplate> | undefined
const ourStack = () => {
  stack ??= readTemplate({
    root: fileURLToPath(new URL('../../..', import.meta.url)),
    stage: 'dev',
    account,
    region,
    endpoint: 'http://sesame.localhost:4566',
    env: {},
  })
  return stack
}

/** The value of a parameter that the simulation does not set: its default, or its own name. */
function standIn(name: string, { Default: given, Type: type, AllowedPattern: pattern }: Parameter): unknown {
  const value = given ?? (/12\}/.test(pattern ?? '') ? account : `the-${name.toLowerCase()}`)
  return /List/.test(type ?? '') ? String(value).split(',') : value
}

const filled = new Map<string, Filled>()

export function roleOf(name: string, parameters: Simulation['parameters']): Filled {
  const key = JSON.stringify([name, parameters])
  const known = filled.get(key)
  if (known) return known
  const file = v.parse(template, parse(textOf(name)))
  const [id, resource] = Object.entries(file.Resources).find(([, { Type }]) => Type === 'AWS::IAM::Role') ?? []
  if (id === undefined || !resource) return roleWithOnly(boundaryOf(name, parameters), name)
  const properties = v.parse(roleSchema, fill(file, resource.Properties, id, parameters))
  const home = String(parameters?.['AWS::AccountId'] ?? account)
  const roleName = properties.RoleName ?? id
  const role: Filled = {
    arn: `arn:aws:iam::${home}:role${properties.Path}${roleName}`,
    name: roleName,
    account: home,
    identity: properties.Policies.map(({ PolicyName, PolicyDocument }) => ({
      name: PolicyName,
      document: parsePolicy(PolicyDocument, 'identity'),
    })),
    trust: { name: `trust policy of ${roleName}`, document: parsePolicy(properties.AssumeRolePolicyDocument, 'trust') },
  }
  filled.set(key, role)
  return role
}

/** A role whose only policy is the managed policy. */
const roleWithOnly = (policy: NamedPolicy, name: string): Filled => ({
  arn: `arn:aws:iam::${account}:role/sesame/${name}`,
  name,
  account,
  identity: [policy],
  trust: { name: 'no trust', document: { Version: '2012-10-17', Statement: [] } },
})

function boundaryOf(place: string, parameters: Simulation['parameters']): NamedPolicy {
  const [name = '', wanted] = place.split('/')
  const file = v.parse(template, parse(textOf(name)))
  const [id, resource] =
    Object.entries(file.Resources).find(
      ([each, { Type }]) => Type === 'AWS::IAM::ManagedPolicy' && (wanted ?? each) === each,
    ) ?? []
  if (id === undefined || !resource)
    throw new Error(`iam/${name}.yml contains no managed policy${wanted ? ` ${wanted}` : ''}`)
  const { PolicyDocument } = v.parse(
    v.looseObject({ PolicyDocument: v.unknown() }),
    fill(file, resource.Properties, id, parameters),
  )
  return { name: id, document: parsePolicy(PolicyDocument, 'identity') }
}

function fill(
  file: v.InferOutput<typeof template>,
  properties: unknown,
  id: string,
  parameters: Simulation['parameters'],
): unknown {
  const deployed = ourStack().resources.get(id)
  if (deployed) return ourStack().resolve(deployed.Properties)
  const defaults = Object.entries(file.Parameters).map(([name, one]) => [name, standIn(name, one)])
  const where: Bindings = {
    parameters: {
      'AWS::Partition': 'aws',
      'AWS::AccountId': account,
      'AWS::Region': region,
      'AWS::URLSuffix': 'amazonaws.com',
      'sls:stage': 'dev',
      ...Object.fromEntries(defaults),
      ...parameters,
    },
    resources: Object.fromEntries(
      Object.keys(file.Resources).map((name) => [name, { Ref: name, Arn: `arn:aws:iam::${account}:role/${name}` }]),
    ),
    conditions: file.Conditions,
  }
  return resolve(properties, where)
}
