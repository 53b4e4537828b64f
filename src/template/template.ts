/**
 * The deployment, read from the very files that are deployed: serverless.yml and what it includes from iam/ and infra/.
 *
 * Nothing is made here: `deploy.ts` does that. Resources stay unresolved until their turn, because some attributes are known only when a
 * resource is there (a stream's ARN); asking for one that nobody knows is an error that names it.
 */
import { join } from 'node:path'
import * as v from 'valibot'
import { logicalName, type Naming, type Values, valuesOf } from './references.ts'
import { type Bindings, resolve, UnresolvedError } from './resolve.ts'
import { type FunctionBlock, type Resource, serverlessFile } from './serverless.ts'
import { expand, readYaml, type Sources } from './variables.ts'

export type TemplateOptions = Omit<Sources, 'self' | 'options' | 'params'> & {
  /** In place of the root's serverless.yml. */
  source?: unknown
  /** Where queues are called: their URLs begin with it. */
  endpoint: string
}

export type Template = {
  stack: string
  naming: Naming
  resources: ReadonlyMap<string, Resource>
  functions: ReadonlyMap<string, FunctionBlock & { fullName: string; arn: string; timeoutSeconds: number }>
  /** What is known of a resource beyond its name, once it is there. */
  learn(id: string, values: Values): void
  /** Throws UnresolvedError. */
  resolved(value: unknown): unknown
  /** What a logical id's attribute gives. */
  attribute(id: string, name: string): string
}

export function readTemplate(options: TemplateOptions): Template {
  const source = options.source ?? readYaml(join(options.root, 'serverless.yml'))
  const file = parsed(source, options)
  const stack = `${file.service}-${options.stage}`
  const naming: Naming = { account: options.account, region: options.region, stack, endpoint: options.endpoint }
  const parts = file.resources
  const conditions = Object.assign({}, ...parts.map((part) => part.Conditions))
  const parameters: Values = pseudoParameters(naming)
  for (const part of parts) {
    for (const [name, parameter] of Object.entries(part.Parameters)) parameters[name] = parameter.Default
  }
  const values: Record<string, Values> = {}
  const where: Bindings = { parameters, resources: values, conditions }

  const functions = new Map(
    Object.entries(file.functions).map(([key, block]) => {
      const fullName = block.name ?? `${stack}-${key}`
      const arn = `arn:aws:lambda:${naming.region}:${naming.account}:function:${fullName}`
      values[`${logicalName(key)}LambdaFunction`] = { Ref: fullName, Arn: arn }
      const group = `/aws/lambda/${fullName}`
      values[`${logicalName(key)}LogGroup`] = {
        Ref: group,
        Arn: `arn:aws:logs:${naming.region}:${naming.account}:log-group:${group}:*`,
      }
      const environment = { ...file.provider.environment, ...block.environment }
      return [
        key,
        { ...block, environment, fullName, arn, timeoutSeconds: block.timeout ?? file.provider.timeout ?? 6 },
      ]
    }),
  )

  const resources = new Map<string, Resource>()
  for (const part of parts) {
    for (const [id, resource] of Object.entries(part.Resources)) {
      if (resources.has(id)) throw new UnresolvedError(id, 'stands in the template twice')
      if (resource.Condition !== undefined && resolve({ Condition: resource.Condition }, where) !== true) continue
      resources.set(id, resource)
    }
  }
  for (const [id, { Type: type, Properties: properties }] of resources) {
    const named = Object.fromEntries(
      Object.entries(properties)
        .filter(([name]) => name === 'Path' || name.endsWith('Name'))
        .map(([name, value]) => [name, resolve(value, where)]),
    )
    values[id] = valuesOf(id, type, named, naming)
  }
  return {
    stack,
    naming,
    resources,
    functions,
    learn: (id, more) => {
      values[id] = { ...values[id], ...more }
    },
    resolved: (value) => resolve(value, where),
    attribute: (id, name) => String(resolve({ 'Fn::GetAtt': [id, name] }, where)),
  }
}

function parsed(source: unknown, options: TemplateOptions): v.InferOutput<typeof serverlessFile> {
  const expanded = expand(source, { ...options, self: source, options: { region: options.region }, params: {} })
  const read = v.safeParse(serverlessFile, expanded)
  if (read.success) return read.output
  const [issue] = read.issues
  throw new UnresolvedError(v.getDotPath(issue) ?? 'serverless.yml', `cannot be read here: ${issue.message}`)
}

function pseudoParameters({ account, region, stack }: Naming): Values {
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
