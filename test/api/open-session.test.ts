import { PutSuppressedDestinationCommand, SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { assume, failure } from '../local/sign-in.ts'
import { ACME, type ApiStack, apiStack } from './api-stack.ts'

let stack: ApiStack
beforeAll(async () => {
  stack = await apiStack()
  await stack.connect('acme', ACME)
})
beforeEach(async () => {
  await stack.projects.set('acme', { sending: { sessions: true, paused: false } }, stack.context)
})

const open = (body: object = { from: 'hello@acme.example' }) => stack.call({ path: '/projects/acme/sessions', body })
async function sesOf(body?: object) {
  const { accessKeyId, secretAccessKey, sessionToken, region } = (await open(body)).body
  const credentials = {
    accessKeyId: String(accessKeyId),
    secretAccessKey: String(secretAccessKey),
    sessionToken: String(sessionToken),
  }
  return new SESv2Client({ ...stack.aws.clientConfig(credentials), region: String(region) })
}
const mail = (from = 'hello@acme.example', set = 'sesame-acme') =>
  new SendEmailCommand({
    FromEmailAddress: from,
    Destination: { ToAddresses: ['a@example.com'] },
    ConfigurationSetName: set,
    Content: { Simple: { Subject: { Data: 'Hi' }, Body: { Text: { Data: 'Hi' } } } },
  })

describe('POST sessions', () => {
  test('a session sends as the domain of the sender, with the configuration set of the project', async () => {
    expect(await (await sesOf()).send(mail())).toHaveProperty('MessageId')
    expect((await open()).body).toMatchObject({ account: ACME, region: 'us-east-1', configurationSet: 'sesame-acme' })
  })

  test.each([
    ['as another domain', mail('hello@globex.example')],
    ['with another configuration set', mail('hello@acme.example', 'sesame-other')],
  ])('a session may not send %s', async (_, command) => {
    const ses = await sesOf()
    await expect(ses.send(command)).rejects.toMatchObject({ name: 'AccessDeniedException' })
  })

  test('a session may not change the account list', async () => {
    const ses = await sesOf()
    const put = new PutSuppressedDestinationCommand({ EmailAddress: 'a@example.com', Reason: 'BOUNCE' })
    await expect(ses.send(put)).rejects.toMatchObject({ name: 'AccessDeniedException' })
  })

  test('a session lasts as long as asked, each answer is a new one, and no cache may keep it', async () => {
    const first = await open({ from: 'hello@acme.example', minutes: 15 })
    const second = await open({ from: 'hello@acme.example' })
    const now = stack.clock.now().getTime()
    expect(new Date(String(first.body.expiration)).getTime() - now).toBe(15 * 60_000)
    expect(new Date(String(second.body.expiration)).getTime() - now).toBe(60 * 60_000)
    expect(first.body.accessKeyId).not.toBe(second.body.accessKeyId)
    expect(first.headers['cache-control']).toBe('no-store')
    expect((await open({ from: 'hello@acme.example', minutes: 61 })).status).toBe(400)
  })

  test('a project whose setting is off, that is paused, or whose sender is another gives no credentials', async () => {
    await stack.projects.set('acme', { sending: { sessions: false } }, stack.context)
    expect(await open()).toMatchObject({ status: 403, body: { type: 'urn:sesame:problem:sessions-off' } })
    await stack.projects.set('acme', { sending: { sessions: true, paused: true } }, stack.context)
    expect(await open()).toMatchObject({ status: 409, body: { type: 'urn:sesame:problem:project-on-hold' } })
    await stack.projects.set('acme', { sending: { paused: false, senders: ['acme.example'] } }, stack.context)
    expect((await open({ from: 'x@other.example' })).status).toBe(403)
    expect((await open()).status).toBe(200)
  })

  test('the log has no credentials', async () => {
    const { body } = await open()
    const log = stack.lines('open-session').join()
    expect(log).toContain('openSession')
    for (const name of ['accessKeyId', 'secretAccessKey', 'sessionToken']) expect(log).not.toContain(String(body[name]))
  })
})

test('the role of open-session cannot enter an account without the external id, or another role of ours', async () => {
  const role = stack.aws.functions.get('open-session')?.roleArn ?? ''
  const by = await stack.aws.assumeAsService('lambda.amazonaws.com', role, 'test')
  const RoleArn = `arn:aws:iam::${ACME}:role/sesame/sesame-acme`
  await expect(assume(stack.aws, by, { RoleArn, ExternalId: ACME.padStart(32, '0') })).resolves.toBeDefined()
  expect((await failure(assume(stack.aws, by, { RoleArn }))).name).toBe('AccessDenied')
  const own = `arn:aws:iam::${stack.aws.account}:role/sesame/sesame-dev-us-east-1-operator`
  expect((await failure(assume(stack.aws, by, { RoleArn: own, ExternalId: '00' }))).name).toBe('AccessDenied')
})
