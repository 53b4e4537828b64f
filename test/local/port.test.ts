import { request } from 'node:http'
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { ListSuppressedDestinationsCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns'
import { GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { expect, test } from 'vitest'
import { startAws } from '../../local/aws.ts'
import { smallTable, smallTemplate, smallTopicArn } from './small-template.ts'

test('one port serves unmodified SDK clients of every service, and keeps serving after invalid requests', async () => {
  const aws = await startAws({ template: smallTemplate })
  const { url, close } = await aws.listen(0)
  try {
    const config = { region: aws.region, endpoint: url, credentials: aws.credentials.root(aws.account) }
    expect((await new DynamoDBClient(config).send(new ListTablesCommand({}))).TableNames).toEqual([smallTable])
    expect((await new STSClient(config).send(new GetCallerIdentityCommand({}))).Account).toBe(aws.account)
    const sqs = new SQSClient(config)
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'small-dev-queue' }))
    expect(QueueUrl).toBe(`${url}/${aws.account}/small-dev-queue`)
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }))
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.[0]?.Body).toBe('hello')
    const twice = new ListSuppressedDestinationsCommand({ Reasons: ['COMPLAINT', 'BOUNCE'] })
    await expect(new SESv2Client(config).send(twice)).resolves.toBeDefined()
    const subscriptions = new ListSubscriptionsByTopicCommand({ TopicArn: smallTopicArn })
    expect((await new SNSClient(config).send(subscriptions)).Subscriptions ?? []).toEqual([])

    expect(await status(url, { method: 'POST', path: '/' }, '{')).toBe(403)
    expect(await status(url, { method: 'GET', path: '/?a=%zz' })).toBe(400)
    expect(await status(url, { method: 'PUT', path: '/%' })).toBe(403)
    expect(await status(url, { method: 'POST', path: '/' }, 'x'.repeat(17 * 1024 * 1024))).toBe(413)
    expect((await new STSClient(config).send(new GetCallerIdentityCommand({}))).Account).toBe(aws.account)
    expect(aws.defects).toEqual([])
  } finally {
    await close()
  }
})

function status(url: string, options: { method: string; path: string }, body = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    // The server stops reading a body that is too large, and the answer may still arrive.
    sent.on('error', reject)
    sent.end(body)
  })
}
