/** The values of `Ref` and `Fn::GetAtt` for each type of resource. They follow from the resource's name, before the resource exists. */
import { UnresolvedError } from './resolve.ts'

/** Attribute → value; `Ref` has the value of `Ref`. */
export type ResourceValues = Record<string, unknown>

export type StackIdentity = { account: string; region: string; stack: string; endpoint: string }

/**
 * The name in the resource's properties, or one as CloudFormation generates it.
 *
 * @param property the property that has the name, `TableName` for example
 * @throws UnresolvedError if the name is not a string
 */
export function resourceNameOf(
  id: string,
  properties: Readonly<Record<string, unknown>>,
  property: string,
  identity: StackIdentity,
): string {
  const given = properties[property]
  if (given === undefined) return `${identity.stack}-${id}`
  if (typeof given === 'string') return given
  throw new UnresolvedError(`${id}.${property}`, 'must be a string')
}

/** @param properties of these, only the names must be resolved */
export function resourceValuesOf(
  id: string,
  type: string,
  properties: Readonly<Record<string, unknown>>,
  identity: StackIdentity,
): ResourceValues {
  const { account, region, endpoint } = identity
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`
  switch (type) {
    case 'AWS::DynamoDB::Table': {
      const name = resourceNameOf(id, properties, 'TableName', identity)
      // StreamArn contains the time of creation. local/deploy adds it when the table exists.
      return { Ref: name, Arn: arn('dynamodb', `table/${name}`) }
    }
    case 'AWS::SNS::Topic': {
      const name = resourceNameOf(id, properties, 'TopicName', identity)
      return { Ref: arn('sns', name), TopicArn: arn('sns', name), TopicName: name }
    }
    case 'AWS::SQS::Queue': {
      const name = resourceNameOf(id, properties, 'QueueName', identity)
      const url = `${endpoint}/${account}/${name}`
      return { Ref: url, Arn: arn('sqs', name), QueueName: name, QueueUrl: url }
    }
    case 'AWS::Events::EventBus': {
      const name = resourceNameOf(id, properties, 'Name', identity)
      return { Ref: name, Name: name, Arn: arn('events', `event-bus/${name}`) }
    }
    case 'AWS::Events::Rule': {
      const name = resourceNameOf(id, properties, 'Name', identity)
      return { Ref: name, Arn: arn('events', `rule/${name}`) }
    }
    case 'AWS::S3::Bucket': {
      // CloudFormation generates bucket names in lower case.
      const name = resourceNameOf(id, properties, 'BucketName', identity).toLowerCase()
      return { Ref: name, Arn: `arn:aws:s3:::${name}` }
    }
    case 'AWS::IAM::Role': {
      const name = resourceNameOf(id, properties, 'RoleName', identity)
      const path = typeof properties.Path === 'string' ? properties.Path : '/'
      return { Ref: name, Arn: `arn:aws:iam::${account}:role${path}${name}` }
    }
    case 'AWS::IAM::ManagedPolicy': {
      const name = resourceNameOf(id, properties, 'ManagedPolicyName', identity)
      const path = typeof properties.Path === 'string' ? properties.Path : '/'
      const policyArn = `arn:aws:iam::${account}:policy${path}${name}`
      return { Ref: policyArn, PolicyArn: policyArn }
    }
    case 'AWS::Logs::LogGroup': {
      const name = resourceNameOf(id, properties, 'LogGroupName', identity)
      return { Ref: name, Arn: arn('logs', `log-group:${name}:*`) }
    }
    default:
      return { Ref: `${identity.stack}-${id}` }
  }
}

/** The Serverless Framework's logical name of a function: `record-bounce` → `RecordDashbounce`. */
export function logicalName(key: string): string {
  return `${key.slice(0, 1).toUpperCase()}${key.slice(1)}`.replaceAll('-', 'Dash').replaceAll('_', 'Underscore')
}
