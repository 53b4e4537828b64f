import {
  CreateConfigurationSetCommand,
  DeleteConfigurationSetCommand,
  GetConfigurationSetCommand,
  SESv2Client,
} from '@aws-sdk/client-sesv2'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { sessionStatementsOf } from '../../src/access/session/session-policy.ts'
import { manage } from '../../src/cli/invoke.ts'
import { operatorOf } from '../cli/operator.ts'
import { ACME, deployed, topic } from '../configuration/configured-account.ts'

async function operatedStack() {
  const stack = await deployed()
  const operator = await operatorOf(stack.aws)
  const ask = (request: { readonly do: string; readonly [field: string]: unknown }) =>
    manage(operator, { by: 'ann', project: 'acme', ...request }, v.any())
  return { it: stack, ask, operator }
}

describe('configure and disconnect, under the deployed role of manage-connection', () => {
  test('configure sets up the account and repairs drift, and disconnect undoes it', async () => {
    const { it: stack, ask, operator } = await operatedStack()
    const acme = await stack.connected('acme', ACME)
    expect(await ask({ do: 'configure' })).toMatchObject({ topics: 'ours', remaining: [], defaults: [] })
    expect(await stack.configuration().driftOf(acme)).toEqual([])
    await stack.send(acme, 'bounce@simulator.amazonses.com')
    expect(await stack.listed('acme')).toHaveLength(1)

    stack.set(acme)?.destinations.delete('sesame-complaints')
    expect(await stack.configuration().driftOf(acme)).toMatchObject([{ kind: 'destination missing', repairable: true }])
    expect(await ask({ do: 'configure' })).toMatchObject({
      done: [`created the event destination sesame-complaints: COMPLAINT to ${topic('complaints')}`],
      remaining: [],
    })
    expect(await ask({ do: 'disconnect' })).toEqual({ disconnected: true, takenBack: [] })
    expect(stack.set(acme)).toBeUndefined()
    expect(await operator.connections.find('acme')).toBeUndefined()
    expect(await ask({ do: 'disconnect' })).toMatchObject({ disconnected: false })
  })

  test('configure uses a topic in the customer’s account if SES refuses ours, and the connection stores that', async () => {
    const { it: stack, ask, operator } = await operatedStack()
    const acme = await stack.connected('acme', ACME)
    stack.aws.ses.acceptsForeignTopics = false
    expect(await ask({ do: 'configure' })).toMatchObject({ topics: 'customer', remaining: [] })
    expect(await operator.connections.find('acme')).toMatchObject({ topics: 'customer', state: 'proven' })
    await stack.send(acme, 'bounce@simulator.amazonses.com')
    expect(await stack.listed('acme')).toHaveLength(1)
    expect(await ask({ do: 'configure' })).toMatchObject({ topics: 'customer', done: [] })
  }, 30_000)

  test('configure sets the suppression options of the project', async () => {
    const { it: stack, ask } = await operatedStack()
    const acme = await stack.connected('acme', ACME)
    await ask({ do: 'set-project', suppressedReasons: ['COMPLAINT'] })
    await ask({ do: 'configure' })
    expect(stack.set(acme)?.suppressedReasons).toEqual(['COMPLAINT'])
    await ask({ do: 'set-project', suppressedReasons: [] })
    expect(await stack.configuration().inspect(acme)).toEqual([
      'The suppression options of sesame-acme are COMPLAINT, not none',
    ])
  })

  test('configure refuses a connection that was never proven', async () => {
    const { ask } = await operatedStack()
    await ask({ do: 'connect', account: ACME })
    await expect(ask({ do: 'configure' })).rejects.toThrow('was never proven')
  })
})

