import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import * as v from 'valibot'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { requestOperation } from '../../src/cli/invoke.ts'
import type { StackAccess } from '../../src/cli/stack.ts'
import {
  DeadLetterAnswer,
  DeadLettersAnswer,
  DropDeadLettersAnswer,
  ReplayDeadLettersAnswer,
} from '../../src/operations/answers.ts'
import { operatorOf } from '../cli/operator.ts'
import { account, route, sesEvent, table } from '../suppression/feedback.ts'

let aws: Aws
let clock: ReturnType<typeof createManualClock>
let operator: StackAccess
beforeEach(async () => {
  clock = createManualClock(new Date('2026-03-02T12:00:00Z'))
  aws = await startAws({ account, clock })
  operator = await operatorOf(aws)
})

const bounceOf = (address: string, set: string) =>
  sesEvent(
    { kind: 'hard', addresses: [address], at: new Date('2026-03-01T10:00:00Z'), feedbackId: `feedback-${address}` },
    set,
  )
const publish = async (event: object) => {
  await aws.callAsService(
    'ses.amazonaws.com',
    { sourceAccount: account, sourceArn: `arn:aws:ses:us-east-1:${account}:configuration-set/sesame-acme` },
    'sns',
    'Publish',
    { TopicArn: `arn:aws:sns:us-east-1:${aws.account}:sesame-dev-bounces`, Message: JSON.stringify(event) },
  )
  await aws.settled()
}
/** Puts a message into a queue, as AWS does for what it could not deliver. */
const put = async (queue: string, message: unknown) => {
  const config = aws.clientConfig(aws.credentials.root(aws.account))
  const { MessageId = '' } = await new SQSClient(config).send(
    new SendMessageCommand({
      QueueUrl: `${config.endpoint}/${aws.account}/sesame-dev-${queue}-dead-letters`,
      MessageBody: typeof message === 'string' ? message : JSON.stringify(message),
    }),
  )
  return MessageId
}
const ask = <Schema extends v.GenericSchema>(request: { do: string; [field: string]: unknown }, answer: Schema) =>
  requestOperation(operator, 'manage-dead-letters', { by: 'ann', ...request }, answer)
const list = (wanted: object = {}) => ask({ do: 'list', ...wanted }, DeadLettersAnswer)
const replay = (wanted: object) => ask({ do: 'replay', ...wanted }, ReplayDeadLettersAnswer)
const recorded = async () =>
  (await aws.dynamodb.items(table)).map(({ project, address }) => `${project?.S} ${address?.S}`).sort()

