import { DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { ListSuppressedDestinationsCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import type { AwsCredentials, ClientConfig } from '../../local/service.ts'
import { explain } from '../../src/policy/evaluate.ts'
import { assume, failure } from './sign-in.ts'
import { smallQueueUrl, smallTable, smallTemplate, smallTopicArn, writerArn } from './small-template.ts'

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
  test('the gate allows a role what its file grants, and refuses everything else with the error of each service', async () => {
    const dynamodb = new DynamoDBClient(config)
    await dynamodb.send(new PutItemCommand({ TableName: smallTable, Item: key }))
    expect(await failure(dynamodb.send(new GetItemCommand({ TableName: smallTable, Key: key })))).toEqual({
      name: 'AccessDeniedException',
      status: 400,
      message: `User: ${writerSession} is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:123456789012:table/${smallTable} because no identity-based policy allows the dynamodb:GetItem action`,
    })
    const others: [() => Promise<unknown>, string, number, string][] = [
      [
        () => new SNSClient(config).send(new PublishCommand({ TopicArn: smallTopicArn, Message: 'm' })),
        'AuthorizationErrorException',
        403,
        'sns:Publish',
      ],
      [
        () => new SQSClient(config).send(new SendMessageCommand({ QueueUrl: smallQueueUrl, MessageBody: 'm' })),
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

  test('the gate requires no permission for GetCallerIdentity', async () => {
    const { Arn: arn } = await new STSClient(config).send(new GetCallerIdentityCommand({}))
    expect(arn).toBe(writerSession)
  })

  test('the gate records every allowed and refused call with its reasons', async () => {
    const before = aws.record.length
    const dynamodb = new DynamoDBClient(config)
    await dynamodb.send(new PutItemCommand({ TableName: smallTable, Item: key }))
    await failure(dynamodb.send(new ScanCommand({ TableName: smallTable })))
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

  test('a refused call has no effect', async () => {
    const items = await aws.dynamodb.items(smallTable)
    const stranger = new DynamoDBClient(aws.clientConfig(aws.credentials.root('444455556666')))
    const put = new PutItemCommand({
      TableName: `arn:aws:dynamodb:us-east-1:123456789012:table/${smallTable}`,
      Item: { ...key, x: { S: 'y' } },
    })
    expect((await failure(stranger.send(put))).name).toMatch(/AccessDenied|Validation/)
    expect(await aws.dynamodb.items(smallTable)).toEqual(items)
  })

  test('the gate allows a call by a service only when the policy of the resource allows it, and refuses others', async () => {
    const publish = (principal: string, sourceAccount: string) =>
      aws.callAsService(principal, { sourceAccount }, 'sns', 'Publish', { TopicArn: smallTopicArn, Message: 'm' })
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
        TopicArn: smallTopicArn,
        AttributeName: 'Policy',
        AttributeValue: JSON.stringify({
          Version: '2012-10-17',
          Statement: {
            Effect: 'Allow',
            Principal: { Service: 'ses.amazonaws.com' },
            Action: 'sns:Publish',
            Resource: smallTopicArn,
            Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
          },
        }),
      },
    })
    await expect(publish('ses.amazonaws.com', '111122223333')).resolves.toHaveProperty('MessageId')
    await expect(publish('ses.amazonaws.com', '444455556666')).rejects.toMatchObject({ code: 'AuthorizationError' })
    await expect(publish('s3.amazonaws.com', '111122223333')).rejects.toMatchObject({ code: 'AuthorizationError' })
  })

  test('the gate allows the platform what the role allows, and refuses everything else', async () => {
    const put = (Item: object) => aws.callAsRole(writerArn, 'dynamodb', 'PutItem', { TableName: smallTable, Item })
    await expect(put(key)).resolves.toBeDefined()
    await expect(
      aws.callAsRole(writerArn, 'sqs', 'SendMessage', { QueueUrl: smallQueueUrl, MessageBody: 'm' }),
    ).rejects.toMatchObject({ code: 'AccessDenied' })
  })
})