describe('the role configuration-management', () => {
  test('the role uses its grants on topics, the queue and customers’ roles', async () => {
    const { it: stack, ask } = await operatedStack()
    await stack.connected('acme', ACME, { topics: 'customer' })
    await ask({ do: 'configure' })
    await ask({ do: 'configure' })
    await stack.connected('beta', '444455556666')
    await ask({ do: 'configure', project: 'beta' })
    const used = new Set(
      stack.aws.record
        .filter(({ role, verdict }) => role.endsWith('configuration-management') && verdict === 'allowed')
        .map(({ action }) => action),
    )
    for (const action of [
      'sns:GetTopicAttributes',
      'sns:SetTopicAttributes',
      'sns:Subscribe',
      'sqs:GetQueueAttributes',
      'sqs:SetQueueAttributes',
      'sts:AssumeRole',
    ])
      expect(used).toContain(action)
  })

  test('the role is denied other topics, queues, operations and endpoints', async () => {
    const { it: stack } = await operatedStack()
    await stack.connected('acme', ACME, { topics: 'customer' })
    await stack.configuration().configure(await stack.connections.usable('acme'))
    const role = `arn:aws:iam::${stack.aws.account}:role/sesame/sesame-dev-us-east-1-configuration-management`
    const feedback = `arn:aws:sns:us-east-1:${ACME}:sesame-acme-feedback`
    const stackTopic = `arn:aws:sns:us-east-1:${stack.aws.account}:sesame-dev-bounces`
    const deadLetters = stack.queueUrl.replace('sesame-dev-feedback', 'sesame-dev-record-feedback-dead-letters')
    const policy = { AttributeName: 'Policy', AttributeValue: '{}' }
    const refused: [string, string, object][] = [
      ['sns', 'SetTopicAttributes', { TopicArn: stackTopic, ...policy }],
      ['sns', 'GetTopicAttributes', { TopicArn: stackTopic }],
      ['sns', 'Publish', { TopicArn: topic('bounces'), Message: '{}' }],
      ['sns', 'SetTopicAttributes', { TopicArn: feedback, ...policy }],
      ['sns', 'Subscribe', { TopicArn: feedback, Protocol: 'sqs', Endpoint: `arn:aws:sqs:us-east-1:${ACME}:spy` }],
      [
        'sns',
        'Subscribe',
        {
          TopicArn: topic('bounces'),
          Protocol: 'lambda',
          Endpoint: 'arn:aws:lambda:us-east-1:123456789012:function:spy',
        },
      ],
      ['sns', 'DeleteTopic', { TopicArn: topic('bounces') }],
      ['sqs', 'SendMessage', { QueueUrl: stack.queueUrl, MessageBody: '{}' }],
      ['sqs', 'ReceiveMessage', { QueueUrl: stack.queueUrl }],
      ['sqs', 'SetQueueAttributes', { QueueUrl: deadLetters, Attributes: {} }],
      ['ses', 'GetAccount', {}],
    ]
    for (const [service, operation, input] of refused)
      await expect(stack.aws.callAsRole(role, service, operation, input), operation).rejects.toThrow(/not authorized/)
  })

  test('a session in a customer’s account allows one operation on one resource and denies every other', async () => {
    const stack = await deployed()
    const acme = await stack.connected('acme', ACME)
    await stack.configuration().configure(acme)
    const marketing = { ConfigurationSetName: 'sesame-beta' }
    const ours = { ConfigurationSetName: 'sesame-acme' }
    const attempts: [string, (ses: SESv2Client) => Promise<unknown>][] = [
      ['ses:GetConfigurationSet', (ses) => ses.send(new DeleteConfigurationSetCommand(ours))],
      ['ses:DeleteConfigurationSet', (ses) => ses.send(new GetConfigurationSetCommand(ours))],
      ['ses:DeleteConfigurationSet', (ses) => ses.send(new DeleteConfigurationSetCommand(marketing))],
      ['ses:CreateConfigurationSet', (ses) => ses.send(new CreateConfigurationSetCommand(marketing))],
    ]
    for (const [command, run] of attempts) {
      const denied = stack
        .sessions()
        .use(acme, { name: 'configure', allow: sessionStatementsOf(acme, [command]) }, (credentials) =>
          run(new SESv2Client(stack.aws.clientConfig(credentials))),
        )
      await expect(denied).rejects.toMatchObject({ name: 'PermissionMissingError', refusedBy: 'session policy' })
    }
    expect(stack.set(acme)).toBeDefined()
  })
})

describe('record-feedback, under its deployed role', () => {
  test('record-feedback reads only its own queue and writes evidence, and may not confirm a subscription', async () => {
    const stack = await deployed()
    const acme = await stack.connected('acme', ACME, { topics: 'customer' })
    await stack.configuration().configure(acme)
    await stack.send(acme, 'bounce@simulator.amazonses.com')
    const used = stack.aws.record
      .filter(({ role, verdict }) => role.endsWith('notification-handler') && verdict === 'allowed')
      .map(({ action }) => action)
    for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'dynamodb:UpdateItem'])
      expect(used).toContain(action)
    const role = `arn:aws:iam::${stack.aws.account}:role/sesame/sesame-dev-us-east-1-notification-handler`
    const deadLetters = stack.queueUrl.replace('sesame-dev-feedback', 'sesame-dev-record-feedback-dead-letters')
    for (const [service, operation, input] of [
      ['sqs', 'ReceiveMessage', { QueueUrl: deadLetters }],
      ['sqs', 'SendMessage', { QueueUrl: stack.queueUrl, MessageBody: '{}' }],
      ['sqs', 'SetQueueAttributes', { QueueUrl: stack.queueUrl, Attributes: { Policy: '' } }],
      ['sns', 'ConfirmSubscription', { TopicArn: `arn:aws:sns:us-east-1:${ACME}:sesame-acme-feedback`, Token: 'x' }],
    ] as const)
      await expect(stack.aws.callAsRole(role, service, operation, input), operation).rejects.toThrow(/not authorized/)
  })
})
