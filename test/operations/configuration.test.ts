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

async function operated() {
  const it = await deployed()
  const operator = await operatorOf(it.aws)
  const ask = (request: { readonly do: string; readonly [field: string]: unknown }) =>
    manage(operator, { by: 'ann', project: 'acme', ...request }, v.any())
  return { it, ask, operator }
}

describe('manage-connection, under its deployed role', () => {
  test('configures, finds drift, mends it and takes all back', async () => {
    const { it, ask, operator } = await operated()
    const acme = await it.connected('acme', ACME)
    expect(await ask({ do: 'configure' })).toMatchObject({ topics: 'ours', remaining: [], defaults: [] })
    expect(await it.configuration().driftOf(acme)).toEqual([])
    await it.send(acme, 'bounce@simulator.amazonses.com')
    expect(await it.listed('acme')).toHaveLength(1)

    it.set(acme)?.destinations.delete('sesame-complaints')
    expect(await it.configuration().driftOf(acme)).toMatchObject([{ kind: 'destination missing', repairable: true }])
    expect(await ask({ do: 'configure' })).toMatchObject({
      done: [`created the event destination sesame-complaints: COMPLAINT to ${topic('complaints')}`],
      remaining: [],
    })
    expect(await ask({ do: 'disconnect' })).toEqual({ disconnected: true, takenBack: [] })
    expect(it.set(acme)).toBeUndefined()
    expect(await operator.connections.find('acme')).toBeUndefined()
    expect(await ask({ do: 'disconnect' })).toMatchObject({ disconnected: false })
  })

  test('goes the second way where SES refuses our topics, and remembers it', async () => {
    const { it, ask, operator } = await operated()
    const acme = await it.connected('acme', ACME)
    it.aws.ses.acceptsForeignTopics = false
    expect(await ask({ do: 'configure' })).toMatchObject({ topics: 'customer', remaining: [] })
    expect(await operator.connections.find('acme')).toMatchObject({ topics: 'customer', state: 'proven' })
    await it.send(acme, 'bounce@simulator.amazonses.com')
    expect(await it.listed('acme')).toHaveLength(1)
    expect(await ask({ do: 'configure' })).toMatchObject({ topics: 'customer', done: [] })
  }, 30_000)

  test('keeps to the suppression options that the project names', async () => {
    const { it, ask } = await operated()
    const acme = await it.connected('acme', ACME)
    await ask({ do: 'set-project', suppressedReasons: ['COMPLAINT'] })
    await ask({ do: 'configure' })
    expect(it.set(acme)?.suppressedReasons).toEqual(['COMPLAINT'])
    await ask({ do: 'set-project', suppressedReasons: [] })
    expect(await it.configuration().inspect(acme)).toEqual([
      'The suppression options of sesame-acme are COMPLAINT, not none',
    ])
  })

  test('configures nothing that was not proven', async () => {
    const { ask } = await operated()
    await ask({ do: 'connect', account: ACME })
    await expect(ask({ do: 'configure' })).rejects.toThrow('was never proven')
  })
})

describe('what the role may do at our doors and in accounts', () => {
  test('is all used', async () => {
    const { it, ask } = await operated()
    await it.connected('acme', ACME, { topics: 'customer' })
    await ask({ do: 'configure' })
    await ask({ do: 'configure' })
    await it.connected('beta', '444455556666')
    await ask({ do: 'configure', project: 'beta' })
    const used = new Set(
      it.aws.record
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

  test('ends at everything beside it', async () => {
    const { it } = await operated()
    await it.connected('acme', ACME, { topics: 'customer' })
    await it.configuration().configure(await it.connections.usable('acme'))
    const role = `arn:aws:iam::${it.aws.account}:role/sesame/sesame-dev-us-east-1-configuration-management`
    const feedback = `arn:aws:sns:us-east-1:${ACME}:sesame-acme-feedback`
    const stackTopic = `arn:aws:sns:us-east-1:${it.aws.account}:sesame-dev-bounces`
    const deadLetters = it.queueUrl.replace('sesame-dev-feedback', 'sesame-dev-record-feedback-dead-letters')
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
      ['sqs', 'SendMessage', { QueueUrl: it.queueUrl, MessageBody: '{}' }],
      ['sqs', 'ReceiveMessage', { QueueUrl: it.queueUrl }],
      ['sqs', 'SetQueueAttributes', { QueueUrl: deadLetters, Attributes: {} }],
      ['ses', 'GetAccount', {}],
    ]
    for (const [service, operation, input] of refused)
      await expect(it.aws.callAsRole(role, service, operation, input), operation).rejects.toThrow(/not authorized/)
  })

  test('in an account is one operation on one thing: the session refuses the one beside it', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    await it.configuration().configure(acme)
    const marketing = { ConfigurationSetName: 'sesame-beta' }
    const ours = { ConfigurationSetName: 'sesame-acme' }
    const tries: [string, (ses: SESv2Client) => Promise<unknown>][] = [
      ['ses:GetConfigurationSet', (ses) => ses.send(new DeleteConfigurationSetCommand(ours))],
      ['ses:DeleteConfigurationSet', (ses) => ses.send(new GetConfigurationSetCommand(ours))],
      ['ses:DeleteConfigurationSet', (ses) => ses.send(new DeleteConfigurationSetCommand(marketing))],
      ['ses:CreateConfigurationSet', (ses) => ses.send(new CreateConfigurationSetCommand(marketing))],
    ]
    for (const [command, run] of tries) {
      const beside = it
        .sessions()
        .use(acme, { name: 'configure', allow: sessionStatementsOf(acme, [command]) }, (credentials) =>
          run(new SESv2Client(it.aws.clientConfig(credentials))),
        )
      await expect(beside).rejects.toMatchObject({ name: 'PermissionMissingError', refusedBy: 'session policy' })
    }
    expect(it.set(acme)).toBeDefined()
  })
})

describe('record-feedback, under its deployed role', () => {
  test('takes from its queue, and from no other; writes evidence, and no topic of its choice', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME, { topics: 'customer' })
    await it.configuration().configure(acme)
    await it.send(acme, 'bounce@simulator.amazonses.com')
    const used = it.aws.record
      .filter(({ role, verdict }) => role.endsWith('notification-handler') && verdict === 'allowed')
      .map(({ action }) => action)
    for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'dynamodb:UpdateItem'])
      expect(used).toContain(action)
    const role = `arn:aws:iam::${it.aws.account}:role/sesame/sesame-dev-us-east-1-notification-handler`
    const deadLetters = it.queueUrl.replace('sesame-dev-feedback', 'sesame-dev-record-feedback-dead-letters')
    for (const [service, operation, input] of [
      ['sqs', 'ReceiveMessage', { QueueUrl: deadLetters }],
      ['sqs', 'SendMessage', { QueueUrl: it.queueUrl, MessageBody: '{}' }],
      ['sqs', 'SetQueueAttributes', { QueueUrl: it.queueUrl, Attributes: { Policy: '' } }],
      ['sns', 'ConfirmSubscription', { TopicArn: `arn:aws:sns:us-east-1:${ACME}:sesame-acme-feedback`, Token: 'x' }],
    ] as const)
      await expect(it.aws.callAsRole(role, service, operation, input), operation).rejects.toThrow(/not authorized/)
  })
})
