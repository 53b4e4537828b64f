/** CPU of a message by send-email, and of one SendEmail by the SDK. Every call to AWS is answered at once, so nothing else is measured. */
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'
import { sendEmail } from '../src/handlers/send-email.ts'
import type { Runtime } from '../src/lambda/runtime.ts'

type Request = { readonly path: string; readonly headers: Readonly<Record<string, string>>; readonly body?: unknown }

const account = '111122223333'
const expiration = new Date(Date.now() + 3_600_000).toISOString()
const assumedRole = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>${expiration}</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>AROA:x</AssumedRoleId><Arn>arn:aws:sts::${account}:assumed-role/sesame-acme/x</Arn></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>`
const settings = { settings: { S: JSON.stringify({ id: 'acme', account, configurationSets: ['sesame-acme'] }) } }
const connection = {
  id: { S: 'acme' },
  account: { S: account },
  region: { S: 'us-east-1' },
  externalId: { S: '0'.repeat(32) },
  roleArn: { S: `arn:aws:iam::${account}:role/sesame/sesame-acme` },
  topics: { S: 'ours' },
  features: { SS: ['reading', 'sending'] },
  provenAt: { S: '2026-03-01T00:00:00.000Z' },
  revision: { S: 'r1' },
}

function answerTo({ path, headers, body }: Request): string {
  if (path === '/v2/email/outbound-emails') return '{"MessageId":"0100"}'
  if (path === '/v2/email/account')
    return '{"SendQuota":{"MaxSendRate":1000000,"Max24HourSend":-1},"ProductionAccessEnabled":true,"SendingEnabled":true}'
  const target = headers['x-amz-target'] ?? ''
  if (target.endsWith('.Query'))
    return JSON.stringify({ Items: [String(body).includes('"settings"') ? settings : connection] })
  if (target !== '') return '{}'
  return assumedRole
}

const requestHandler = {
  handle: async (request: Request) => ({
    response: { statusCode: 200, headers: {}, body: new TextEncoder().encode(answerTo(request)) },
  }),
  updateHttpClientConfig: () => {},
  httpHandlerConfigs: () => ({}),
}
const client = { region: 'us-east-1', credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret' }, requestHandler }

const runtime: Runtime = {
  env: {
    SENDS_TABLE: 'sends',
    SUPPRESSIONS_TABLE: 'suppressions',
    PROJECTS_TABLE: 'projects',
    PROJECT_DATA_ROLE: 'arn:aws:iam::123456789012:role/sesame/project-data',
    LOG_KEY: 'key',
  },
  client,
  log: () => {},
  now: () => new Date(),
}

const message = { from: 'news@acme.example', to: ['a@example.com'], subject: 'News', text: 'News.' }
const eventOf = (i: number) => ({
  version: '2.0',
  routeKey: 'POST /projects/{project}/messages',
  headers: { 'content-type': 'application/json', 'idempotency-key': `key-${i}` },
  pathParameters: { project: 'acme' },
  requestContext: {
    requestId: `r-${i}`,
    authorizer: { iam: { userArn: 'arn:aws:sts::123456789012:assumed-role/app/x', accountId: '123456789012' } },
  },
  body: JSON.stringify(message),
})

/** @returns microseconds of CPU, user and system, each */
export async function cpuPerSend(count: number): Promise<{ ours: number; direct: number }> {
  const handle = sendEmail(runtime)
  const ses = new SESv2Client({ ...client, cacheMiddleware: true })
  const command = () =>
    new SendEmailCommand({
      FromEmailAddress: message.from,
      Destination: { ToAddresses: message.to },
      ConfigurationSetName: 'sesame-acme',
      Content: { Simple: { Subject: { Data: message.subject }, Body: { Text: { Data: message.text } } } },
    })
  const context = Object({ awsRequestId: 'r' })
  const ours = async (i: number) => {
    const { statusCode, body } = await handle(eventOf(i), context)
    if (statusCode !== 200) throw new Error(`The function answered ${statusCode}: ${body}`)
  }
  const direct = async () => void (await ses.send(command()))
  await cpuOf(200, ours)
  await cpuOf(200, direct)
  return { ours: await cpuOf(count, ours), direct: await cpuOf(count, direct) }
}

async function cpuOf(count: number, work: (i: number) => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  for (let i = 0; i < count; i++) await work(i)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}
