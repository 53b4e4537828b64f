/** What `Ref` and `Fn::GetAtt` give for each resource, told from its name before it exists. */
import { UnresolvedError } from './resolve.ts'

export type Values = Record<string, unknown>

export type Naming = { account: string; region: string; stack: string; endpoint: string }

/** A resource's name: as its properties say, or as CloudFormation would make one up. */
export function nameOf(
  id: string,
  properties: Readonly<Record<string, unknown>>,
  property: string,
  naming: Naming,
): string {
  const given = properties[property]
  if (given === undefined) return `${naming.stack}-${id}`
  if (typeof given === 'string') return given
  throw new UnresolvedError(`${id}.${property}`, 'is no text')
}

/** Properties here need only have their names resolved. */
export function valuesOf(
  id: string,
  type: string,
  properties: Readonly<Record<string, unknown>>,
  naming: Naming,
): Values {
  const { account, region, endpoint } = naming
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`
  switch (type) {
    case 'AWS::DynamoDB::Table': {
      const name = nameOf(id, properties, 'TableName', naming)
      // StreamArn has the time of creation in it: deploy.ts adds it when the table is there.
      return { Ref: name, Arn: arn('dynamodb', `table/${name}`) }
    }
    case 'AWS::SNS::Topic': {
      const name = nameOf(id, properties, 'TopicName', naming)
      return { Ref: arn('sns', name), TopicArn: arn('sns', name), TopicName: name }
    }
    case 'AWS::SQS::Queue': {
      const name = nameOf(id, properties, 'QueueName', naming)
      const url = `${endpoint}/${account}/${name}`
      return { Ref: url, Arn: arn('sqs', name), QueueName: name, QueueUrl: url }
    }
    case 'AWS::Events::EventBus': {
      const name = nameOf(id, properties, 'Name', naming)
      return { Ref: name, Name: name, Arn: arn('events', `event-bus/${name}`) }
    }
    case 'AWS::Events::Rule': {
      const name = nameOf(id, properties, 'Name', naming)
      return { Ref: name, Arn: arn('events', `rule/${name}`) }
    }
    case 'AWS::S3::Bucket': {
      // CloudFormation makes names of buckets up in lower case.
      const name = nameOf(id, properties, 'BucketName', naming).toLowerCase()
      return { Ref: name, Arn: `arn:aws:s3:::${name}` }
    }
    case 'AWS::IAM::Role': {
      const name = nameOf(id, properties, 'RoleName', naming)
      const path = typeof properties.Path === 'string' ? properties.Path : '/'
      return { Ref: name, Arn: `arn:aws:iam::${account}:role${path}${name}` }
    }
    case 'AWS::IAM::ManagedPolicy': {
      const name = nameOf(id, properties, 'ManagedPolicyName', naming)
      const path = typeof properties.Path === 'string' ? properties.Path : '/'
      const policyArn = `arn:aws:iam::${account}:policy${path}${name}`
      return { Ref: policyArn, PolicyArn: policyArn }
    }
    case 'AWS::Logs::LogGroup': {
      const name = nameOf(id, properties, 'LogGroupName', naming)
      return { Ref: name, Arn: arn('logs', `log-group:${name}:*`) }
    }
    default:
      return { Ref: `${naming.stack}-${id}` }
  }
}

/** As the framework names what it makes of a function: `record-bounce` → `RecordDashbounce`. */
export function logicalName(key: string): string {
  return `${key.slice(0, 1).toUpperCase()}${key.slice(1)}`.replaceAll('-', 'Dash').replaceAll('_', 'Underscore')
}
