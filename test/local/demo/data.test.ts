/** `npm start -- --data DIR` as a process: what one run leaves is there in the next, whatever made it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { CreateRoleCommand, GetRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { ListSuppressedDestinationsCommand, SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sesame-data-'))
const run = promisify(execFile)
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

async function start() {
  const child = spawn('node', ['local/demo/start.ts', '--port', '0', '--data', folder], { cwd: root })
  children.push(child)
  let printed = ''
  child.stdout.on('data', (part) => {
    printed += part
  })
  const has = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (let tries = 0; tries < 600; tries++) {
      const found = pattern.exec(printed)
      if (found) return found
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`Not printed: ${pattern}\n${printed}`)
  }
  await has(/Invocations from now on:/)
  const [, url = ''] = await has(/AWS_ENDPOINT_URL=(\S+)/)
  const [, accessKeyId = '', secretAccessKey = ''] = await has(
    /AWS_ACCESS_KEY_ID=(AKIADEMO123\S+) AWS_SECRET_ACCESS_KEY=(\S+)/,
  )
  const acme = await has(/AWS_ACCESS_KEY_ID=(AKIADEMO111\S+) AWS_SECRET_ACCESS_KEY=(\S+)/)
  const config = (key: string, secret: string) => ({
    region: 'us-east-1',
    endpoint: url,
    credentials: { accessKeyId: key, secretAccessKey: secret },
  })
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  }
  return {
    printed: () => printed,
    has,
    ours: config(accessKeyId, secretAccessKey),
    acme: config(acme[1] ?? '', acme[2] ?? ''),
    sesame: async (...args: string[]) => (await run('node', ['bin/sesame.mjs', ...args], { cwd: root, env })).stdout,
    async stop(signal: NodeJS.Signals) {
      const ended = once(child, 'exit')
      child.kill(signal)
      return (await ended)[0]
    },
  }
}

const trust = (id: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: id }, Action: 'sts:AssumeRole' }],
  })
const handler = 'arn:aws:iam::123456789012:role/sesame/sesame-dev-us-east-1-notification-handler'
const mailTo = (address: string) =>
  new SendEmailCommand({
    FromEmailAddress: 'hello@acme.example',
    Destination: { ToAddresses: [address] },
    ConfigurationSetName: 'sesame-acme',
    Content: { Simple: { Subject: { Data: 'Hi' }, Body: { Text: { Data: 'Hi' } } } },
  })

test('the next run with the same folder has projects, addresses, roles, stacks, account lists and messages of the one before', async () => {
  const first = await start()
  expect(first.printed()).toContain('All checks passed.')
  await first.sesame('suppress', 'acme', 'kept@customer.example', '--why', 'asked by phone', '--by', 'joe')
  const sent = await new SESv2Client(first.acme).send(mailTo('gone@customer.example'))
  const iam = new IAMClient(first.acme)
  await iam.send(new CreateRoleCommand({ RoleName: 'by-hand', AssumeRolePolicyDocument: trust(handler) }))
  const PolicyDocument = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ses:*","Resource":"*"}]}'
  await iam.send(new PutRolePolicyCommand({ RoleName: 'by-hand', PolicyName: 'all', PolicyDocument }))
  const { Role: before } = await iam.send(new GetRoleCommand({ RoleName: 'by-hand' }))
  const sqs = new SQSClient(first.ours)
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'mine' }))
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'kept' }))
  await expect(run('node', ['local/demo/start.ts', '--once', '--data', folder], { cwd: root })).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`${folder} is in use by process `),
  })
  expect(await first.stop('SIGTERM')).toBe(0)
  expect(readdirSync(folder)).toEqual(['state.json'])

  const second = await start()
  expect(second.printed()).toMatch(/restored from .*: 3 projects, \d+ suppressed addresses, 1 message in a queue\./)
  expect(second.printed()).not.toContain('All checks passed.')
  expect(await second.sesame('check', 'acme', 'ada@customer.example')).toContain('may be mailed by acme')
  expect(await second.sesame('list', 'acme', '--limit', '500')).toMatch(/kept@customer\.example +manual/)
  // The connection works: its role, with the same trust, and the list in the customer's account.
  expect(await second.sesame('doctor', 'acme')).not.toContain('✗')
  const accountList = await new SESv2Client(second.acme).send(new ListSuppressedDestinationsCommand({}))
  expect(accountList.SuppressedDestinationSummaries?.map(({ EmailAddress }) => EmailAddress)).toContain(
    'kept@customer.example',
  )
  const { Role: after } = await new IAMClient(second.acme).send(new GetRoleCommand({ RoleName: 'by-hand' }))
  expect(after).toEqual(before)
  const again = await new SQSClient(second.ours).send(
    new ReceiveMessageCommand({ QueueUrl: `${second.ours.endpoint}/123456789012/mine` }),
  )
  expect(again.Messages?.map(({ Body }) => Body)).toEqual(['kept'])
  // The functions run, and ids are new.
  const next = await new SESv2Client(second.acme).send(mailTo('bounce@simulator.amazonses.com'))
  expect(next.MessageId).not.toBe(sent.MessageId)
  await second.has(/record-bounce .*bounce@simulator\.amazonses\.com {2}→ recorded/)
  // Written when it was quiet, so that a process that is killed loses a moment only.
  await new Promise((resolve) => setTimeout(resolve, 3_500))
  await second.stop('SIGKILL')
  const { stdout } = await run('node', ['local/demo/start.ts', '--once', '--data', folder], { cwd: root })
  expect(stdout).toContain('restored from')
}, 120_000)

test('npm start with a damaged state exits with 2, says what to do, and leaves the file alone', async () => {
  const damaged = mkdtempSync(join(tmpdir(), 'sesame-damaged-'))
  writeFileSync(join(damaged, 'state.json'), '{"format":')
  await expect(run('node', ['local/demo/start.ts', '--once', '--data', damaged], { cwd: root })).rejects.toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/state\.json is damaged: .* Restore a copy of it, or delete it to begin anew\.\n$/),
  })
  expect(readdirSync(damaged)).toEqual(['state.json'])
})