describe('manage-dead-letters', () => {
  test('list names the cause, the event and the project of each letter, and leaves every letter in its queue', async () => {
    await publish(bounceOf('a@example.com', 'sesame-globex'))
    await route(aws, 'sesame-acme', 'acme')
    const undelivered = {
      Type: 'Notification',
      TopicArn: `arn:aws:sns:us-east-1:${aws.account}:sesame-dev-connected-bounces-1`,
      Message: JSON.stringify(bounceOf('b@example.com', 'sesame-acme')),
    }
    const id = await put('connected', undelivered)
    await put('record-feedback', 'not an event')

    const first = await list()
    expect(first.more).toBe(false)
    expect(first.letters).toHaveLength(3)
    expect(first.letters).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          queue: 'record-bounce',
          event: 'Bounce',
          cause: expect.stringContaining(`No project owns account ${account} with configuration set sesame-globex`),
        }),
        {
          id,
          queue: 'connected',
          event: 'Bounce',
          project: 'acme',
          cause: 'SNS could not invoke the function',
          at: '2026-03-02T12:00:00.000Z',
        },
        expect.objectContaining({ queue: 'record-feedback', cause: expect.stringContaining('is not valid JSON') }),
      ]),
    )
    expect(await list()).toEqual(first)
    expect((await list({ project: 'acme' })).letters.map(({ id }) => id)).toEqual([id])
    expect((await list({ project: '-' })).letters).toHaveLength(2)
    expect((await list({ cause: 'NO PROJECT owns' })).letters.map(({ queue }) => queue)).toEqual(['record-bounce'])
    expect((await list({ queue: 'record-feedback' })).letters).toHaveLength(1)
  })

  test('show returns the message as it is in the queue, and nothing for an id that no queue holds', async () => {
    const id = await put('record-bounce', { Records: [{ Sns: { Message: 'x' } }] })
    const { letter } = await ask({ do: 'show', id }, DeadLetterAnswer)
    expect(letter).toMatchObject({ id, content: { Records: [{ Sns: { Message: 'x' } }] } })
    expect(await ask({ do: 'show', id: 'another' }, DeadLetterAnswer)).toEqual({ more: false })
    expect((await list()).letters).toHaveLength(1)
  })

  test('list, show and drop handle a message that is nested 100,000 levels deep', async () => {
    const id = await put('record-bounce', '['.repeat(100_000) + ']'.repeat(100_000))
    expect((await list()).letters.map((letter) => letter.id)).toEqual([id])
    const { letter } = await ask({ do: 'show', id }, DeadLetterAnswer)
    expect(JSON.stringify(letter?.content)).toContain('(nested too deeply)')
    expect((await ask({ do: 'drop', ids: [id] }, DropDeadLettersAnswer)).dropped).toHaveLength(1)
  })

  test('show hides external ids and credentials that a record of CloudTrail holds', async () => {
    const secrets = {
      externalId: '0123456789abcdef0123456789abcdef',
      roleArn: 'arn:aws:iam::111122223333:role/sesame/x',
    }
    const detail = { requestParameters: secrets, responseElements: { credentials: { sessionToken: 'token' } } }
    const id = await put('audit-role-use', { requestContext: { condition: 'x' }, requestPayload: { detail } })
    const { letter } = await ask({ do: 'show', id }, DeadLetterAnswer)
    expect(JSON.stringify(letter)).toContain(secrets.roleArn)
    expect(JSON.stringify(letter)).not.toMatch(/0123456789abcdef|token/)
  })

  test('replay applies the letters of a project, deletes them, and leaves the others', async () => {
    await publish(bounceOf('late@example.com', 'sesame-globex'))
    await publish(bounceOf('never@example.com', 'sesame-hooli'))
    await route(aws, 'sesame-globex', 'globex')
    clock.advance(60_000)
    expect(await replay({ project: 'globex' })).toMatchObject({
      results: [{ queue: 'record-bounce', project: 'globex', outcome: 'applied', why: '' }],
      more: false,
    })
    expect(await recorded()).toEqual(['globex late@example.com'])
    const [other, ...more] = (await list()).letters
    expect(more).toEqual([])
    expect(await replay({ all: true })).toMatchObject({
      results: [{ id: other?.id, outcome: 'failed', why: expect.stringContaining('sesame-hooli') }],
    })
    expect((await list()).letters.map(({ id }) => id)).toEqual([other?.id])
  })

  test('replay applies each good letter beside one that cannot be read', async () => {
    await route(aws, 'sesame-acme', 'acme')
    const ids = [
      await put('record-bounce', {
        Records: [{ Sns: { Message: JSON.stringify(bounceOf('one@example.com', 'sesame-acme')) } }],
      }),
      await put('record-bounce', '{"Records":'),
      await put('record-bounce', {
        Records: [{ Sns: { Message: JSON.stringify(bounceOf('two@example.com', 'sesame-acme')) } }],
      }),
    ]
    const { results } = await replay({ ids })
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(['applied', 'applied', 'failed'])
    expect(await recorded()).toEqual(['acme one@example.com', 'acme two@example.com'])
    expect((await list()).letters.map(({ id }) => id)).toEqual([ids[1]])
  })

  test('replay of a dead letter of the role audit records the use', async () => {
    const use = {
      eventSource: 'sts.amazonaws.com',
      eventName: 'AssumeRole',
      eventTime: '2026-03-01T10:00:00Z',
      eventID: 'e-1',
      awsRegion: 'us-east-1',
      recipientAccountId: account,
      sourceIPAddress: '192.0.2.1',
      userIdentity: { type: 'AWSService', invokedBy: 'lambda.amazonaws.com' },
      requestParameters: {
        roleArn: `arn:aws:iam::${account}:role/sesame/sesame-dev-us-east-1-role-audit`,
        roleSessionName: 'sesame-dev-audit-role-use',
      },
    }
    const id = await put('audit-role-use', {
      source: 'aws.sts',
      account,
      'detail-type': 'AWS API Call via CloudTrail',
      detail: use,
    })
    expect(await replay({ ids: [id] })).toMatchObject({
      results: [{ id, queue: 'audit-role-use', outcome: 'applied' }],
    })
    const uses = await aws.dynamodb.items('sesame-dev-role-uses')
    expect(JSON.stringify(uses).includes('e-1')).toBe(true)
    expect((await list()).letters).toEqual([])
  })

  test('drop deletes the named letters only, logs each id, and finds nothing the second time', async () => {
    const id = await put('record-complaint', 'junk of hidden@example.com')
    const kept = await put('record-complaint', 'other junk')
    const drop = () => ask({ do: 'drop', ids: [id] }, DropDeadLettersAnswer)
    expect((await drop()).dropped.map(({ id }) => id)).toEqual([id])
    expect((await drop()).dropped).toEqual([])
    expect((await list()).letters.map(({ id }) => id)).toEqual([kept])
    const logged = aws.lambda.logLines('sesame-dev-manage-dead-letters').join('\n')
    expect(logged).toContain(id)
    expect(logged).not.toContain('hidden@')
  })

  test.each(['drop', 'replay'])('%s without any selection is refused, and with all: true is not', async (name) => {
    await put('record-bounce', 'junk')
    await expect(ask({ do: name }, v.unknown())).rejects.toThrow(
      'Name the dead letters by ids, queue, cause or project',
    )
    expect((await list()).letters).toHaveLength(1)
    await ask({ do: name, all: true }, v.unknown())
  })

  test('a request that holds an event is refused', async () => {
    const event = bounceOf('forged@example.com', 'sesame-acme')
    await expect(ask({ do: 'replay', all: true, payload: event }, v.unknown())).rejects.toThrow('payload')
    expect(await recorded()).toEqual([])
  })

  test('a thousand letters are listed in one answer, and the others with the same request again', async () => {
    for (let i = 0; i < 1_030; i++) await put('record-bounce', `junk ${i}`)
    const first = await list({ continue: true })
    const second = await list({ continue: true })
    expect(first.more).toBe(true)
    expect(second.more).toBe(false)
    const ids = [...first.letters, ...second.letters].map(({ id }) => id)
    expect(new Set(ids).size).toBe(1_030)
    expect(ids).toHaveLength(1_030)
    clock.advance(300_000)
    expect((await ask({ do: 'drop', all: true }, DropDeadLettersAnswer)).more).toBe(true)
    expect((await ask({ do: 'drop', all: true }, DropDeadLettersAnswer)).more).toBe(false)
    expect((await list()).letters).toEqual([])
  })
})

describe('role dead-letter-replay', () => {
  const signedIn = async () => {
    const RoleArn = `arn:aws:iam::${account}:role/sesame/sesame-dev-us-east-1-dead-letter-replay`
    return aws.clientConfig(
      await aws.assumeAsService('lambda.amazonaws.com', RoleArn, 'sesame-dev-manage-dead-letters'),
    )
  }
  test('the role dead-letter-replay may not send to a queue, nor invoke a function that assumes roles of customers', async () => {
    const config = await signedIn()
    const queue = `${config.endpoint}/${account}/sesame-dev-record-bounce-dead-letters`
    await expect(
      new SQSClient(config).send(new SendMessageCommand({ QueueUrl: queue, MessageBody: 'forged' })),
    ).rejects.toThrow('sqs:SendMessage')
    await expect(
      new LambdaClient(config).send(new InvokeCommand({ FunctionName: 'sesame-dev-manage-connection' })),
    ).rejects.toThrow('lambda:InvokeFunction')
  })
})
