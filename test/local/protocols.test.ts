import { DescribeEndpointsCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { DynamoDBStreamsClient, GetShardIteratorCommand } from '@aws-sdk/client-dynamodb-streams'
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda'
import {
  GetBlacklistReportsCommand,
  GetSuppressedDestinationCommand,
  PutSuppressedDestinationCommand,
  SESv2Client,
} from '@aws-sdk/client-sesv2'
import {
  CreateTopicCommand,
  GetTopicAttributesCommand,
  ListPlatformApplicationsCommand,
  SetTopicAttributesCommand,
  SNSClient,
} from '@aws-sdk/client-sns'
import { GetQueueUrlCommand, ListMessageMoveTasksCommand, SQSClient } from '@aws-sdk/client-sqs'
import { AssumeRoleCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import type { ClientConfig } from '../../local/service.ts'
import { failure } from './sign-in.ts'
import { smallQueueUrl, smallTemplate, smallTopicArn } from './small-template.ts'

let aws: Aws
let config: ClientConfig

beforeAll(async () => {
  aws = await startAws({ template: smallTemplate, clock: createManualClock(new Date('2026-03-04T05:06:07.890Z')) })
  config = { ...aws.clientConfig(aws.credentials.root(aws.account)), maxAttempts: 1 }
})

afterAll(() => {
  expect(aws.defects).toEqual([])
})

describe('an unsupported operation', () => {
  test('an unsupported operation is refused with the error of each protocol', async () => {
    const calls: [() => Promise<unknown>, string, number][] = [
      [() => new DynamoDBClient(config).send(new DescribeEndpointsCommand({})), 'UnknownOperationException', 400],
      [
        () => new SQSClient(config).send(new ListMessageMoveTasksCommand({ SourceArn: 'a' })),
        'UnknownOperationException',
        400,
      ],
      [() => new SNSClient(config).send(new ListPlatformApplicationsCommand({})), 'InvalidAction', 400],
      [() => new STSClient(config).send(new GetSessionTokenCommand({})), 'InvalidAction', 400],
      [
        () => new SESv2Client(config).send(new GetBlacklistReportsCommand({ BlacklistItemNames: ['a'] })),
        'UnknownOperationException',
        404,
      ],
      [() => new LambdaClient(config).send(new GetAccountSettingsCommand({})), 'UnknownOperationException', 404],
    ]
    for (const [call, name, status] of calls) {
      const message = expect.stringMatching(/The embedded AWS does not support .*It supports: \w+, \w+/)
      expect(await failure(call())).toMatchObject({ name, status, message })
    }
  })
})

describe('an error of a service', () => {
  test('an error of a service keeps its name and status in each protocol', async () => {
    const missing = new GetItemCommand({ TableName: 'nothing-here', Key: { id: { S: 'a' } } })
    const calls: [() => Promise<unknown>, string, number][] = [
      [() => new DynamoDBClient(config).send(missing), 'ResourceNotFoundException', 400],
      [
        () => new SQSClient(config).send(new GetQueueUrlCommand({ QueueName: 'nothing-here' })),
        'QueueDoesNotExist',
        400,
      ],
      [
        () => new SNSClient(config).send(new GetTopicAttributesCommand({ TopicArn: `${smallTopicArn}-not` })),
        'NotFoundException',
        404,
      ],
      [
        () => new SESv2Client(config).send(new GetSuppressedDestinationCommand({ EmailAddress: 'a@b.example' })),
        'NotFoundException',
        404,
      ],
    ]
    for (const [call, name, status] of calls) expect(await failure(call())).toMatchObject({ name, status })
  })

  test('an error of SQS also has the older code', async () => {
    const call = new SQSClient(config).send(new GetQueueUrlCommand({ QueueName: 'nothing-here' }))
    await expect(call).rejects.toMatchObject({ Code: 'AWS.SimpleQueueService.NonExistentQueue' })
  })

  test('an error names the parameter that is missing or invalid', async () => {
    const calls: [() => Promise<unknown>, string, string][] = [
      [
        () =>
          new STSClient(config).send(
            new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::123456789012:role/x', RoleSessionName: undefined }),
          ),
        'ValidationError',
        "at 'roleSessionName'",
      ],
      [
        () => new SNSClient(config).send(new CreateTopicCommand({ Name: undefined })),
        'InvalidParameterException',
        'Name',
      ],
      [
        () => new SQSClient(config).send(new GetQueueUrlCommand({ QueueName: undefined })),
        'MissingParameter',
        'QueueName',
      ],
      [
        () => new SNSClient(config).send(new GetTopicAttributesCommand({ TopicArn: 'no-arn' })),
        'InvalidParameterException',
        'TopicArn',
      ],
      [
        () =>
          new DynamoDBStreamsClient(config).send(
            new GetShardIteratorCommand({ StreamArn: 'x', ShardId: 'y', ShardIteratorType: 'LATEST' }),
          ),
        'ValidationException',
        'StreamArn',
      ],
    ]
    for (const [call, name, message] of calls) {
      const refusal = await failure(call())
      expect(refusal.name).toBe(name)
      expect(refusal.message).toContain(message)
    }
  })
})

describe('values', () => {
  test('XML preserves every character of a value', async () => {
    const sns = new SNSClient(config)
    const text = 'a <b> & "c" \'d\' \r\n\t ]]> ünï 😀'
    await sns.send(
      new SetTopicAttributesCommand({ TopicArn: smallTopicArn, AttributeName: 'DisplayName', AttributeValue: text }),
    )
    const { Attributes: attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn: smallTopicArn }))
    expect(attributes?.DisplayName).toBe(text)
  })

  test('a form preserves maps and lists', async () => {
    const { TopicArn } = await new SNSClient(config).send(
      new CreateTopicCommand({ Name: 'made', Attributes: { DisplayName: 'one', SignatureVersion: '2' } }),
    )
    const { Attributes: attributes } = await new SNSClient(config).send(new GetTopicAttributesCommand({ TopicArn }))
    expect(attributes).toMatchObject({ DisplayName: 'one', SignatureVersion: '2', Owner: aws.account })
  })

  test('JSON preserves times to the millisecond', async () => {
    const ses = new SESv2Client(config)
    await ses.send(new PutSuppressedDestinationCommand({ EmailAddress: 'a@b.example', Reason: 'BOUNCE' }))
    const { SuppressedDestination: found } = await ses.send(
      new GetSuppressedDestinationCommand({ EmailAddress: 'a@b.example' }),
    )
    expect(found).toMatchObject({ Reason: 'BOUNCE', LastUpdateTime: new Date('2026-03-04T05:06:07.890Z') })
  })

  test('a queue URL identifies the queue with any host', async () => {
    const { QueueUrl } = await new SQSClient(config).send(new GetQueueUrlCommand({ QueueName: 'small-dev-queue' }))
    expect(QueueUrl).toBe(smallQueueUrl)
  })
})
