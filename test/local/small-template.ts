/** A small deployment for tests: a table with a stream, a topic, a queue and one role with few permissions. */
export const smallTemplate = {
  service: 'small',
  resources: {
    Resources: {
      List: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: 'small-${sls:stage}-list',
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [
            { AttributeName: 'project', AttributeType: 'S' },
            { AttributeName: 'address', AttributeType: 'S' },
          ],
          KeySchema: [
            { AttributeName: 'project', KeyType: 'HASH' },
            { AttributeName: 'address', KeyType: 'RANGE' },
          ],
          StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
          TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        },
      },
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'small-${sls:stage}-topic' } },
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'small-${sls:stage}-queue' } },
      Writer: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: 'writer',
          Path: '/sesame/',
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
              { Effect: 'Allow', Principal: { AWS: { Ref: 'AWS::AccountId' } }, Action: 'sts:AssumeRole' },
            ],
          },
          Policies: [
            {
              PolicyName: 'writer',
              PolicyDocument: {
                Version: '2012-10-17',
                Statement: [
                  {
                    Sid: 'WriteTheList',
                    Effect: 'Allow',
                    Action: ['dynamodb:UpdateItem', 'dynamodb:PutItem'],
                    Resource: { 'Fn::GetAtt': ['List', 'Arn'] },
                  },
                ],
              },
            },
          ],
        },
      },
    },
  },
} as const

export const smallTable = 'small-dev-list'
export const writerArn = 'arn:aws:iam::123456789012:role/sesame/writer'
export const smallTopicArn = 'arn:aws:sns:us-east-1:123456789012:small-dev-topic'
export const smallQueueUrl = 'http://sesame.localhost:4566/123456789012/small-dev-queue'
