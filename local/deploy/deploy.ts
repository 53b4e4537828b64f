/**
 * Deploys a template: creates its resources in the order of their dependencies.
 *
 * It calls the services' own operations with full access to the account, as CloudFormation does, so not through the gate. A resource type
 * that the embedded AWS does not support is an error, unless the type only observes (alarms, dashboards).
 */
import { resourceNameOf } from '../../src/template/references.ts'
import type { Template } from '../../src/template/template.ts'
import { readIamPolicy } from '../roles.ts'
import type { FunctionDefinition } from '../service.ts'
import { AwsError } from '../service.ts'
import type { DeployContext } from './deploy-context.ts'
import { deployFunction } from './deploy-function.ts'
import { type Properties, toAttributes, toList, toRecord } from './properties.ts'

type CreateResource = (
  id: string,
  properties: Properties,
  template: Template,
  context: DeployContext,
) => Promise<void> | void

const creators: Readonly<Record<string, CreateResource>> = {
  'AWS::DynamoDB::Table': createTable,
  'AWS::SQS::Queue': createQueue,
  'AWS::SNS::Topic': createTopic,
  'AWS::S3::Bucket': async (id, _, template, { call }) => {
    await call('s3', 'CreateBucket', { Bucket: template.attributeOf(id, 'Ref') })
  },
  'AWS::S3::BucketPolicy': (_, { Bucket, PolicyDocument }, __, { s3 }) =>
    s3.setPolicy(String(Bucket), JSON.stringify(PolicyDocument)),
  'AWS::Events::EventBus': (id, _, template, { eventbridge }) => eventbridge.createBus(template.attributeOf(id, 'Ref')),
  // Roles look up the managed policy in the template.
  'AWS::IAM::ManagedPolicy': () => {},
  'AWS::IAM::Role': createRole,
  'AWS::SNS::TopicPolicy': async (_, { Topics: topics, PolicyDocument: document }, __, { call }) => {
    for (const arn of toList(topics)) {
      const input = { TopicArn: arn, AttributeName: 'Policy', AttributeValue: JSON.stringify(document) }
      await call('sns', 'SetTopicAttributes', input)
    }
  },
  'AWS::SQS::QueuePolicy': async (_, { Queues: queues, PolicyDocument: document }, __, { call }) => {
    for (const url of toList(queues)) {
      await call('sqs', 'SetQueueAttributes', { QueueUrl: url, Attributes: { Policy: JSON.stringify(document) } })
    }
  },
  'AWS::Logs::LogGroup': (id, _, template, { lambda }) => lambda.logs.createGroup(template.attributeOf(id, 'Ref')),
  'AWS::Lambda::Permission': addPermission,
  'AWS::Events::Rule': addRule,
  'AWS::SNS::Subscription': async (_, { TopicArn, Protocol, Endpoint, ...attributes }, __, { call }) => {
    await call('sns', 'Subscribe', { TopicArn, Protocol, Endpoint, Attributes: toAttributes(attributes) })
  },
}

/** Resource types that change nothing in the behaviour of the stack. */
const observingTypes = new Set([
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::QueryDefinition',
])

/**
 * Deploys everything in the template.
 *
 * @returns the functions by their keys in serverless.yml
 * @throws Error for a resource type that the embedded AWS does not support
 */
export async function deploy(
  template: Template,
  context: DeployContext,
): Promise<ReadonlyMap<string, FunctionDefinition>> {
  const order = Object.keys(creators)
  for (const [id, { Type: type }] of template.resources) {
    if (!creators[type] && !observingTypes.has(type)) {
      throw new Error(`${id}: the embedded AWS does not support ${type}`)
    }
  }
  const ordered = [...template.resources].sort(([, a], [, b]) => order.indexOf(a.Type) - order.indexOf(b.Type))
  const definitions = new Map<string, FunctionDefinition>()
  if (template.apiLimits) context.executeApi.limit(template.apiLimits)
  let functionsDeployed = false
  const deployFunctions = async (): Promise<void> => {
    for (const key of template.functions.keys()) definitions.set(key, await deployFunction(key, template, context))
    functionsDeployed = true
  }
  for (const [id, { Type: type, Properties: unresolved }] of ordered) {
    // Permissions and subscriptions refer to functions.
    if ((type === 'AWS::Lambda::Permission' || type === 'AWS::SNS::Subscription') && !functionsDeployed)
      await deployFunctions()
    const properties = toRecord(template.resolve(unresolved))
    await creators[type]?.(id, properties, template, context)
  }
  if (!functionsDeployed) await deployFunctions()
  return definitions
}

