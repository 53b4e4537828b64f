/** Outcomes that are unknown are settled by the Send event of the mail, or by the silence of a feed that works. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { STSClient } from '@aws-sdk/client-sts'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RequestHandler } from '../../local/service.ts'
import { createProjectData } from '../../src/access/session/project-data.ts'
import { findAttempt } from '../../src/activity/find-attempt.ts'
import { sendEmail } from '../../src/handlers/send-email.ts'
import { failure } from '../local/sign-in.ts'
import { route } from '../suppression/feedback.ts'
import { ACME, type ApiStack, apiStack } from './api-stack.ts'

let stack: ApiStack
let count = 0
beforeAll(async () => {
  stack = await apiStack()
  await stack.connect('acme', ACME)
  await route(stack.aws, 'sesame-acme', 'acme', ACME)
  await stack.bounce('acme', 'gone@customer.example')
})
beforeEach(() => stack.clock.advance(100_000))

const message = (rest: object = {}) => ({
  from: 'hello@acme.example',
  to: ['a@example.com'],
  subject: 'Hi',
  text: 'Hi',
  ...rest,
})
const send = async (body: object, key: string, path = '/projects/acme/messages') =>
  stack.call({ path, body, headers: { 'idempotency-key': key }, as: await stack.renew('acme-mailer') })
const isSend = ({ method, path }: { method: string; path: string }) =>
  method === 'POST' && path === '/v2/email/outbound-emails'

/** Runs send-email with a change to what its clients send or get. */
function withHandler(change: (handle: RequestHandler['handle']) => RequestHandler['handle']): void {
  const definition = stack.aws.functions.get('send-email')
  if (!definition) throw new Error('There is no send-email')
  stack.aws.lambda.register(definition, {
    make: ({ client, ...runtime }) => {
      const inner = Object(client.requestHandler)
      const requestHandler = { ...inner, handle: change((request) => inner.handle(request)) }
      return sendEmail({ ...runtime, client: { ...client, requestHandler } })
    },
  })
}
const timeout = () => Object.assign(new Error('socket hang up'), { name: 'TimeoutError' })
/** SES accepts the mail, and its answer is lost. */
const losesAnswers = () =>
  withHandler((handle) => async (request) => {
    const answer = await handle(request)
    if (isSend(request)) throw timeout()
    return answer
  })
/** The request is lost on its way to SES. */
const losesRequests = () =>
  withHandler((handle) => async (request) => {
    if (isSend(request)) throw timeout()
    return handle(request)
  })

/** SES publishes the Send event of a mail of an attempt. */
async function publishSend(attempt: string, destination: readonly string[], messageId: string): Promise<void> {
  const event = {
    eventType: 'Send',
    mail: {
      messageId,
      timestamp: stack.clock.now().toISOString(),
      source: 'hello@acme.example',
      sendingAccountId: ACME,
      destination,
      tags: { 'ses:configuration-set': ['sesame-acme'], 'sesame-attempt': [attempt], 'sesame-project': ['acme'] },
    },
    send: {},
  }
  const lambda = new LambdaClient(stack.aws.clientConfig(stack.aws.credentials.root(stack.aws.account)))
  const record = { messageId: `m-${count++}`, eventSource: 'aws:sqs', body: JSON.stringify(event) }
  const Payload = JSON.stringify({ Records: [record] })
  const { FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: 'sesame-dev-record-activity', Payload }),
  )
  expect(FunctionError).toBeUndefined()
}
const lastMail = () => stack.mails(ACME).at(-1)?.messageId ?? ''
const attemptOf = (body: Record<string, unknown>) => String(body.attempt)
/** A later mail whose Send event arrives. */
async function sendAnother(): Promise<void> {
  withHandler((handle) => handle)
  const { body } = await send(message(), `another-${count++}`)
  await publishSend(attemptOf(body), ['a@example.com'], lastMail())
}

