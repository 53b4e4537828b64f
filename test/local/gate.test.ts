import { DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { ListSuppressedDestinationsCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import type { AwsCredentials, ClientConfig } from '../../local/service.ts'
import { explain } from '../../src/policy/evaluate.ts'
import { assume, failure } from './sign-in.ts'
import { queueUrl, smallTemplate, table, topicArn, writerArn } from './small-template.ts'

let aws: Aws
let writer: AwsCredentials
let config: ClientConfig

beforeAll(async () => {
  aws = await startAws({ template: smallTemplate })
  writer = await assume(aws, aws.credentials.root(aws.account), { RoleArn: writerArn })
  config = aws.clientConfig(writer)
})

const key = { project: { S: 'p' }, address: { S: 'a' } }
const writerSession = 'arn:aws:sts::123456789012:assumed-role/writer/test'

describe('the gate', () => {
  it('lets a role do what its file grants, and refuses the rest in the words of each service', async () => {
    const dynamodb = new DynamoDBClient(config)
    await dynamodb.send(new PutItemCommand({ TableName: table, Item: key }))
    expect(await failure(dynamodb.send(new GetItemCommand({ TableName: table, Key: key })))).toEqual({
      name: 'AccessDeniedException',
      status: 400,
      message: `User: ${writerSession} is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:123456789012:table/${table} because no identity-based policy allows the dynamodb:GetItem action`,
    })
    const others: [() => Promise<unknown>, string, number, string][] = [
      [
        () => new SNSClient(config).send(new PublishCommand({ TopicArn: topicArn, Message: 'm' })),
        'AuthorizationErrorException',
        403,
        'sns:Publish',
      ],
      [
        () => new SQSClient(config).send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'm' })),
        'AccessDenied',
        403,
        'sqs:SendMessage',
      ],
      [
        () => new SESv2Client(config).send(new ListSuppressedDestinationsCommand({})),
        'AccessDeniedException',
        403,
        'ses:ListSuppressedDestinations',
      ],
      [
        () => new LambdaClient(config).send(new InvokeCommand({ FunctionName: 'f' })),
        'AccessDeniedException',
        403,
        'lambda:InvokeFunction',
      ],
    ]
    for (const [call, name, status, action] of others) {
      const refusal = await failure(call())
      expect(refusal).toMatchObject({ name, status })
      expect(refusal.message).toContain(`is not authorized to perform: ${action} on resource: `)
    }
  })

  it('asks nothing for GetCallerIdentity', async () => {
    const { Arn: arn } = await new STSClient(config).send(new GetCallerIdentityCommand({}))
    expect(arn).toBe(writerSession)
  })

  it('keeps a line of every call, allowed or refused, with what decided it', async () => {
    const before = aws.record.length
    const dynamodb = new DynamoDBClient(config)
    await dynamodb.send(new PutItemCommand({ TableName: table, Item: key }))
    await failure(dynamodb.send(new ScanCommand({ TableName: table })))
    const lines = aws.record.slice(before)
    expect(lines).toMatchObject([
      { role: 'writer', operation: 'PutItem', action: 'dynamodb:PutItem', verdict: 'allowed' },
      { role: 'writer', operation: 'Scan', action: 'dynamodb:Scan', verdict: 'denied' },
    ])
    expect(lines.map(({ decision }) => explain(decision))).toEqual([
      expect.stringContaining('WriteTheList of writer allows dynamodb:PutItem'),
      expect.stringContaining('denied: no statement of writer allows dynamodb:Scan'),
    ])
  })

  it('does not let a refused call do anything', async () => {
    const items = await aws.dynamodb.items(table)
    const stranger = new DynamoDBClient(aws.clientConfig(aws.credentials.root('444455556666')))
    const put = new PutItemCommand({
      TableName: `arn:aws:dynamodb:us-east-1:123456789012:table/${table}`,
      Item: { ...key, x: { S: 'y' } },
    })
    expect((await failure(stranger.send(put))).name).toMatch(/AccessDenied|Validation/)
    expect(await aws.dynamodb.items(table)).toEqual(items)
  })

  it('lets a service call only where the resource’s own policy admits it', async () => {
    const publish = (principal: string, sourceAccount: string) =>
      aws.callAsService(principal, { sourceAccount }, 'sns', 'Publish', { TopicArn: topicArn, Message: 'm' })
    await expect(publish('ses.amazonaws.com', aws.account)).rejects.toMatchObject({ code: 'AuthorizationError' })
    await aws.sns.operations.SetTopicAttributes?.({
      service: 'sns',
      operation: 'SetTopicAttributes',
      account: aws.account,
      region: aws.region,
      at: new Date(),
      caller: {
        principal: { kind: 'anonymous' },
        account: aws.account,
        accessKeyId: '',
        identity: [],
        isSession: false,
        context: {},
      },
      input: {
        TopicArn: topicArn,
        AttributeName: 'Policy',
        AttributeValue: JSON.stringify({
          Version: '2012-10-17',
          Statement: {
            Effect: 'Allow',
            Principal: { Service: 'ses.amazonaws.com' },
            Action: 'sns:Publish',
            Resource: topicArn,
            Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
          },
        }),
      },
    })
    await expect(publish('ses.amazonaws.com', '111122223333')).resolves.toHaveProperty('MessageId')
    await expect(publish('ses.amazonaws.com', '444455556666')).rejects.toMatchObject({ code: 'AuthorizationError' })
    await expect(publish('s3.amazonaws.com', '111122223333')).rejects.toMatchObject({ code: 'AuthorizationError' })
  })

  it('lets the platform do with a role what the role may', async () => {
    const put = (Item: object) => aws.callAsRole(writerArn, 'dynamodb', 'PutItem', { TableName: table, Item })
    await expect(put(key)).resolves.toBeDefined()
    await expect(
      aws.callAsRole(writerArn, 'sqs', 'SendMessage', { QueueUrl: queueUrl, MessageBody: 'm' }),
    ).rejects.toMatchObject({ code: 'AccessDenied' })
  })
})
