/**
 * Reads the deployment from the files that are deployed: serverless.yml and the files of iam/ and infra/ that it includes.
 *
 * Resources stay unresolved until they are created (local/deploy), because some attributes, such as a stream's ARN, are known only then. A
 * reference to an unknown attribute is an error that names it.
 */
import * as v from 'valibot'
import { requireIncludedRoles } from './included-roles.ts'
import { logicalName, type ResourceValues, resourceValuesOf, type StackIdentity } from './references.ts'
import { type Bindings, resolve, UnresolvedError } from './resolve.ts'
import { type FunctionBlock, type Resource, serverlessFile } from './serverless.ts'
import { expandVariables, type VariableSources } from './variables.ts'
import { readYaml } from './yaml-file.ts'

export type TemplateOptions = Omit<VariableSources, 'self' | 'options' | 'params'> & {
  /** The content to read instead of serverless.yml. */
  source?: unknown
  /** The start of queue URLs. */
  endpoint: string
}

export type Template = {
  stack: string
  identity: StackIdentity
  resources: ReadonlyMap<string, Resource>
  /** The limits of the stage of the HTTP API, if infra/api.yml sets them. */
  apiLimits: ApiLimits | undefined
  functions: ReadonlyMap<string, FunctionBlock & { fullName: string; arn: string; timeoutSeconds: number }>
  /** Adds values of a resource that are known only when it exists. */
  addValues(id: string, values: ResourceValues): void
  /** @throws UnresolvedError */
  resolve(value: unknown): unknown
  /** @throws UnresolvedError */
  attributeOf(id: string, name: string): string
}

/** Requests per second, and at once. */
export type ApiLimits = { readonly ratePerSecond: number; readonly burst: number }

/**
 * Reads the deployment of a stage.
 * @throws UnresolvedError that names the wrong reference, variable or field | RoleNotIncludedError | YamlFileError | an error of the file system
 */
export function readTemplate(options: TemplateOptions): Template {
  const file = readServerlessFile(options.source ?? readYaml(options.root, 'serverless.yml'), options)
  const stack = `${file.service}-${options.stage}`
  const identity: StackIdentity = {
    account: options.account,
    region: options.region,
    stack,
    endpoint: options.endpoint,
  }
  const functions = functionsOf(file, identity)
  const values: Record<string, ResourceValues> = { HttpApi: { Ref: localApiId } }
  for (const [key, { fullName, arn }] of functions)
    Object.assign(values, functionValuesOf(key, fullName, arn, identity))
  const bindings: Bindings = {
    parameters: parametersOf(file, identity),
    resources: values,
    conditions: Object.assign({}, ...file.resources.map((part) => part.Conditions)),
  }
  const resources = resourcesOf(file, bindings)
  requireIncludedRoles(options.root, file.functions, resources)
  for (const [id, { Type: type, Properties: properties }] of resources) {
    const names = Object.entries(properties).filter(([name]) => name === 'Path' || name.endsWith('Name'))
    const resolvedNames = Object.fromEntries(names.map(([name, value]) => [name, resolve(value, bindings)]))
    values[id] = resourceValuesOf(id, type, resolvedNames, identity)
  }
  return {
    stack,
    identity,
    resources,
    functions,
    apiLimits: apiLimitsOf(file),
    addValues: (id, added) => {
      values[id] = { ...values[id], ...added }
    },
    resolve: (value) => resolve(value, bindings),
    attributeOf: (id, name) => String(resolve({ 'Fn::GetAtt': [id, name] }, bindings)),
  }
}

/** The id of the HTTP API, which the framework creates. */
export const localApiId = 'sesameapi0'

const StageLimits = v.object({ ThrottlingRateLimit: v.number(), ThrottlingBurstLimit: v.number() })

function apiLimitsOf(file: ServerlessFile): ApiLimits | undefined {
  const found = file.resources.map(({ extensions }) => extensions.HttpApiStage?.Properties.DefaultRouteSettings)
  const limits = found.find((one) => v.is(StageLimits, one))
  if (!v.is(StageLimits, limits)) return undefined
  return { ratePerSecond: limits.ThrottlingRateLimit, burst: limits.ThrottlingBurstLimit }
}

type ServerlessFile = v.InferOutput<typeof serverlessFile>

function functionsOf(file: ServerlessFile, { account, region, stack }: StackIdentity): Template['functions'] {
  return new Map(
    Object.entries(file.functions).map(([key, block]) => {
      const fullName = block.name ?? `${stack}-${key}`
      const arn = `arn:aws:lambda:${region}:${account}:function:${fullName}`
      const environment = { ...file.provider.environment, ...block.environment }
      const timeoutSeconds = block.timeout ?? file.provider.timeout ?? 6
      return [key, { ...block, environment, fullName, arn, timeoutSeconds }]
    }),
  )
}

/** The values of a function and its log group, which the Serverless Framework creates. */
function functionValuesOf(
  key: string,
  fullName: string,
  arn: string,
  { account, region }: StackIdentity,
): Record<string, ResourceValues> {
  const group = `/aws/lambda/${fullName}`
  return {
    [`${logicalName(key)}LambdaFunction`]: { Ref: fullName, Arn: arn },
    [`${logicalName(key)}LogGroup`]: { Ref: group, Arn: `arn:aws:logs:${region}:${account}:log-group:${group}:*` },
  }
}

function parametersOf(file: ServerlessFile, identity: StackIdentity): ResourceValues {
  const parameters = pseudoParameters(identity)
  for (const part of file.resources)
    for (const [name, parameter] of Object.entries(part.Parameters)) parameters[name] = parameter.Default
  return parameters
}

/** The resources whose condition is true. */
function resourcesOf(file: ServerlessFile, bindings: Bindings): Map<string, Resource> {
  const resources = new Map<string, Resource>()
  for (const part of file.resources)
    for (const [id, resource] of Object.entries(part.Resources)) {
      if (resources.has(id)) throw new UnresolvedError(id, 'is defined twice in the template')
      const isIncluded =
        resource.Condition === undefined || resolve({ Condition: resource.Condition }, bindings) === true
      if (isIncluded) resources.set(id, resource)
    }
  return resources
}

function readServerlessFile(source: unknown, options: TemplateOptions): ServerlessFile {
  const expanded = expandVariables(source, {
    ...options,
    self: source,
    options: { region: options.region },
    params: {},
  })
  const result = v.safeParse(serverlessFile, expanded)
  if (result.success) return result.output
  const [issue] = result.issues
  throw new UnresolvedError(
    v.getDotPath(issue) ?? 'serverless.yml',
    `is not supported by the embedded AWS: ${issue.message}`,
  )
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html */
function pseudoParameters({ account, region, stack }: StackIdentity): ResourceValues {
  return {
    'AWS::AccountId': account,
    'AWS::Region': region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stack,
    'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/${stack}/5e5a3e00-0000-4000-a000-000000000000`,
    'AWS::NotificationARNs': [],
  }
}
