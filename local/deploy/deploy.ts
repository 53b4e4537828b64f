/**
 * Makes what the template describes, in the order in which one thing needs the other.
 *
 * It acts as CloudFormation does: through the services' own operations, with the account's full power, so not through the gate. A kind of
 * resource that the embedded AWS cannot make is an error, unless it only watches (alarms, dashboards, log groups).
 */

import { nameOf } from '../../src/template/references.ts'
import type { Template } from '../../src/template/template.ts'
import type { EventBridge } from '../eventbridge/eventbridge.ts'
import type { Lambda } from '../lambda/lambda.ts'
import type { ChangeFeed } from '../lambda/stream-source.ts'
import { policy, type Roles } from '../roles.ts'
import type { FunctionDefinition } from '../service.ts'
import { AwsError } from '../service.ts'
import type { Sqs } from '../sqs/sqs.ts'
import { makeFunction } from './deploy-function.ts'
import { listOf, type Properties, recordOf, texts } from './properties.ts'

export type Builder = {
  /** An operation with an administrator's power. */
  call(service: string, operation: string, input: object): Promise<Readonly<Record<string, unknown>>>
  roles: Roles
  lambda: Lambda
  dynamodb: ChangeFeed
  sqs: Sqs
  eventbridge: EventBridge
  /** Functions that are not connected to their streams, queues and schedules. */
  undriven: readonly string[]
  account: string
}

type Make = (id: string, properties: Properties, template: Template, builder: Builder) => Promise<void> | void

const makers: Readonly<Record<string, Make>> = {
  'AWS::DynamoDB::Table': makeTable,
  'AWS::SQS::Queue': makeQueue,
  'AWS::SNS::Topic': makeTopic,
  'AWS::S3::Bucket': async (id, _, template, { call }) => {
    await call('s3', 'CreateBucket', { Bucket: template.attribute(id, 'Ref') })
  },
  'AWS::Events::EventBus': (id, _, template, { eventbridge }) => eventbridge.createBus(template.attribute(id, 'Ref')),
  // Nothing is made of a policy: the roles that carry it look it up.
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
  'AWS::Logs::LogGroup': (id, _, template, { lambda }) => lambda.logs.createGroup(template.attribute(id, 'Ref')),
  'AWS::Lambda::Permission': makePermission,
  'AWS::Events::Rule': makeRule,
  'AWS::SNS::Subscription': async (_, { TopicArn, Protocol, Endpoint, ...attributes }, __, { call }) => {
    await call('sns', 'Subscribe', { TopicArn, Protocol, Endpoint, Attributes: texts(attributes) })
  },
}

const onlyWatching = new Set([
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Logs::MetricFilter',
  // It refuses what is not encrypted on its way: nothing here is.
  'AWS::S3::BucketPolicy',
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
    // A permission is a function's, a subscription may be one's.
    if ((type === 'AWS::Lambda::Permission' || type === 'AWS::SNS::Subscription') && !functionsMade)
      await makeFunctions()
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
  const { TopicName: _, Tags: __, DeliveryStatusLogging: reports, ...attributes } = properties
  await call('sns', 'CreateTopic', {
    Name: nameOf(id, properties, 'TopicName', template.naming),
    Attributes: texts({ ...attributes, ...Object.assign({}, ...listOf(reports).map(feedbackAttributes)) }),
  })
}

/** CloudFormation's list, as the attributes that SNS has: `LambdaFailureFeedbackRoleArn` and the like. */
function feedbackAttributes(report: unknown): Properties {
  const { Protocol: protocol, ...attributes } = recordOf(report)
  const prefix = String(protocol).replace(/^./, (letter) => letter.toUpperCase())
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`${prefix}${name}`, value]))
}

function makePermission(id: string, properties: Properties, _: Template, { lambda }: Builder): void {
  const { FunctionName: name, Action: action, Principal: principal, SourceArn: sourceArn } = properties
  if (action !== 'lambda:InvokeFunction') throw new Error(`${id}: the embedded AWS knows no permission but to invoke`)
  lambda.permit(String(name), { sid: id, principal: String(principal), sourceArn: String(sourceArn) })
}

function makeRule(id: string, properties: Properties, template: Template, { eventbridge }: Builder): void {
  const { EventBusName: bus = 'default', EventPattern: pattern, Targets: targets } = properties
  eventbridge.addRule({
    bus: String(bus),
    arn: template.attribute(id, 'Arn'),
    pattern,
    targets: listOf(targets).map((target) => {
      const { Arn: functionArn, DeadLetterConfig: deadLetters } = recordOf(target)
      const deadLetterArn = deadLetters === undefined ? undefined : String(recordOf(deadLetters).Arn)
      return { functionArn: String(functionArn), deadLetterArn }
    }),
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
