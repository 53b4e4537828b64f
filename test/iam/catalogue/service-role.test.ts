import { beforeAll, expect, test } from 'vitest'
import { type Packaged, packageStack } from '../../deployment/package-stack.ts'
import { roleNamed } from './roles.ts'

/** The first call of CloudFormation to create a resource of the type. */
const creation: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::Api': 'apigateway:POST',
  'AWS::ApiGatewayV2::Integration': 'apigateway:POST',
  'AWS::ApiGatewayV2::Route': 'apigateway:POST',
  'AWS::ApiGatewayV2::Stage': 'apigateway:POST',
  'AWS::CloudWatch::Alarm': 'cloudwatch:PutMetricAlarm',
  'AWS::CloudWatch::Dashboard': 'cloudwatch:PutDashboard',
  'AWS::DynamoDB::Table': 'dynamodb:CreateTable',
  'AWS::Events::EventBus': 'events:CreateEventBus',
  'AWS::Events::Rule': 'events:PutRule',
  'AWS::IAM::Role': 'iam:CreateRole',
  'AWS::Lambda::EventInvokeConfig': 'lambda:PutFunctionEventInvokeConfig',
  'AWS::Lambda::EventSourceMapping': 'lambda:CreateEventSourceMapping',
  'AWS::Lambda::Function': 'lambda:CreateFunction',
  'AWS::Lambda::Permission': 'lambda:AddPermission',
  'AWS::Logs::LogGroup': 'logs:CreateLogGroup',
  'AWS::Logs::QueryDefinition': 'logs:PutQueryDefinition',
  'AWS::S3::Bucket': 's3:CreateBucket',
  'AWS::S3::BucketPolicy': 's3:PutBucketPolicy',
  'AWS::SNS::Subscription': 'sns:Subscribe',
  'AWS::SNS::Topic': 'sns:CreateTopic',
  'AWS::SNS::TopicPolicy': 'sns:SetTopicAttributes',
  'AWS::SQS::Queue': 'sqs:CreateQueue',
  'AWS::SQS::QueuePolicy': 'sqs:SetQueueAttributes',
  'AWS::Scheduler::Schedule': 'scheduler:CreateSchedule',
}

let packaged: Packaged
beforeAll(async () => {
  packaged = await packageStack()
}, 120_000)

test('the service role may create every resource of the stack except the boundary', () => {
  const types = new Set(Object.values(packaged.template.Resources).map(({ Type }) => Type))
  const { identity } = roleNamed('cloudformation-service')
  const granted = identity.flatMap(({ document }) => document.Statement.flatMap(({ Action = [] }) => Action))
  const cannot = [...types].filter((type) => !granted.includes(creation[type] ?? type))
  expect(cannot).toEqual(['AWS::IAM::ManagedPolicy'])
})
