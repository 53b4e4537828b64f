/**
 * Evaluates a template: its parameters, conditions, resources and outputs.
 *
 * The embedded CloudFormation creates IAM roles. A template with another resource is refused, and nothing of it is created.
 */
import { type Bindings, resolve, UnresolvedError } from '../../src/template/resolve.ts'
import { AwsError } from '../service.ts'
import { readTemplateBody, type TemplateBody, type TemplateParameter } from './template-body.ts'

export type Place = { account: string; region: string; stack: string; stackId: string }

/** A resource with all functions resolved. */
export type StackResource = { id: string; properties: Readonly<Record<string, unknown>> }
export type StackOutput = { OutputKey: string; OutputValue: string; Description: string }

export type EvaluatedTemplate = {
  body: TemplateBody
  /** The values of all parameters, defaults included. */
  parameters: Readonly<Record<string, string>>
  resources: readonly StackResource[]
  outputs: readonly StackOutput[]
}

const roleType = 'AWS::IAM::Role'

/**
 * @param isChecked whether the values must be ones that the parameters allow, and all resources roles. To inspect the roles of a template
 *   with placeholders, neither needs to be
 * @throws AwsError ValidationError
 */
export function evaluateTemplate(
  text: string,
  given: Readonly<Record<string, string>>,
  place: Place,
  { isChecked } = { isChecked: true },
): EvaluatedTemplate {
  const body = readTemplateBody(text)
  const parameters = parametersOf(body, given)
  if (isChecked)
    for (const [name, value] of Object.entries(parameters)) checkParameter(name, value, body.Parameters[name])
  const { account, region, stack, stackId } = place
  const bindings = {
    parameters: {
      ...Object.fromEntries(
        Object.entries(parameters).map(([name, value]) => [name, typedValue(body.Parameters[name], value)]),
      ),
      'AWS::AccountId': account,
      'AWS::Region': region,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stack,
      'AWS::StackId': stackId,
    },
    conditions: body.Conditions,
  }
  try {
    const roles = isChecked ? body : { ...body, Resources: rolesIn(body) }
    const resources = resourcesOf(roles, { ...bindings, resources: {} }, stack)
    const values = Object.fromEntries(resources.map((resource) => [resource.id, roleValues(resource, account)]))
    const outputs = isChecked ? outputsOf(body, { ...bindings, resources: values }) : []
    return { body, parameters, resources, outputs }
  } catch (cause) {
    if (cause instanceof UnresolvedError) throw new AwsError('ValidationError', `Template error: ${cause.message}`)
    throw cause
  }
}

function parametersOf({ Parameters }: TemplateBody, given: Readonly<Record<string, string>>): Record<string, string> {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(Parameters, name))
  if (unknown.length > 0)
    throw new AwsError('ValidationError', `Parameters: [${unknown.join(', ')}] do not exist in the template`)
  const values = Object.entries(Parameters).map(([name, { Default }]) => [name, given[name] ?? Default] as const)
  const missing = values.flatMap(([name, value]) => (value === undefined ? [name] : []))
  if (missing.length > 0) throw new AwsError('ValidationError', `Parameters: [${missing.join(', ')}] must have values`)
  const complete = values.flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]]))
  return Object.fromEntries(complete)
}

/** A pattern and a list of values hold for each item of a list. */
function checkParameter(name: string, value: string, definition: TemplateParameter | undefined): void {
  const items = [typedValue(definition, value)].flat()
  const { AllowedPattern: pattern, AllowedValues: allowed } = definition ?? {}
  if (pattern !== undefined && !items.every((item) => new RegExp(`^(?:${pattern})$`).test(item)))
    throw new AwsError(
      'ValidationError',
      `Parameter ${name} failed to satisfy constraint: must match pattern ${pattern}`,
    )
  if (allowed !== undefined && !items.every((item) => allowed.includes(item)))
    throw new AwsError('ValidationError', `Parameter '${name}' must be one of AllowedValues`)
}

const isList = (type: string | undefined) => type === 'CommaDelimitedList' || type?.startsWith('List<') === true

const typedValue = (definition: TemplateParameter | undefined, value: string): string | string[] =>
  isList(definition?.Type) ? value.split(',').map((item) => item.trim()) : value

const rolesIn = ({ Resources }: TemplateBody): TemplateBody['Resources'] =>
  Object.fromEntries(Object.entries(Resources).filter(([, { Type }]) => Type === roleType))

function resourcesOf({ Resources }: TemplateBody, bindings: Bindings, stack: string): StackResource[] {
  return Object.entries(Resources).flatMap(([id, { Type, Condition, Properties }]) => {
    if (Type !== roleType)
      throw new AwsError('ValidationError', `${id}: the embedded AWS creates ${roleType} by template only, not ${Type}`)
    if (Condition !== undefined && resolve({ Condition }, bindings) !== true) return []
    const properties = { RoleName: `${stack}-${id}`, ...Object(resolve(Properties, bindings)) }
    return [{ id, properties }]
  })
}

const roleValues = ({ properties }: StackResource, account: string) => ({
  Ref: String(properties.RoleName),
  Arn: roleArnOf(account, properties),
})

export const roleArnOf = (account: string, { Path = '/', RoleName }: Readonly<Record<string, unknown>>): string =>
  `arn:aws:iam::${account}:role${String(Path)}${String(RoleName)}`

const outputsOf = ({ Outputs }: TemplateBody, bindings: Bindings): StackOutput[] =>
  Object.entries(Outputs).flatMap(([OutputKey, { Description, Value, Condition }]) =>
    Condition !== undefined && resolve({ Condition }, bindings) !== true
      ? []
      : [{ OutputKey, OutputValue: String(resolve(Value, bindings)), Description }],
  )
