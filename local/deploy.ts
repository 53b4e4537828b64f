/**
 * Makes what the template describes, in the order in which one thing needs the other.
 *
 * It acts as CloudFormation does: through the services' own operations, with the account's full power, so not through the gate. A kind of
 * resource that the embedded AWS cannot make is an error, unless it only watches (alarms, dashboards, log groups).
 */
import type { Lambda } from './lambda.ts'
import { policy, type Roles } from './roles.ts'
import type { FunctionDefinition } from './service.ts'
import { AwsError } from './service.ts'
import { logicalName, nameOf } from './template/references.ts'
import type { FunctionBlock, SnsEvent } from './template/serverless.ts'
import type { Template } from './template.ts'

export type Builder = {
  /** An operation with an administrator's power. */
  call(service: string, operation: string, input: object): Promise<Readonly<Record<string, unknown>>>
  roles: Roles
  lambda: Lambda
  account: string
}

type Properties = Readonly<Record<string, unknown>>
type Make = (id: string, properties: Properties, template: Template, builder: Builder) => Promise<void> | void

const makers: Readonly<Record<string, Make>> = {
  'AWS::DynamoDB::Table': makeTable,
  'AWS::SQS::Queue': makeQueue,
  'AWS::SNS::Topic': makeTopic,
  'AWS::IAM::ManagedPolicy': () => {},
  'AWS::IAM::Role': makeRole,
  'AWS::SNS::TopicPolicy': async (_, { Topics: topics, PolicyDocument: document }, __, { call }) => {
    for (const arn of listOf(topics)) {
      const input = { TopicArn: arn, AttributeName: 'Policy', AttributeValue: JSON.stringify(document) }
      await call('sns', 'SetTopicAttributes', input)
    }
  },
  'AWS::SQS::QueuePolicy': async (_, { Queues: queues, PolicyDocument: document }, __, { call }) => {
    for (const url of listOf(queues)) {
      await call('sqs', 'SetQueueAttributes', { QueueUrl: url, Attributes: { Policy: JSON.stringify(document) } })
    }
  },
  'AWS::SNS::Subscription': async (_, { TopicArn, Protocol, Endpoint, ...attributes }, __, { call }) => {
    await call('sns', 'Subscribe', { TopicArn, Protocol, Endpoint, Attributes: texts(attributes) })
  },
}

const onlyWatching = new Set([
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
])

/** Answers the functions by their keys in serverless.yml. */
export async function deploy(template: Template, builder: Builder): Promise<ReadonlyMap<string, FunctionDefinition>> {
  const known = Object.keys(makers)
  for (const [id, { Type: type }] of template.resources) {
    if (!makers[type] && !onlyWatching.has(type)) throw new Error(`${id}: the embedded AWS cannot make a ${type}`)
  }
  const ordered = [...template.resources].sort(
    ([, one], [, other]) => known.indexOf(one.Type) - known.indexOf(other.Type),
  )
  const definitions = new Map<string, FunctionDefinition>()
  let functionsMade = false
  const makeFunctions = async (): Promise<void> => {
    for (const key of template.functions.keys()) definitions.set(key, await makeFunction(key, template, builder))
    functionsMade = true
  }
  for (const [id, { Type: type, Properties: unresolved }] of ordered) {
    // A subscription may be a function's.
    if (type === 'AWS::SNS::Subscription' && !functionsMade) await makeFunctions()
    const properties = recordOf(template.resolved(unresolved))
    await makers[type]?.(id, properties, template, builder)
  }
  if (!functionsMade) await makeFunctions()
  return definitions
}

async function makeTable(id: string, properties: Properties, template: Template, { call }: Builder): Promise<void> {
  const {
    Tags: _,
    TimeToLiveSpecification: expiry,
    PointInTimeRecoverySpecification: recovery,
    SSESpecification: encryption,
    StreamSpecification: stream,
    ...rest
  } = properties
  const name = nameOf(id, properties, 'TableName', template.naming)
  const made = await call('dynamodb', 'CreateTable', {
    ...rest,
    TableName: name,
    ...(encryption !== undefined && { SSESpecification: { Enabled: recordOf(encryption).SSEEnabled } }),
    ...(stream !== undefined && { StreamSpecification: { StreamEnabled: true, ...recordOf(stream) } }),
  })
  const { LatestStreamArn: streamArn } = recordOf(made.TableDescription)
  if (streamArn !== undefined) template.learn(id, { StreamArn: streamArn })
  if (expiry !== undefined)
    await call('dynamodb', 'UpdateTimeToLive', { TableName: name, TimeToLiveSpecification: expiry })
  if (recovery !== undefined) {
    await call('dynamodb', 'UpdateContinuousBackups', { TableName: name, PointInTimeRecoverySpecification: recovery })
  }
}

async function makeQueue(id: string, properties: Properties, template: Template, { call }: Builder): Promise<void> {
  const { QueueName: _, Tags: __, ...attributes } = properties
  await call('sqs', 'CreateQueue', {
    QueueName: nameOf(id, properties, 'QueueName', template.naming),
    Attributes: texts(attributes),
  })
}

