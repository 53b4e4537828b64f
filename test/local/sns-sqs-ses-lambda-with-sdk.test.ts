/** SNS, SQS, SES and Lambda through unmodified SDK clients: requests and responses pass the wire layer. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import {
  CreateConfigurationSetCommand,
  CreateConfigurationSetEventDestinationCommand,
  CreateEmailIdentityCommand,
  DeleteSuppressedDestinationCommand,
  GetAccountCommand,
  GetConfigurationSetCommand,
  GetConfigurationSetEventDestinationsCommand,
  GetEmailIdentityCommand,
  GetSuppressedDestinationCommand,
  ListEmailIdentitiesCommand,
  ListSuppressedDestinationsCommand,
  PutAccountSuppressionAttributesCommand,
  PutConfigurationSetSuppressionOptionsCommand,
  PutSuppressedDestinationCommand,
  SESv2Client,
  SendEmailCommand,
} from '@aws-sdk/client-sesv2'
import {
  CreateTopicCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns'
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'
import { startAws } from '../../local/aws.ts'
import { smallTemplate, writerArn } from './small-template.ts'

const OWN = '123456789012'
const CUSTOMER = '111122223333'

async function start(account = OWN) {
  const aws = await startAws({ template: smallTemplate })
  const config = aws.clientConfig(aws.credentials.root(account))
  return {
    aws,
    sqs: new SQSClient(config),
    sns: new SNSClient(config),
    ses: new SESv2Client(config),
    lambda: new LambdaClient(config),
  }
}

const functionNamed = (name: string) => ({
  key: name,
  name,
  arn: `arn:aws:lambda:us-east-1:${OWN}:function:${name}`,
  handler: `src/handlers/${name}.handler`,
  roleArn: writerArn,
  environment: {},
  timeoutSeconds: 5,
  maximumRetryAttempts: 2,
  logGroup: `/aws/lambda/${name}`,
})

test('an SDK client sends and receives SQS messages with their attributes and digests', async () => {
  const { sqs } = await start()
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: 'letters', Attributes: { VisibilityTimeout: '60' } }),
  )
  expect(await sqs.send(new GetQueueUrlCommand({ QueueName: 'letters' }))).toMatchObject({ QueueUrl })
  const bytes = new Uint8Array([1, 2, 3])
  await sqs.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: 'grüße',
      MessageAttributes: {
        text: { DataType: 'String', StringValue: 'a' },
        bytes: { DataType: 'Binary', BinaryValue: bytes },
      },
    }),
  )
  await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', MessageBody: 'b' }] }))
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      WaitTimeSeconds: 20,
    }),
  )
  expect(Messages).toMatchObject([
    {
      Body: 'grüße',
      MessageAttributes: { text: { StringValue: 'a' }, bytes: { BinaryValue: bytes } },
      Attributes: { ApproximateReceiveCount: '1' },
    },
    { Body: 'b' },
  ])
  const [first, second] = Messages.map(({ ReceiptHandle }) => ReceiptHandle)
  await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: first, VisibilityTimeout: 0 }))
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second }))
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '5' } }))
  const described = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))
  expect(described.Attributes).toMatchObject({ ApproximateNumberOfMessages: '1', VisibilityTimeout: '5' })
  const Entries = [{ Id: 'x', ReceiptHandle: 'nonsense' }]
  expect(await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))).toMatchObject({
    Failed: [{ Id: 'x', Code: 'ReceiptHandleIsInvalid' }],
  })
  await sqs.send(new PurgeQueueCommand({ QueueUrl }))
  expect(await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).not.toHaveProperty('Messages')
})

test('an SDK client receives the errors of SQS by name', async () => {
  const { sqs } = await start()
  const missing = sqs.send(new GetQueueUrlCommand({ QueueName: 'none' }))
  await expect(missing).rejects.toMatchObject({ name: 'QueueDoesNotExist' })
  const unknown = sqs.send(new CreateQueueCommand({ QueueName: 'a', Attributes: { FifoQueue: 'true' } }))
  await expect(unknown).rejects.toMatchObject({ name: 'InvalidAttributeName' })
})

test('an SDK client creates a topic, subscribes, publishes and unsubscribes', async () => {
  const { aws, sns, sqs } = await start()
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'news', Attributes: { DisplayName: 'News' } }))
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'readers' }))
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: `arn:aws:sqs:us-east-1:${OWN}:readers`,
      Condition: { ArnEquals: { 'aws:SourceArn': TopicArn } },
    },
  })
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }))
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: `arn:aws:sqs:us-east-1:${OWN}:readers`,
      Attributes: { RawMessageDelivery: 'true' },
      ReturnSubscriptionArn: true,
    }),
  )
  const kind = { DataType: 'Binary', BinaryValue: new Uint8Array([7]) }
  await sns.send(new PublishCommand({ TopicArn, Message: 'news & more', MessageAttributes: { kind } }))
  await aws.settled()
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] }))
  expect(Messages).toMatchObject([{ Body: 'news & more', MessageAttributes: { kind } }])
  expect(await sns.send(new GetTopicAttributesCommand({ TopicArn }))).toMatchObject({
    Attributes: { DisplayName: 'News', SubscriptionsConfirmed: '1' },
  })
  const listed = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))
  expect(listed.Subscriptions).toMatchObject([{ SubscriptionArn, Protocol: 'sqs' }])
  await sns.send(new UnsubscribeCommand({ SubscriptionArn }))
  const broken = sns.send(
    new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue: '{"Statement":1}' }),
  )
  await expect(broken).rejects.toMatchObject({ name: 'InvalidParameterException' })
})

test('an SDK client sets up SES, sends, and manages the account list', async () => {
  const { aws, ses } = await start(CUSTOMER)
  await ses.send(new CreateEmailIdentityCommand({ EmailIdentity: 'shop.example' }))
  expect(await ses.send(new GetEmailIdentityCommand({ EmailIdentity: 'shop.example' }))).toMatchObject({
    IdentityType: 'DOMAIN',
    VerifiedForSendingStatus: true,
  })
  const identities = await ses.send(new ListEmailIdentitiesCommand({}))
  expect(identities.EmailIdentities).toMatchObject([{ IdentityName: 'shop.example' }])
  const ConfigurationSetName = 'sesame'
  await ses.send(new CreateConfigurationSetCommand({ ConfigurationSetName }))
  await ses.send(
    new PutConfigurationSetSuppressionOptionsCommand({ ConfigurationSetName, SuppressedReasons: ['BOUNCE'] }),
  )
  expect(await ses.send(new GetConfigurationSetCommand({ ConfigurationSetName }))).toMatchObject({
    SuppressionOptions: { SuppressedReasons: ['BOUNCE'] },
  })
  const destinations = await ses.send(new GetConfigurationSetEventDestinationsCommand({ ConfigurationSetName }))
  expect(destinations.EventDestinations).toEqual([])
  const sent = await ses.send(
    new SendEmailCommand({
      FromEmailAddress: 'news@shop.example',
      Destination: { ToAddresses: ['success@simulator.amazonses.com'] },
      Content: { Raw: { Data: Buffer.from('Subject: Hello\r\n\r\nHi') } },
      ConfigurationSetName,
    }),
  )
  expect(sent.MessageId).toMatch(/^0100/)
  await aws.settled()
  expect(aws.ses.account(CUSTOMER).outgoingMails).toMatchObject([{ subject: 'Hello' }])

  const EmailAddress = 'Jane+x@mail.example'
  await ses.send(new PutSuppressedDestinationCommand({ EmailAddress, Reason: 'COMPLAINT' }))
  expect(await ses.send(new GetSuppressedDestinationCommand({ EmailAddress }))).toMatchObject({
    SuppressedDestination: { EmailAddress, Reason: 'COMPLAINT', LastUpdateTime: expect.any(Date) },
  })
  const listed = await ses.send(
    new ListSuppressedDestinationsCommand({ Reasons: ['COMPLAINT'], StartDate: new Date(0), PageSize: 1 }),
  )
  expect(listed.SuppressedDestinationSummaries).toMatchObject([{ EmailAddress }])
  await ses.send(new DeleteSuppressedDestinationCommand({ EmailAddress }))
  await expect(ses.send(new GetSuppressedDestinationCommand({ EmailAddress }))).rejects.toMatchObject({
    name: 'NotFoundException',
  })
  await ses.send(new PutAccountSuppressionAttributesCommand({ SuppressedReasons: [] }))
  expect(await ses.send(new GetAccountCommand({}))).toMatchObject({
    ProductionAccessEnabled: true,
    SendQuota: { SentLast24Hours: 1 },
    SuppressionAttributes: { SuppressedReasons: [] },
  })
})

test('SES refuses a destination whose topic does not allow the account', async () => {
  const { aws, ses } = await start(CUSTOMER)
  const [TopicArn] = aws.sns.topics.keys()
  await ses.send(new CreateConfigurationSetCommand({ ConfigurationSetName: 'sesame' }))
  const refused = ses.send(
    new CreateConfigurationSetEventDestinationCommand({
      ConfigurationSetName: 'sesame',
      EventDestinationName: 'bounces',
      EventDestination: { Enabled: true, MatchingEventTypes: ['BOUNCE'], SnsDestination: { TopicArn } },
    }),
  )
  await expect(refused).rejects.toMatchObject({ name: 'BadRequestException' })
})

test('a sandbox that crashes between two writes leaves the first write, and a new sandbox retries', async () => {
  const { aws, lambda } = await start()
  const items = () => aws.dynamodb.items('small-dev-list')
  aws.lambda.register(functionNamed('small-dev-write'), {
    make: ({ client }) => {
      const dynamodb = new DynamoDBClient(client)
      return async () => {
        for (const address of ['a', 'b']) {
          const Item = { project: { S: 'p' }, address: { S: address }, turn: { N: String(aws.lambda.attempts.length) } }
          await dynamodb.send(new PutItemCommand({ TableName: 'small-dev-list', Item }))
        }
      }
    },
  })
  aws.lambda.crash('small-dev-write', 1)
  await lambda.send(new InvokeCommand({ FunctionName: 'small-dev-write', InvocationType: 'RequestResponse' }))
  expect(await items()).toMatchObject([{ address: { S: 'a' }, turn: { N: '0' } }])
  await lambda.send(new InvokeCommand({ FunctionName: 'small-dev-write', InvocationType: 'Event' }))
  await aws.settled()
  expect(await items()).toMatchObject([{ turn: { N: '1' } }, { address: { S: 'b' }, turn: { N: '1' } }])
  expect(aws.lambda.attempts.map(({ coldStart }) => coldStart)).toEqual([true, true])
})

test('an SDK client receives the result and the errors of a function', async () => {
  const { aws, lambda } = await start()
  const definition = functionNamed('small-dev-echo')
  aws.lambda.register(definition, {
    make: () => async (event) => {
      if (JSON.stringify(event) === '{}') throw new RangeError('empty')
      return { got: event }
    },
  })
  const invoke = (payload: string) =>
    lambda.send(new InvokeCommand({ FunctionName: definition.name, Payload: Buffer.from(payload) }))
  const answer = await invoke('{"a":1}')
  expect(answer).toMatchObject({ StatusCode: 200 })
  expect(JSON.parse(answer.Payload?.transformToString() ?? '')).toEqual({ got: { a: 1 } })
  const failed = await invoke('{}')
  expect(failed.FunctionError).toBe('Unhandled')
  expect(JSON.parse(failed.Payload?.transformToString() ?? '')).toMatchObject({
    errorType: 'RangeError',
    errorMessage: 'empty',
  })
  const missing = lambda.send(new InvokeCommand({ FunctionName: 'none' }))
  await expect(missing).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})
