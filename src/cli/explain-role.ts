/**
 * Explains what a role may do, from the role files that are deployed. It evaluates them as IAM does and calls no AWS service: it needs the
 * names of account, region and stage only.
 *
 * For a resource in another account it evaluates our side only, and says that the policies of that account must allow the call as well. A
 * role that is offered as a template is evaluated with the parameters that are given.
 */
import { fileURLToPath } from 'node:url'
import { type NamedPolicy, parsePolicy } from '../policy/document.ts'
import { evaluate, explain } from '../policy/evaluate.ts'
import { readRoleFiles } from '../template/role-files.ts'
import { readTemplate, type Template } from '../template/template.ts'
import { roleOfTemplate } from './template-role.ts'
import { UsageError } from './usage-error.ts'

export type AccessQuestion = {
  /** Name of a role file, such as `notification-handler`. */
  readonly role: string
  readonly action: string
  /** An ARN, `*`, or the logical id of a resource in the template, such as `SuppressionsTable`. */
  readonly resource: string
  /** Condition keys as `key=value`. A key that is given twice has two values. */
  readonly context: readonly string[]
  /** Parameters of a template as `name=value`. */
  readonly parameters?: readonly string[]
  readonly account: string
  readonly region: string
  readonly stage: string
}

/**
 * @returns whether the call is allowed, and the explanation line by line
 * @throws UsageError if the role or the resource does not exist, the action has no service, or the context is not `key=value`
 */
export function explainRole(question: AccessQuestion): { allowed: boolean; lines: string[] } {
  const { account, region, stage, action } = question
  if (!/^[a-z0-9-]+:[A-Za-z*?]+$/.test(action))
    throw new UsageError(`${action} is not an action: write SERVICE:ACTION, such as ses:SendEmail`)
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const template = readTemplate({ root, stage, account, region, endpoint: 'https://sqs', env: { ...process.env } })
  for (const [id, { Type: type }] of template.resources)
    if (type === 'AWS::DynamoDB::Table')
      template.addValues(id, { StreamArn: `${template.attributeOf(id, 'Arn')}/stream/2026-01-01T00:00:00.000` })

  const { name, arn, properties, unset } = findRole(template, question)
  const resource = resourceArnOf(template, question.resource)
  const owner = /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(resource)?.[1] ?? account
  const boundary = boundaryOf(template, properties.PermissionsBoundary)
  const target = rolesOf(template).find((role) => role.arn === resource)
  const decision = evaluate(
    {
      principal: {
        kind: 'session',
        arn: `arn:aws:sts::${account}:assumed-role/${name}/explain`,
        roleArn: arn,
        account,
        userId: 'AROAEXPLAIN:explain',
      },
      action,
      resource,
      resourceAccount: account,
      context: {
        'aws:RequestedRegion': region,
        'aws:ResourceAccount': owner,
        'aws:SecureTransport': 'true',
        ...contextOf(question.context),
      },
    },
    {
      identity: policiesOf(template, properties),
      ...(boundary && { boundary }),
      ...(target && action === 'sts:AssumeRole' && { resource: trustOf(template, target), isTrust: true }),
    },
  )
  const allowed = decision.verdict === 'allowed'
  const deniedBy = decision.decidedBy === 'identity' ? `iam/${question.role}.yml` : `the ${decision.decidedBy} policy`
  return {
    allowed,
    lines: [
      explain(decision),
      ...(allowed ? [] : [`to allow the call, change ${deniedBy}`]),
      ...(unset.length === 0
        ? []
        : [
            `evaluated without values of ${unset.join(', ')}: add --parameter ${unset.map((one) => `${one}=…`).join(' ')}`,
          ]),
      ...(owner === account ? [] : [`account ${owner} must allow the call as well: its policies are not known here`]),
    ],
  }
}

type Role = { name: string; arn: string; properties: Readonly<Record<string, unknown>> }
/** `unset`: parameters of a template that have neither a value nor a default. */
type FoundRole = Role & { unset: readonly string[] }

function rolesOf(template: Template): Role[] {
  return [...template.resources].flatMap(([id, { Type: type, Properties: properties }]) =>
    type === 'AWS::IAM::Role'
      ? [{ properties, name: template.attributeOf(id, 'Ref'), arn: template.attributeOf(id, 'Arn') }]
      : [],
  )
}

function findRole(template: Template, question: AccessQuestion): FoundRole {
  const { role, stage, region, account } = question
  const found = rolesOf(template).find(({ name }) => name === `sesame-${stage}-${region}-${role}`)
  if (found) return { ...found, unset: [] }
  const parameters = Object.fromEntries(
    pairsOf(question.parameters ?? [], '--parameter').map(([key, [value]]) => [key, value ?? '']),
  )
  const { templates } = readRoleFiles()
  const offered = templates.find(({ name }) => name === role)
  if (offered) return roleOfTemplate(offered, { account, region, parameters, stage })
  const deployed = rolesOf(template).map(({ name }) => name.replace(`sesame-${stage}-${region}-`, ''))
  const names = [...deployed, ...templates.map(({ name }) => name)].sort()
  throw new UsageError(`Role ${role} does not exist. The roles are: ${names.join(', ')}`)
}

function resourceArnOf(template: Template, given: string): string {
  if (given === '*' || given.startsWith('arn:')) return given
  if (!template.resources.has(given)) throw new UsageError(`${given} is neither an ARN nor a resource of the template`)
  const type = template.resources.get(given)?.Type
  return type === 'AWS::SNS::Topic' ? template.attributeOf(given, 'Ref') : template.attributeOf(given, 'Arn')
}

function policiesOf(template: Template, { Policies: policies }: Role['properties']): NamedPolicy[] {
  const list: unknown = template.resolve(policies ?? [])
  return (Array.isArray(list) ? list : []).map((policy: unknown) => {
    const { PolicyName: name, PolicyDocument: document }: Readonly<Record<string, unknown>> = Object(policy)
    return { name: String(name), document: parsePolicy(document, 'identity') }
  })
}

function boundaryOf(template: Template, reference: unknown): NamedPolicy[] | undefined {
  if (reference === undefined) return undefined
  const arn = template.resolve(reference)
  for (const [id, { Type: type, Properties: properties }] of template.resources)
    if (type === 'AWS::IAM::ManagedPolicy' && template.attributeOf(id, 'PolicyArn') === arn)
      return [{ name: id, document: parsePolicy(template.resolve(properties.PolicyDocument), 'identity') }]
  throw new Error(`The permissions boundary ${String(arn)} is not in the template`)
}

function trustOf(template: Template, { name, properties }: Role): NamedPolicy {
  const document = parsePolicy(template.resolve(properties.AssumeRolePolicyDocument), 'trust')
  return { name: `trust policy of ${name}`, document }
}

const contextOf = (given: readonly string[]): Record<string, string | readonly string[]> =>
  Object.fromEntries(
    pairsOf(given, '--context').map(([key, values]) => [key, values.length === 1 ? (values[0] ?? '') : values]),
  )

/** `key=value` texts by key. @throws UsageError that names the option */
function pairsOf(given: readonly string[], option: string): [key: string, values: readonly string[]][] {
  const pairs = new Map<string, string[]>()
  for (const entry of given) {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(entry) ?? []
    if (key === undefined || value === undefined)
      throw new UsageError(`${option} ${entry} must have the form key=value`)
    pairs.set(key, [...(pairs.get(key) ?? []), value])
  }
  return [...pairs]
}
