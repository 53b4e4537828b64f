/**
 * What a role may do, from the very files that are deployed, judged as IAM judges. Needs no AWS: only the names of account, region and stage.
 *
 * Of another account's resource only our side is known: that its own policy has to allow the call as well is said, not judged.
 */
import { fileURLToPath } from 'node:url'
import { type NamedPolicy, parsePolicy } from '../policy/document.ts'
import { evaluate, explain } from '../policy/evaluate.ts'
import { readTemplate, type Template } from '../template/template.ts'

export type AccessQuestion = {
  /** Name of the role file, such as `notification-handler`. */
  readonly role: string
  readonly action: string
  /** An ARN, `*`, or the logical id of a resource in the template, such as `SuppressionsTable`. */
  readonly resource: string
  /** `key=value`, a key given twice has two values. */
  readonly context: readonly string[]
  readonly account: string
  readonly region: string
  readonly stage: string
}

/** @throws Error when there is no such role or resource, or the context is not `key=value` */
export function explainRole(question: AccessQuestion): { allowed: boolean; lines: string[] } {
  const { account, region, stage, action } = question
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const template = readTemplate({ root, stage, account, region, endpoint: 'https://sqs', env: { ...process.env } })
  for (const [id, { Type: type }] of template.resources)
    if (type === 'AWS::DynamoDB::Table')
      template.learn(id, { StreamArn: `${template.attribute(id, 'Arn')}/stream/2026-01-01T00:00:00.000` })

  const { name, arn, properties } = roleIn(template, question)
  const resource = resourceIn(template, question.resource)
  const owner = /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(resource)?.[1] ?? account
  const boundary = boundaryIn(template, properties.PermissionsBoundary)
  const target = rolesIn(template).find((one) => one.arn === resource)
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
        ...contextIn(question.context),
      },
    },
    {
      identity: policiesOf(template, properties),
      ...(boundary && { boundary }),
      ...(target && action === 'sts:AssumeRole' && { resource: trustOf(template, target), isTrust: true }),
    },
  )
  const allowed = decision.verdict === 'allowed'
  const whose =
    allowed || decision.decidedBy === 'identity' ? [] : [`what would have to change: the ${decision.decidedBy} policy`]
  const where =
    allowed || decision.decidedBy !== 'identity' ? [] : [`what would have to change: iam/${question.role}.yml`]
  const theirs =
    owner === account ? [] : [`account ${owner} has to allow it as well: its own policies are not known here`]
  return { allowed, lines: [explain(decision), ...where, ...whose, ...theirs] }
}

type Role = { id: string; name: string; arn: string; properties: Readonly<Record<string, unknown>> }

function rolesIn(template: Template): Role[] {
  return [...template.resources].flatMap(([id, { Type: type, Properties: properties }]) =>
    type === 'AWS::IAM::Role'
      ? [{ id, properties, name: template.attribute(id, 'Ref'), arn: template.attribute(id, 'Arn') }]
      : [],
  )
}

function roleIn(template: Template, { role, stage, region }: AccessQuestion): Role {
  const found = rolesIn(template).find(({ name }) => name === `sesame-${stage}-${region}-${role}`)
  if (found) return found
  const known = rolesIn(template).map(({ name }) => name.replace(`sesame-${stage}-${region}-`, ''))
  throw new Error(`There is no role ${role}. There are: ${known.sort().join(', ')}`)
}

function resourceIn(template: Template, given: string): string {
  if (given === '*' || given.startsWith('arn:')) return given
  if (!template.resources.has(given)) throw new Error(`${given} is neither an ARN nor a resource of the template`)
  const type = template.resources.get(given)?.Type
  return type === 'AWS::SNS::Topic' ? template.attribute(given, 'Ref') : template.attribute(given, 'Arn')
}

function policiesOf(template: Template, { Policies: policies }: Role['properties']): NamedPolicy[] {
  const list: unknown = template.resolved(policies ?? [])
  return (Array.isArray(list) ? list : []).map((one: unknown) => {
    const { PolicyName: name, PolicyDocument: document }: Readonly<Record<string, unknown>> = Object(one)
    return { name: String(name), document: parsePolicy(document, 'identity') }
  })
}

function boundaryIn(template: Template, reference: unknown): NamedPolicy[] | undefined {
  if (reference === undefined) return undefined
  const arn = template.resolved(reference)
  for (const [id, { Type: type, Properties: properties }] of template.resources)
    if (type === 'AWS::IAM::ManagedPolicy' && template.attribute(id, 'PolicyArn') === arn)
      return [{ name: id, document: parsePolicy(template.resolved(properties.PolicyDocument), 'identity') }]
  throw new Error(`The boundary ${String(arn)} is not in the template`)
}

function trustOf(template: Template, { name, properties }: Role): NamedPolicy {
  const document = parsePolicy(template.resolved(properties.AssumeRolePolicyDocument), 'trust')
  return { name: `trust policy of ${name}`, document }
}

function contextIn(given: readonly string[]): Record<string, string | string[]> {
  const context: Record<string, string[]> = {}
  for (const one of given) {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(one) ?? []
    if (key === undefined || value === undefined) throw new Error(`--context ${one}: it must be key=value`)
    const values = context[key] ?? []
    context[key] = [...values, value]
  }
  return Object.fromEntries(
    Object.entries(context).map(([key, values]) => [key, values.length === 1 ? (values[0] ?? '') : values]),
  )
}
