import nodemailer from 'nodemailer'
import { beforeAll, expect, test } from 'vitest'
import { createInProcessFetch } from '../../local/in-process-fetch.ts'
import { createSesame } from '../../src/client/client.ts'
import { createTransport } from '../../src/client/nodemailer.ts'
import { ACME, type ApiStack, apiStack, endpoint } from '../api/api-stack.ts'

let stack: ApiStack
beforeAll(async () => {
  stack = await apiStack()
  await stack.connect('acme', ACME)
  await stack.bounce('acme', 'gone@customer.example')
})

const mailer = () =>
  nodemailer.createTransport(
    createTransport(
      createSesame({
        project: 'acme',
        endpoint,
        region: 'us-east-1',
        credentials: stack.acmeApp,
        fetch: createInProcessFetch(stack.aws.handle),
      }),
    ),
  )
const mail = {
  from: '"Acme" <hello@acme.example>',
  to: 'a@example.com, "Gone" <gone@customer.example>',
  bcc: 'hidden@example.com',
  subject: 'Grüße',
  text: 'Hi',
  attachments: [{ filename: 'a.txt', content: 'attached' }],
}

test('a mail of Nodemailer goes to the recipients that may be mailed, once', async () => {
  const options = { ...mail, idempotencyKey: 'one' }
  const info = Object(await mailer().sendMail(options))
  expect(info).toMatchObject({
    accepted: ['a@example.com', 'hidden@example.com'],
    rejected: ['gone@customer.example'],
    pending: [],
    messageId: expect.any(String),
  })
  await mailer().sendMail(options)
  await stack.aws.settled()
  expect(stack.mails(ACME).map(({ recipient }) => recipient)).toEqual(['a@example.com', 'hidden@example.com'])
})

test('a mail that is refused rejects the promise of Nodemailer', async () => {
  await expect(mailer().sendMail({ ...mail, from: 'x@unverified.example' })).rejects.toThrow('Sesame answered 409')
})