async function makeTopic(id: string, properties: Properties, template: Template, { call }: Builder): Promise<void> {
  const { TopicName: _, Tags: __, ...attributes } = properties
  await call('sns', 'CreateTopic', {
    Name: nameOf(id, properties, 'TopicName', template.naming),
    Attributes: texts(attributes),
  })
}

function makeRole(id: string, properties: Properties, template: Template, { roles, account }: Builder): void {
  const { ManagedPolicyArns: managed, PermissionsBoundary: boundary, Policies: inline, ...rest } = properties
  const role = roles.create(account, {
    ...rest,
    RoleName: nameOf(id, properties, 'RoleName', template.naming),
    Policies: [...listOf(inline), ...listOf(managed).map((arn) => managedPolicy(arn, template))],
    ...(boundary !== undefined && { PermissionsBoundary: managedPolicy(boundary, template).PolicyDocument }),
  })
  template.learn(id, { RoleId: role.id })
}

function managedPolicy(arn: unknown, template: Template): { PolicyName: string; PolicyDocument: object } {
  for (const [id, { Type: type, Properties: properties }] of template.resources) {
    if (type !== 'AWS::IAM::ManagedPolicy' || template.resolved({ Ref: id }) !== arn) continue
    return { PolicyName: id, PolicyDocument: policy(template.resolved(properties.PolicyDocument), 'identity') }
  }
  throw new AwsError('NoSuchEntity', `Policy ${String(arn)} does not exist or is not attachable.`, 404)
}

async function makeFunction(key: string, template: Template, builder: Builder): Promise<FunctionDefinition> {
  const block = template.functions.get(key)
  if (!block) throw new Error(`the template has no function ${key}`)
  const definition: FunctionDefinition = {
    key,
    name: block.fullName,
    arn: block.arn,
    handler: block.handler,
    roleArn: roleArnOf(block, template),
    environment: texts(recordOf(template.resolved(block.environment))),
    timeoutSeconds: block.timeoutSeconds,
    maximumRetryAttempts: block.maximumRetryAttempts,
    logGroup: `/aws/lambda/${block.fullName}`,
    ...onFailureOf(block, template),
  }
  if (!builder.roles.byArn(definition.roleArn)) throw new Error(`${key}: its role is not in the template`)
  builder.lambda.register(definition)
  for (const { sns } of block.events)
    await subscribe(definition, typeof sns === 'string' ? { arn: sns } : sns, template, builder)
  return definition
}

/** As the framework writes it: a logical id, an ARN or something that resolves to one. */
function roleArnOf({ role }: FunctionBlock, template: Template): string {
  if (typeof role === 'string' && template.resources.has(role)) return template.attribute(role, 'Arn')
  return String(template.resolved(role))
}

function onFailureOf({ destinations }: FunctionBlock, template: Template): { onFailureArn?: string } {
  const target = destinations.onFailure
  if (target === undefined) return {}
  return { onFailureArn: String(template.resolved(typeof target === 'string' ? target : target.arn)) }
}

/** What the framework makes of an `sns` event: subscription, the function's permission, the dead-letter queue's policy. */
async function subscribe(
  definition: FunctionDefinition,
  event: SnsEvent,
  template: Template,
  builder: Builder,
): Promise<void> {
  const topicArn = event.arn === undefined ? undefined : template.resolved(event.arn)
  if (typeof topicArn !== 'string') throw new Error(`${definition.key}: its sns event needs the arn of a topic`)
  const { redrivePolicy: redrive } = event
  const queue = redrive?.deadLetterTargetRef
  const deadLetterArn =
    queue === undefined ? template.resolved(redrive?.deadLetterTargetArn) : template.attribute(queue, 'Arn')
  builder.lambda.permit(definition.name, {
    sid: `${logicalName(definition.key)}Invoke`,
    principal: 'sns.amazonaws.com',
    sourceArn: topicArn,
  })
  if (queue !== undefined) {
    const document = redrivePolicyOf(String(deadLetterArn), topicArn)
    const attributes = { Policy: JSON.stringify(document) }
    await builder.call('sqs', 'SetQueueAttributes', {
      QueueUrl: template.attribute(queue, 'QueueUrl'),
      Attributes: attributes,
    })
  }
  await builder.call('sns', 'Subscribe', {
    TopicArn: topicArn,
    Protocol: 'lambda',
    Endpoint: definition.arn,
    Attributes: texts({
      FilterPolicy: event.filterPolicy,
      FilterPolicyScope: event.filterPolicyScope,
      RedrivePolicy: deadLetterArn === undefined ? undefined : { deadLetterTargetArn: deadLetterArn },
    }),
  })
}

function redrivePolicyOf(queueArn: string, topicArn: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queueArn,
        Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
      },
    ],
  }
}

/** Attributes as services take them: texts, structures as JSON. */
function texts(values: Properties): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      if (value === undefined) return []
      return [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]]
    }),
  )
}

function listOf(value: unknown): unknown[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}

function recordOf(value: unknown): Properties {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