describe('an unknown outcome', () => {
  test('the Send event settles it as sent, with the message id, for the recipients of the mail', async () => {
    losesAnswers()
    const body = message({ to: ['Ann <A@example.com>', 'gone@customer.example'], bcc: ['b@example.com'] })
    const first = await send(body, 'lost')
    expect(first.body.outcomes).toMatchObject([{ state: 'unknown' }, { state: 'refused' }, { state: 'unknown' }])
    // A control: without the event, it stays unknown.
    expect((await send(body, 'lost')).body).toEqual(first.body)

    const messageId = lastMail()
    await publishSend(attemptOf(first.body), ['a@example.com', 'b@example.com'], messageId)
    const again = await send(body, 'lost')
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(again.body.outcomes).toMatchObject([
      { recipient: 'Ann <A@example.com>', state: 'sent', messageId },
      { state: 'refused' },
      { recipient: 'b@example.com', state: 'sent', messageId },
    ])
    // What is settled is kept.
    expect((await send(body, 'lost')).body).toEqual(again.body)
  })

  test('half an hour of silence settles it as not accepted, if Send events of later mail have arrived, and not before', async () => {
    losesRequests()
    const before = stack.mails(ACME).length
    const first = await send(message(), 'never')
    expect(first.body.outcomes).toMatchObject([{ state: 'unknown' }])
    stack.clock.advance(40 * 60_000)
    // Nothing has arrived since, so the silence means nothing.
    expect((await send(message(), 'never')).body).toEqual(first.body)
    await sendAnother()
    expect((await send(message(), 'never')).body.outcomes).toMatchObject([
      { state: 'not accepted', detail: expect.stringContaining('safe to send it again') },
    ])
    expect(stack.mails(ACME)).toHaveLength(before + 1)
  })

  test('a working feed does not settle it before half an hour has passed', async () => {
    losesRequests()
    const first = await send(message(), 'early')
    stack.clock.advance(5 * 60_000)
    await sendAnother()
    expect((await send(message(), 'early')).body).toEqual(first.body)
  })

  test('each message of a batch is settled by its own Send event', async () => {
    losesAnswers()
    const batch = { messages: [message(), message({ to: ['c@example.com'] })] }
    const { body } = await send(batch, 'batch', '/projects/acme/messages/batch')
    const [, second] = [body.entries].flat().map(Object)
    await publishSend(second.attempt, ['c@example.com'], lastMail())
    const again = await send(batch, 'batch', '/projects/acme/messages/batch')
    expect(again.body.entries).toMatchObject([
      { outcomes: [{ state: 'unknown' }] },
      { outcomes: [{ state: 'sent', recipient: 'c@example.com' }] },
    ])
  })

  test('the outcome of a function that died after sending is settled, too', async () => {
    withHandler((handle) => handle)
    const body = message({ to: ['d@example.com'] })
    for (let calls = 1; ; calls++) {
      expect(calls).toBeLessThan(20)
      withHandler((handle) => handle)
      const before = stack.mails(ACME).length
      stack.aws.lambda.crash('sesame-dev-send-email', calls)
      await send(body, `died-${calls}`)
      stack.clock.advance(61_000)
      const repeated = await send(body, `died-${calls}`)
      const [outcome] = [repeated.body.outcomes].flat().map(Object)
      if (outcome.state !== 'unknown' || stack.mails(ACME).length === before) continue
      await publishSend(attemptOf(repeated.body), ['d@example.com'], lastMail())
      expect((await send(body, `died-${calls}`)).body.outcomes).toMatchObject([
        { state: 'sent', messageId: lastMail() },
      ])
      return
    }
  })

  test('a session that sends for one project is refused the activity of another', async () => {
    const { aws, clock } = stack
    const role = aws.functions.get('send-email')?.roleArn ?? ''
    const session = await aws.assumeAsService('lambda.amazonaws.com', role, 'test')
    const open = createProjectData(
      new STSClient(aws.clientConfig(session)),
      { roleArn: `arn:aws:iam::${aws.account}:role/sesame/sesame-dev-us-east-1-project-data`, access: 'send' },
      (credentials) => new DynamoDBClient(aws.clientConfig(credentials)),
      clock.now,
    )
    const acme = await open('acme')
    const search = (project: string) =>
      findAttempt(acme, 'sesame-dev-activity', project, 'x', { from: clock.now(), to: clock.now() }, clock.now())
    expect((await failure(search('globex'))).name).toBe('AccessDeniedException')
    expect((await failure(search('acme2'))).name).toBe('AccessDeniedException')
    expect(await search('acme')).toMatchObject({ found: 'nothing' })
  })
})
