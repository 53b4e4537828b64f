import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSesame, SesameError, SesameSettingError, SesameUnreachableError } from '../../src/client/client.ts'
import { ACME, type ApiStack, apiStack } from '../api/api-stack.ts'

let stack: ApiStack
let server: { url: string; close(): Promise<void> }
beforeAll(async () => {
  stack = await apiStack()
  await stack.bounce('acme', 'gone@customer.example')
  server = await stack.aws.listen(0)
})
afterAll(() => server?.close())

type Options = Partial<Parameters<typeof createSesame>[0]>
const sesameOf = (options: Options = {}) =>
  createSesame({ project: 'acme', endpoint: server.url, region: 'us-east-1', credentials: stack.acmeApp, ...options })

/** A fetch whose first calls fail after the request has arrived, as when an answer is lost. */
function losing(answers: number) {
  let calls = 0
  const fetchOrLose: typeof fetch = async (...args) => {
    const answer = await fetch(...args)
    if (calls++ < answers) throw new TypeError('fetch failed')
    return answer
  }
  return { fetch: fetchOrLose, calls: () => calls }
}

describe('the client', () => {
  test('check returns one outcome for each address', async () => {
    expect(await sesameOf().check(['a@example.com', 'gone@customer.example'])).toMatchObject([
      { address: 'a@example.com', state: 'allowed' },
      { address: 'gone@customer.example', state: 'refused', reason: 'hard bounce' },
    ])
  })

  test('list returns every entry, over several pages', async () => {
    const rows = Array.from({ length: 120 }, (_, i) => ({ address: `row-${i}@example.com` }))
    await sesameOf().suppressions.import(rows, { source: 'test' })
    const found = await Array.fromAsync(sesameOf().suppressions.list({ reason: 'manual' }))
    expect(new Set(found.map(({ address }) => address))).toEqual(new Set(rows.map(({ address }) => address)))
    expect(found).toHaveLength(120)
  })

  test('a ruling whose answer is lost is recorded once', async () => {
    const { fetch: lossy, calls } = losing(1)
    const outcomes = await sesameOf({ fetch: lossy }).suppressions.suppress(['lost@example.com'], { why: 'once' })
    expect(outcomes).toEqual([{ address: 'lost@example.com', outcome: 'recorded' }])
    expect(calls()).toBe(2)
    expect((await sesameOf().suppressions.lookup('lost@example.com')).history).toHaveLength(1)
  })

  test('a request of another project is refused with what to change, and is not repeated', async () => {
    const { fetch: counting, calls } = losing(0)
    const foreign = sesameOf({ project: 'globex', fetch: counting })
    const error: unknown = await foreign.check(['a@example.com']).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(SesameError)
    expect(error).toMatchObject({ retryable: false, message: expect.stringContaining('execute-api:Invoke') })
    expect(calls()).toBe(1)
  })

  test('a problem names the wrong field', async () => {
    await expect(sesameOf().suppressions.suppress(['a@example.com'], { why: '' })).rejects.toMatchObject({
      problem: { status: 400, errors: [{ pointer: '/why' }] },
    })
  })

  test('an endpoint that does not answer is an error that can be retried', async () => {
    const nowhere = sesameOf({ endpoint: 'http://127.0.0.1:1', timeoutMs: 500 })
    await expect(nowhere.check(['a@example.com'])).rejects.toBeInstanceOf(SesameUnreachableError)
  })

  test('a missing endpoint is named', () => {
    const { SESAME_ENDPOINT: one, AWS_ENDPOINT_URL: other } = process.env
    delete process.env.SESAME_ENDPOINT
    delete process.env.AWS_ENDPOINT_URL
    expect(() => createSesame({ project: 'acme' })).toThrow(SesameSettingError)
    if (one !== undefined) process.env.SESAME_ENDPOINT = one
    if (other !== undefined) process.env.AWS_ENDPOINT_URL = other
  })
})

describe('send', () => {
  const message = {
    from: 'hello@acme.example',
    to: ['a@example.com', 'gone@customer.example'],
    subject: 'Hi',
    text: 'Hi',
  }
  beforeAll(async () => {
    await stack.connect('acme', ACME)
  })

  test('send returns one outcome for each recipient', async () => {
    const { outcomes } = await sesameOf().send(message)
    expect(outcomes).toMatchObject([
      { recipient: 'a@example.com', state: 'sent', messageId: expect.any(String) },
      { recipient: 'gone@customer.example', state: 'refused', reason: 'hard bounce' },
    ])
  })

  test('a send whose answer is lost is repeated, and the mail is sent once', async () => {
    const before = stack.mails(ACME).length
    const { fetch: lossy, calls } = losing(2)
    const { outcomes, isReplayed } = await sesameOf({ fetch: lossy }).send(message)
    await stack.aws.settled()
    expect(outcomes).toMatchObject([{ state: 'sent' }, { state: 'refused' }])
    expect([calls(), isReplayed, stack.mails(ACME).length - before]).toEqual([3, true, 1])
  })

  test('a batch has an entry for each message', async () => {
    const entries = await sesameOf().sendBatch([message, { ...message, from: 'x@unverified.example' }])
    expect(entries).toMatchObject([
      { outcomes: [{ state: 'sent' }, { state: 'refused' }] },
      { problem: { type: 'urn:sesame:problem:sender-not-verified' } },
    ])
  })
})