async function createTable(
  id: string,
  properties: Properties,
  template: Template,
  { call }: DeployContext,
): Promise<void> {
  const {
    Tags: _,
    TimeToLiveSpecification: expiry,
    PointInTimeRecoverySpecification: recovery,
    SSESpecification: encryption,
    StreamSpecification: stream,
    ...rest
  } = properties
  const name = resourceNameOf(id, properties, 'TableName', template.identity)
  const created = await call('dynamodb', 'CreateTable', {
    ...rest,
    TableName: name,
    ...(encryption !== undefined && { SSESpecification: { Enabled: toRecord(encryption).SSEEnabled } }),
    ...(stream !== undefined && { StreamSpecification: { StreamEnabled: true, ...toRecord(stream) } }),
  })
  const { LatestStreamArn: streamArn } = toRecord(created.TableDescription)
  if (streamArn !== undefined) template.addValues(id, { StreamArn: streamArn })
  if (expiry !== undefined)
    await call('dynamodb', 'UpdateTimeToLive', { TableName: name, TimeToLiveSpecification: expiry })
  if (recovery !== undefined) {
    await call('dynamodb', 'UpdateContinuousBackups', { TableName: name, PointInTimeRecoverySpecification: recovery })
  }
}

async function createQueue(
  id: string,
  properties: Properties,
  template: Template,
  { call }: DeployContext,
): Promise<void> {
  const { QueueName: _, Tags: __, ...attributes } = properties
  await call('sqs', 'CreateQueue', {
    QueueName: resourceNameOf(id, properties, 'QueueName', template.identity),
    Attributes: toAttributes(attributes),
  })
}

async function createTopic(
  id: string,
  properties: Properties,
  template: Template,
  { call }: DeployContext,
): Promise<void> {
  const { TopicName: _, Tags: __, DeliveryStatusLogging: reports, ...attributes } = properties
  await call('sns', 'CreateTopic', {
    Name: resourceNameOf(id, properties, 'TopicName', template.identity),
    Attributes: toAttributes({ ...attributes, ...Object.assign({}, ...toList(reports).map(feedbackAttributes)) }),
  })
}

/** CloudFormation's DeliveryStatusLogging as SNS attributes: `LambdaFailureFeedbackRoleArn` and so on. */
function feedbackAttributes(report: unknown): Properties {
  const { Protocol: protocol, ...attributes } = toRecord(report)
  const prefix = String(protocol).replace(/^./, (first) => first.toUpperCase())
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`${prefix}${name}`, value]))
}

function addPermission(id: string, properties: Properties, _: Template, { lambda }: DeployContext): void {
  const { FunctionName: name, Action: action, Principal: principal, SourceArn: sourceArn } = properties
  if (action !== 'lambda:InvokeFunction')
    throw new Error(`${id}: the embedded AWS supports the action lambda:InvokeFunction only`)
  lambda.permit(String(name), { sid: id, principal: String(principal), sourceArn: String(sourceArn) })
}

function addRule(id: string, properties: Properties, template: Template, { eventbridge }: DeployContext): void {
  const { EventBusName: bus = 'default', EventPattern: pattern, Targets: targets } = properties
  eventbridge.addRule({
    bus: String(bus),
    arn: template.attributeOf(id, 'Arn'),
    pattern,
    targets: toList(targets).map((target) => {
      const { Arn: arn, DeadLetterConfig: deadLetters } = toRecord(target)
      const deadLetterArn = deadLetters === undefined ? undefined : String(toRecord(deadLetters).Arn)
      return { arn: String(arn), deadLetterArn }
    }),
  })
}

function createRole(id: string, properties: Properties, template: Template, { roles, account }: DeployContext): void {
  const { ManagedPolicyArns: managed, PermissionsBoundary: boundary, Policies: inline, ...rest } = properties
  const role = roles.create(account, {
    ...rest,
    RoleName: resourceNameOf(id, properties, 'RoleName', template.identity),
    Policies: [...toList(inline), ...toList(managed).map((arn) => managedPolicy(arn, template))],
    ...(boundary !== undefined && { PermissionsBoundary: managedPolicy(boundary, template).PolicyDocument }),
  })
  template.addValues(id, { RoleId: role.id })
}

function managedPolicy(arn: unknown, template: Template): { PolicyName: string; PolicyDocument: object } {
  for (const [id, { Type: type, Properties: properties }] of template.resources) {
    if (type !== 'AWS::IAM::ManagedPolicy' || template.resolve({ Ref: id }) !== arn) continue
    return { PolicyName: id, PolicyDocument: readIamPolicy(template.resolve(properties.PolicyDocument), 'identity') }
  }
  throw new AwsError('NoSuchEntity', `Policy ${String(arn)} does not exist or is not attachable.`, 404)
}
