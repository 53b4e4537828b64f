import { DeleteItemCommand, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { PutAccountSendingAttributesCommand, SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RequestHandler } from '../../local/service.ts'
import { checkedSessionPolicy } from '../../src/access/session/session-policy.ts'
import { sendEmail } from '../../src/handlers/send-email.ts'
import { senderStatementsOf } from '../../src/sending/sender-policy.ts'
import { assume, failure } from '../local/sign-in.ts'
import { ACME, type ApiStack, apiStack, GLOBEX } from './api-stack.ts'

let stack: ApiStack
let count = 0
beforeAll(async () => {
  stack = await apiStack()
  await stack.connect('acme', ACME)
  await stack.connect('globex', GLOBEX)
  await stack.bounce('acme', 'gone@customer.example')
})
beforeEach(() => {
  stack.clock.advance(2_000)
})

const message = (rest: object = {}) => ({
  from: 'Acme <hello@acme.example>',
  to: ['a@example.com'],
  subject: 'Hi',
  text: 'Hi',
  ...rest,
})
const send = (body: object, key = `key-${count++}`, path = '/projects/acme/messages') =>
  stack.call({ path, body, headers: { 'idempotency-key': key } })
const sent = () => stack.mails(ACME).length

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
const isSend = ({ method, path }: { method: string; path: string }) =>
  method === 'POST' && path === '/v2/email/outbound-emails'
const asUsual = () => withHandler((handle) => handle)

describe('POST messages', () => {
  test('a message goes to the recipients that may be mailed, and the answer says why the others are refused', async () => {
    const before = sent()
    const { status, body } = await send(
      message({ to: ['a@example.com', 'gone@customer.example'], cc: ['b@example.com'] }),
    )
    expect(status).toBe(200)
    expect(body.outcomes).toEqual([
      { recipient: 'a@example.com', state: 'sent', messageId: expect.any(String) },
      {
        recipient: 'gone@customer.example',
        state: 'refused',
        reason: 'hard bounce',
        since: '2026-03-04T05:06:07.000Z',
        detail: expect.any(String),
      },
      { recipient: 'b@example.com', state: 'sent', messageId: expect.any(String) },
    ])
    const mails = stack.mails(ACME).slice(before)
    expect(mails.map(({ recipient }) => recipient)).toEqual(['a@example.com', 'b@example.com'])
  })

  test('a message whose recipients are all refused is not sent, and enters no account', async () => {
    const before = stack.aws.record.length
    const { status, body } = await send(message({ to: ['gone@customer.example'] }))
    expect(status).toBe(200)
    expect(body.outcomes).toMatchObject([{ state: 'refused' }])
    expect(stack.aws.record.slice(before).filter(({ account }) => account === ACME)).toEqual([])
  })

  test('every kind of content is sent, with the configuration set of the project', async () => {
    const before = stack.aws.record.length
    const raw = Buffer.from('From: hello@acme.example\r\nTo: a@example.com\r\nSubject: Raw\r\n\r\nHi').toString(
      'base64',
    )
    const contents = [
      message({ html: '<p>Hi</p>', replyTo: ['help@acme.example'], unsubscribeUrl: 'https://acme.example/u?t=1' }),
      message({ subject: 'Hi {{name}}', data: { name: 'Jane' }, tags: [{ name: 'stream', value: 'receipts' }] }),
      { from: 'hello@acme.example', to: ['a@example.com'], raw },
    ]
    for (const content of contents) expect(await send(content)).toMatchObject({ status: 200 })
    const sets = stack.aws.record.slice(before).filter(({ resource }) => resource.includes('configuration-set/'))
    expect(new Set(sets.map(({ resource }) => resource))).toEqual(
      new Set([`arn:aws:ses:us-east-1:${ACME}:configuration-set/sesame-acme`]),
    )
    expect(
      stack
        .mails(ACME)
        .slice(-3)
        .map(({ subject }) => subject),
    ).toEqual(['Hi', 'Hi Jane', 'Raw'])
  })

  test.each([
    ['no subject', { subject: undefined }, '/subject', 'is missing'],
    ['no content', { text: undefined }, '/text', 'is missing: a message has text, html or both'],
    [
      'a line break in the sender',
      { from: 'a@acme.example\r\nBcc: x@example.com' },
      '/from',
      'must not contain line breaks or other control characters',
    ],
    [
      'a reserved header',
      { headers: [{ name: 'Bcc', value: 'x@example.com' }] },
      '/headers/0/name',
      'must be the name of a header that SES does not set itself',
    ],
    [
      'too many recipients',
      { cc: Array.from({ length: 50 }, (_, i) => `c${i}@example.com`) },
      '/to',
      'must not have more than 50 recipients together with cc and bcc',
    ],
    ['raw and text', { raw: 'QQ==' }, '/subject', 'cannot be combined with raw, which contains it'],
  ])('a message with %s is refused with the field', async (_, rest, pointer, detail) => {
    const before = sent()
    const { status, body } = await send(message(rest))
    expect(status).toBe(400)
    expect(body.errors).toContainEqual({ pointer, detail })
    expect(sent()).toBe(before)
  })

  test('a sender that is not one of the project is refused', async () => {
    await stack.projects.set('acme', { sending: { senders: ['news.acme.example'] } }, stack.context)
    stack.clock.advance(11_000)
    expect(await send(message())).toMatchObject({
      status: 403,
      body: { type: 'urn:sesame:problem:sender-not-allowed' },
    })
    await stack.projects.set('acme', { sending: { senders: ['acme.example'] } }, stack.context)
    stack.clock.advance(11_000)
    expect((await send(message())).status).toBe(200)
  })

  test('neither the log nor a problem has an address', async () => {
    await send(message({ to: ['secret.person@example.com'], from: 'x@unverified.example' }))
    expect(stack.lines('send-email').join()).not.toMatch(/secret|@/)
  })
})

describe('stored templates and tracking', () => {
  const put = (template: string, body: object) =>
    stack.call({ method: 'PUT', path: `/projects/acme/templates/${template}`, body })
  const { subject: _, text: __, ...envelope } = message()
  const templated = (rest: object = {}) => ({ ...envelope, template: 'welcome', data: { name: 'Jane' }, ...rest })
  beforeAll(async () => {
    await put('welcome', { subject: 'Hi {{name}}', text: '{{#each items}}{{this.id}};{{/each}}' })
  })

  test('a message with a stored template is sent with nested data, by a session for the templates of the project', async () => {
    const before = stack.aws.record.length
    const { status } = await send(templated({ data: { name: 'Jane', items: [{ id: 1 }] } }))
    expect(status).toBe(200)
    expect(stack.mails(ACME).at(-1)?.subject).toBe('Hi Jane')
    const needed = stack.aws.record.slice(before).filter(({ operation }) => operation === 'SendEmail')
    expect(needed.map(({ action, verdict }) => [action, verdict])).toContainEqual(['ses:SendTemplatedEmail', 'allowed'])
    expect(needed.map(({ resource }) => resource)).toContain(
      `arn:aws:ses:us-east-1:${ACME}:template/sesame-acme_welcome`,
    )
  })

  test('the session is refused the templates of another project in the same account', async () => {
    const other = { subject: 'x', text: 'x', html: '', at: stack.clock.now() }
    stack.aws.ses.account(ACME).templates.set('sesame-acme-2_welcome', other)
    const connection = { project: 'acme', account: ACME, region: 'us-east-1' }
    const allow = senderStatementsOf(Object(connection), 'hello@acme.example', { usesTemplate: true })
    const functionRole = stack.aws.functions.get('send-email')?.roleArn ?? ''
    const own = await stack.aws.assumeAsService('lambda.amazonaws.com', functionRole, 'test')
    const session = await assume(stack.aws, own, {
      RoleArn: `arn:aws:iam::${ACME}:role/sesame/sesame-acme`,
      RoleSessionName: 'acme.send',
      ExternalId: ACME.padStart(32, '0'),
      Policy: checkedSessionPolicy('acme', allow),
    })
    const ses = new SESv2Client(stack.aws.clientConfig(session))
    const sendWith = (TemplateName: string) =>
      ses.send(
        new SendEmailCommand({
          FromEmailAddress: 'hello@acme.example',
          Destination: { ToAddresses: ['success@simulator.amazonses.com'] },
          ConfigurationSetName: 'sesame-acme',
          Content: { Template: { TemplateName, TemplateData: '{"name":"Jane"}' } },
        }),
      )
    expect(await failure(sendWith('sesame-acme-2_welcome'))).toMatchObject({ name: 'AccessDeniedException' })
    expect(await sendWith('sesame-acme_welcome')).toHaveProperty('MessageId')
    await stack.aws.settled()
    const plain = senderStatementsOf(Object(connection), 'hello@acme.example')
    expect(JSON.stringify(plain)).not.toMatch(/template|Tracking/)
  })

  test('a template that does not exist sends nothing', async () => {
    const before = sent()
    expect(await send(templated({ template: 'none' }))).toMatchObject({
      status: 404,
      body: { type: 'urn:sesame:problem:no-such-template' },
    })
    expect(sent()).toBe(before)
  })

  test('a batch may have a template for each message, and one that is missing does not affect the others', async () => {
    const messages = [templated(), templated({ template: 'none' }), message(), templated({ data: { name: 'Joe' } })]
    const { body } = await send({ messages }, undefined, '/projects/acme/messages/batch')
    const entries = [body.entries].flat().map(Object)
    expect(entries.map(({ outcomes, problem }) => outcomes?.[0].state ?? problem.type)).toEqual([
      'sent',
      'urn:sesame:problem:no-such-template',
      'sent',
      'sent',
    ])
    expect(
      stack
        .mails(ACME)
        .slice(-3)
        .map(({ subject }) => subject)
        .sort(),
    ).toEqual(['Hi', 'Hi Jane', 'Hi Joe'])
  })

  test.each<[string, object, string, string]>([
    ['a template and a text', { text: 'x' }, '/text', 'cannot be combined with template, which contains it'],
    ['a template and raw', { raw: 'QQ==' }, '/template', 'cannot be combined with raw, which contains it'],
    [
      'nested data without a template',
      { template: undefined, subject: 'x', text: 'x', data: { 'a/b': {} } },
      '/data/a~1b',
      'must be a text, a number or a boolean without a template',
    ],
    ['too much data', { data: { x: 'x'.repeat(262_144) } }, '/data', 'must have 262144 characters at most as JSON'],
  ])('a message with %s is refused with the field', async (_, rest, pointer, detail) => {
    const { status, body } = await send(templated(rest))
    expect(status).toBe(400)
    expect(body.errors).toContainEqual({ pointer, detail })
  })

  test('a message can be sent without tracking, for which its session has one more permission', async () => {
    const before = stack.aws.record.length
    expect((await send(message({ tracking: { opens: false, clicks: true } }))).status).toBe(200)
    expect(stack.mails(ACME).at(-1)?.tracking).toEqual({ opens: false, clicks: true })
    const asked = stack.aws.record.slice(before).map(({ action }) => action)
    expect(asked).toContain('ses:ApplyTrackingConfigurationOverrides')
    const usual = stack.aws.record.length
    await send(message({ tracking: {} }))
    expect(stack.mails(ACME).at(-1)?.tracking).toBeUndefined()
    expect(stack.aws.record.slice(usual).map(({ action }) => action)).not.toContain(
      'ses:ApplyTrackingConfigurationOverrides',
    )
  })
})

describe('POST messages/batch', () => {
  const readsIn = (before: number) =>
    stack.aws.record.slice(before).filter(({ action }) => action === 'dynamodb:BatchGetItem').length

  test('the list is read once for all messages, and each message has its own outcomes in order', async () => {
    const messages = [
      message({ to: ['a@example.com', 'gone@customer.example'] }),
      message({ text: undefined }),
      message({ to: ['gone@customer.example'], cc: ['gone@customer.example'] }),
      message({ from: 'x@unverified.example' }),
      message({ to: ['b@example.com'], bcc: ['not an address'] }),
    ]
    const before = stack.aws.record.length
    const { status, body } = await send({ messages }, undefined, '/projects/acme/messages/batch')
    expect(status).toBe(200)
    expect(readsIn(before)).toBe(1)
    const entries = [body.entries].flat().map(Object)
    const outcomes = entries.map((entry) =>
      [entry.outcomes ?? []].flat().map(({ state, reason = '' }) => [state, reason]),
    )
    expect(outcomes).toEqual([
      [
        ['sent', ''],
        ['refused', 'hard bounce'],
      ],
      [],
      [
        ['refused', 'hard bounce'],
        ['refused', 'hard bounce'],
      ],
      [],
      [
        ['sent', ''],
        ['refused', 'not an address'],
      ],
    ])
    expect(entries.map(({ problem }) => problem?.type)).toEqual([
      undefined,
      'urn:sesame:problem:invalid-request',
      undefined,
      'urn:sesame:problem:sender-not-allowed',
      undefined,
    ])
  })

  test('a batch of an unknown project is refused as a whole', async () => {
    const nobody = await stack.application('nobody-app', '*/projects/nobody/*')
    const answer = await stack.call({
      path: '/projects/nobody/messages/batch',
      body: { messages: [message()] },
      headers: { 'idempotency-key': 'nobody' },
      as: nobody,
    })
    expect(answer.body.type).toBe('urn:sesame:problem:no-such-project')
  })
})

describe('one key, one mail', () => {
  test('a request without a key is refused', async () => {
    const { status, body } = await stack.call({ path: '/projects/acme/messages', body: message() })
    expect([status, body.type]).toEqual([400, 'urn:sesame:problem:idempotency-key-missing'])
  })

  test('the same key sends once', async () => {
    const before = sent()
    const first = await send(message(), 'same')
    const again = await send(message(), 'same')
    expect(again.body).toEqual(first.body)
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(sent()).toBe(before + 1)
  })

  test('if the answer of SES is lost, the outcome is unknown, and the mail is not sent again', async () => {
    withHandler((handle) => async (request) => {
      const answer = await handle(request)
      if (isSend(request)) throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' })
      return answer
    })
    const before = sent()
    const first = await send(message(), 'lost')
    expect(first).toMatchObject({ status: 200, body: { outcomes: [{ state: 'unknown' }] } })
    const again = await send(message(), 'lost')
    expect(again.body).toEqual(first.body)
    asUsual()
    expect((await send(message(), 'lost')).body).toEqual(first.body)
    expect(sent()).toBe(before + 1)
  })

  test('wherever the function dies, a repetition never sends a second mail', async () => {
    const found: string[] = []
    for (let calls = 1; calls <= 14; calls++) {
      asUsual()
      const [before, key] = [sent(), `died-${calls}`]
      stack.aws.lambda.crash('sesame-dev-send-email', calls)
      const first = await send(message(), key)
      if (first.status === 500) expect((await send(message(), key)).status).toBeOneOf([200, 409])
      stack.clock.advance(61_000)
      const { body } = await send(message(), key)
      await stack.aws.settled()
      const mails = sent() - before
      expect(mails).toBeLessThanOrEqual(1)
      const [{ state }] = [body.outcomes].flat().map(Object)
      if (state === 'sent') expect(mails).toBe(1)
      found.push(`${state}, ${mails}`)
    }
    // The crashes were before the key was taken, before the mail was sent, after it, and after the answer was kept.
    expect(new Set(found)).toEqual(new Set(['sent, 1', 'unknown, 0', 'unknown, 1']))
  })

  test('a mail that SES did not accept can be sent again with the same key', async () => {
    const set = stack.aws.ses.account(ACME).configurationSets.get('sesame-acme')
    if (set) set.sendingEnabled = false
    expect(await send(message(), 'later')).toMatchObject({
      status: 409,
      body: { type: 'urn:sesame:problem:sending-paused' },
    })
    if (set) set.sendingEnabled = true
    expect(await send(message(), 'later')).toMatchObject({ status: 200, body: { outcomes: [{ state: 'sent' }] } })
    // The project is held for some minutes, of which test/api/held-by-ses.test.ts is: here, the hold is taken away.
    const Key = { id: { S: 'acme' }, facet: { S: 'hold' } }
    await stack.dynamodb.send(new DeleteItemCommand({ TableName: 'sesame-dev-projects', Key }))
  })
})

describe('what SES refuses', () => {
  test('an unverified sender is a problem with a remedy', async () => {
    await stack.projects.set('acme', { sending: { senders: ['other.example'] } }, stack.context)
    stack.clock.advance(11_000)
    const other = await send(message({ from: 'x@other.example' }))
    expect(other).toMatchObject({
      status: 409,
      body: { type: 'urn:sesame:problem:sender-not-verified', remedy: expect.stringContaining('Verify') },
    })
    await stack.projects.set('acme', { sending: { senders: ['acme.example'] } }, stack.context)
    stack.clock.advance(11_000)
  })

  test('an account in the sandbox is named as such', async () => {
    const account = stack.aws.ses.account(ACME)
    account.productionAccess = false
    stack.clock.advance(61_000)
    expect((await send(message())).body.type).toBe('urn:sesame:problem:sandbox')
    account.productionAccess = true
    stack.clock.advance(61_000)
    expect((await send(message())).status).toBe(200)
  })

  test('a throttled mail is tried again, because SES did not accept it', async () => {
    let refusals = 1
    withHandler((handle) => async (request) => {
      if (!isSend(request) || refusals-- <= 0) return handle(request)
      const body = Buffer.from(JSON.stringify({ message: 'Maximum sending rate exceeded.' }))
      return { response: { statusCode: 429, headers: { 'x-amzn-errortype': 'TooManyRequestsException' }, body } }
    })
    const before = sent()
    expect((await send(message())).status).toBe(200)
    expect(sent()).toBe(before + 1)
    asUsual()
  })

  test('a project without a connection is a problem, and so is one whose role refuses Sesame', async () => {
    const fresh = await apiStack()
    const ask = () =>
      fresh.call({ path: '/projects/acme/messages', body: message(), headers: { 'idempotency-key': 'k' } })
    expect((await ask()).body.type).toBe('urn:sesame:problem:not-connected')
    const { roleArn = '' } = await fresh.connect('acme', ACME)
    fresh.clock.advance(11_000)
    fresh.aws.roles.delete(roleArn)
    expect(await ask()).toMatchObject({ status: 409, body: { type: 'urn:sesame:problem:account-unusable' } })
  })

  test('a quarantined project sends nothing', async () => {
    const fresh = await apiStack()
    await fresh.quarantine('acme', ACME)
    const answer = await fresh.call({
      path: '/projects/acme/messages',
      body: message(),
      headers: { 'idempotency-key': 'k' },
    })
    expect(answer.body.outcomes).toMatchObject([{ state: 'refused', reason: 'project quarantined' }])
  })
})

describe('POST messages/batch', () => {
  test('each message has an outcome, and one that fails does not affect the others', async () => {
    const before = sent()
    const messages = [
      message(),
      message({ to: ['gone@customer.example'] }),
      message({ subject: undefined }),
      message({ to: ['b@example.com'] }),
    ]
    const { status, body } = await send({ messages }, 'batch', '/projects/acme/messages/batch')
    expect(status).toBe(200)
    expect(body.entries).toMatchObject([
      { outcomes: [{ state: 'sent' }] },
      { outcomes: [{ state: 'refused' }] },
      { problem: { type: 'urn:sesame:problem:invalid-request' } },
      { outcomes: [{ state: 'sent' }] },
    ])
    await send({ messages }, 'batch', '/projects/acme/messages/batch')
    expect(sent()).toBe(before + 2)
  })
})

describe('the session in the account of the customer', () => {
  test('a session for one domain is refused when it sends as another', async () => {
    withHandler((handle) => (request) => {
      if (!isSend(request)) return handle(request)
      const body = Buffer.from(String(request.body).replace('hello@acme.example', 'hello@globex.example'))
      return handle({ ...request, body })
    })
    const answer = await send(message())
    expect(answer.status).toBeGreaterThanOrEqual(400)
    asUsual()
    expect((await send(message())).status).toBe(200)
  })

  test('an application of one project cannot send as another', async () => {
    const before = stack.mails(GLOBEX).length
    const body = message({ from: 'hello@globex.example' })
    expect((await send(body, 'foreign', '/projects/globex/messages')).status).toBe(403)
    expect(stack.mails(GLOBEX)).toHaveLength(before)
  })
})

describe('the role of send-email', () => {
  const sessionOf = () =>
    stack.aws.assumeAsService('lambda.amazonaws.com', stack.aws.functions.get('send-email')?.roleArn ?? '', 'test')
  const denied = { name: 'AccessDeniedException' }

  test('the role of send-email counts the sends of an account, and may not write anything else', async () => {
    const dynamodb = new DynamoDBClient(stack.aws.clientConfig(await sessionOf()))
    const count = (project: string, more: object = {}, TableName = 'sesame-dev-sends') =>
      dynamodb.send(
        new UpdateItemCommand({
          TableName,
          Key: { project: { S: project }, [TableName === 'sesame-dev-sends' ? 'key' : 'address']: { S: 'x' } },
          UpdateExpression: 'ADD leased :one',
          ExpressionAttributeValues: { ':one': { N: '1' } },
          ...more,
        }),
      )
    await expect(count(`rate#${ACME}#us-east-1`)).resolves.toBeDefined()
    await expect(count('acme')).rejects.toMatchObject(denied)
    await expect(count(`rate#${ACME}`, { ReturnValues: 'ALL_OLD' })).rejects.toMatchObject(denied)
    await expect(count('rate#x', {}, 'sesame-dev-suppressions')).rejects.toMatchObject(denied)
  })

  test('the role of send-email cannot enter an account without the external id, or another role of ours', async () => {
    const by = await sessionOf()
    const RoleArn = `arn:aws:iam::${ACME}:role/sesame/sesame-acme`
    await expect(assume(stack.aws, by, { RoleArn, ExternalId: ACME.padStart(32, '0') })).resolves.toBeDefined()
    expect((await failure(assume(stack.aws, by, { RoleArn }))).name).toBe('AccessDenied')
    const own = `arn:aws:iam::${stack.aws.account}:role/sesame/sesame-dev-us-east-1-operator`
    expect((await failure(assume(stack.aws, by, { RoleArn: own, ExternalId: '00' }))).name).toBe('AccessDenied')
  })

  test('the role of send-email may not change SES of our own account', async () => {
    const ses = new SESv2Client(stack.aws.clientConfig(await sessionOf()))
    await expect(ses.send(new PutAccountSendingAttributesCommand({ SendingEnabled: true }))).rejects.toThrow()
  })
})
