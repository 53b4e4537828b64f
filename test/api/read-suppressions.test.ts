import { beforeAll, describe, expect, test } from 'vitest'
import { createOwnHolds } from '../../src/projects/change-hold.ts'
import { type ApiStack, apiStack } from './api-stack.ts'

let stack: ApiStack
beforeAll(async () => {
  stack = await apiStack()
  await stack.bounce('acme', 'gone@customer.example')
  await stack.bounce('acme', 'bounce@simulator.amazonses.com')
  await stack.bounce('globex', 'only-globex@customer.example')
  await stack.rulings.suppress('acme', 'by-hand@customer.example', {
    at: stack.clock.now(),
    by: 'ann',
    why: 'asked for it',
  })
})

const check = (addresses: unknown, project = 'acme') =>
  stack.call({ path: `/projects/${project}/suppressions/check`, body: { addresses } })
const list = (query = '') => stack.call({ method: 'GET', path: `/projects/acme/suppressions${query}` })

describe('POST suppressions/check', () => {
  test('check answers one outcome for each address, in their order and as they were sent', async () => {
    const { status, body } = await check([
      'a@example.com',
      'Gone <GONE@customer.example>',
      'nonsense',
      'by-hand@customer.example',
    ])
    expect(status).toBe(200)
    expect(body.outcomes).toEqual([
      { address: 'a@example.com', state: 'allowed' },
      {
        address: 'Gone <GONE@customer.example>',
        state: 'refused',
        reason: 'hard bounce',
        since: '2026-03-04T05:06:07.000Z',
        detail: expect.any(String),
      },
      { address: 'nonsense', state: 'refused', reason: 'not an address', detail: expect.any(String) },
      expect.objectContaining({ state: 'refused', reason: 'manual' }),
    ])
  })

  test('check allows an address of the mailbox simulator although it bounced', async () => {
    const { body } = await check(['bounce@simulator.amazonses.com', 'gone@customer.example'])
    expect(body.outcomes).toMatchObject([{ state: 'allowed' }, { state: 'refused' }])
  })

  test('check does not know an address of another project', async () => {
    expect((await check(['only-globex@customer.example'])).body.outcomes).toMatchObject([{ state: 'allowed' }])
    const there = await stack.call({
      path: '/projects/globex/suppressions/check',
      body: { addresses: ['only-globex@customer.example'] },
      as: stack.globexApp,
    })
    expect(there.body.outcomes).toMatchObject([{ state: 'refused' }])
  })

  test('check of 1,000 addresses reads ten batches and half a unit for each address', async () => {
    const before = stack.aws.record.length
    const many = Array.from({ length: 1_000 }, (_, i) => `many-${i}@example.com`)
    expect((await check(many)).body.outcomes).toHaveLength(1_000)
    const operations = stack.aws.record.slice(before).map(({ operation }) => operation)
    expect(operations.filter((one) => one === 'BatchGetItem')).toHaveLength(10)
    // The state of the project is known from the requests before.
    expect(operations.filter((one) => one === 'Query')).toEqual([])
  })

  test('check reads 50 addresses in one request', async () => {
    const before = stack.aws.record.length
    await check(Array.from({ length: 50 }, (_, i) => `fifty-${i}@example.com`))
    const read = stack.aws.record.slice(before).filter(({ action }) => action === 'dynamodb:BatchGetItem')
    expect(read).toHaveLength(1)
  })

  test('check refuses every address of a quarantined project, and says since when and why', async () => {
    const broken = await apiStack()
    await broken.quarantine('acme', '111122223333')
    const { body } = await broken.call({
      path: '/projects/acme/suppressions/check',
      body: { addresses: ['a@example.com'] },
    })
    expect(body.outcomes).toEqual([
      {
        address: 'a@example.com',
        state: 'refused',
        reason: 'project quarantined',
        since: '2026-03-02T00:00:00.000Z',
        detail: expect.stringContaining('without an external id'),
      },
    ])
  })

  test('check refuses every address of a paused project, until it is resumed', async () => {
    const sending = { paused: true }
    await stack.projects.set('acme', { sending }, stack.context)
    stack.clock.advance(11_000)
    expect((await check(['a@example.com'])).body.outcomes).toMatchObject([{ reason: 'project paused' }])
    await stack.projects.set('acme', { sending: { paused: false } }, stack.context)
    stack.clock.advance(11_000)
    expect((await check(['a@example.com'])).body.outcomes).toMatchObject([{ state: 'allowed' }])
  })

  test('check refuses every address of a held project, with the reason and its numbers, until the hold ends', async () => {
    const why = 'hard bounces are 5 % of 1,000 recipients'
    const until = new Date(stack.clock.now().getTime() + 60_000)
    const holds = createOwnHolds(stack.dynamodb, 'sesame-dev-projects')
    await holds.set('acme', 'rates', { since: stack.clock.now(), why, until })
    stack.clock.advance(11_000)
    expect((await check(['a@example.com'])).body.outcomes).toMatchObject([
      {
        state: 'refused',
        reason: 'project held',
        detail: `No mail of the project is sent: ${why}.`,
        until: until.toISOString(),
      },
    ])
    stack.clock.advance(60_000)
    expect((await check(['a@example.com'])).body.outcomes).toMatchObject([{ state: 'allowed' }])
  })

  test('check of a project that does not exist is a problem with status 404', async () => {
    const nobody = await stack.application('initech-mailer', '*/projects/initech/*')
    const answer = await stack.call({
      path: '/projects/initech/suppressions/check',
      body: { addresses: ['a@example.com'] },
      as: nobody,
    })
    expect(answer).toMatchObject({ status: 404, body: { type: 'urn:sesame:problem:no-such-project' } })
  })
})

describe('soft bounces', () => {
  test('check refuses an address after soft bounces on three days, from the item of the address alone', async () => {
    const fresh = await apiStack()
    const ask = async () =>
      (
        await fresh.call({
          path: '/projects/acme/suppressions/check',
          body: { addresses: ['full@customer.example'] },
        })
      ).body.outcomes
    for (const day of ['2026-03-01', '2026-03-02'])
      await fresh.bounce('acme', 'full@customer.example', 'soft', new Date(`${day}T10:00:00.000Z`))
    expect(await ask()).toMatchObject([{ state: 'allowed' }])
    await fresh.bounce('acme', 'full@customer.example', 'soft', new Date('2026-03-03T10:00:00.000Z'))
    expect(await ask()).toMatchObject([{ state: 'refused', reason: 'soft bounces', until: '2026-04-02T10:00:00.000Z' }])
    await fresh.rulings.reinstate('acme', 'full@customer.example', {
      at: fresh.clock.now(),
      by: 'ann',
      why: 'has space again',
    })
    expect(await ask()).toMatchObject([{ state: 'allowed' }])
  })
})

describe('GET suppressions', () => {
  test('list shows the suppressed addresses of the project', async () => {
    const { status, body } = await list()
    expect(status).toBe(200)
    expect(body.entries).toMatchObject([
      { address: 'bounce@simulator.amazonses.com', reason: 'hard bounce' },
      { address: 'by-hand@customer.example', reason: 'manual' },
      { address: 'gone@customer.example', reason: 'hard bounce' },
    ])
    expect(body).not.toHaveProperty('next')
  })

  test('list returns every address once, page by page, and its cursor shows no address', async () => {
    const found: unknown[] = []
    let cursor = ''
    for (let pages = 0; pages < 10; pages++) {
      const { body } = await list(`?limit=1${cursor && `&cursor=${cursor}`}`)
      found.push(...[body.entries].flat())
      if (body.next === undefined) break
      cursor = String(body.next)
      expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toMatch(/example|simulator/)
    }
    expect(found).toMatchObject([
      { address: 'bounce@simulator.amazonses.com' },
      { address: 'by-hand@customer.example' },
      { address: 'gone@customer.example' },
    ])
  })

  test('list filters by reason, time and state', async () => {
    expect((await list('?reason=manual')).body.entries).toMatchObject([{ address: 'by-hand@customer.example' }])
    expect((await list('?since=2026-03-05T00:00:00.000Z')).body.entries).toEqual([])
    expect((await list('?state=clear')).body.entries).toEqual([])
  })

  test('a cursor of other filters or of another project is refused', async () => {
    const { next } = (await list('?limit=1')).body
    expect(await list(`?limit=1&reason=manual&cursor=${next}`)).toMatchObject({
      status: 400,
      body: { type: 'urn:sesame:problem:invalid-cursor' },
    })
    const foreign = await stack.call({
      method: 'GET',
      path: `/projects/globex/suppressions?limit=1&cursor=${next}`,
      as: stack.globexApp,
    })
    expect(foreign.body.type).toBe('urn:sesame:problem:invalid-cursor')
    expect((await list(`?limit=1&cursor=${next}`)).status).toBe(200)
  })
})

describe('POST suppressions/lookup', () => {
  test('lookup shows verdict, evidence and rulings of an address', async () => {
    const { body } = await stack.call({
      path: '/projects/acme/suppressions/lookup',
      body: { address: 'by-hand@customer.example' },
    })
    expect(body).toMatchObject({
      state: 'suppressed',
      reason: 'manual',
      evidence: [],
      history: [{ decision: 'suppress', by: 'ann', why: 'asked for it' }],
    })
  })
})

describe('problems', () => {
  test.each([
    ['an unknown field', { addresses: ['a@example.com'], adresses: [] }, '/adresses', 'is not a field of this request'],
    ['a missing field', {}, '/addresses', 'is missing'],
    ['a wrong type', { addresses: 'a@example.com' }, '/addresses', 'must be Array'],
    ['an empty list', { addresses: [] }, '/addresses', 'must have at least one address'],
    ['a wrong member', { addresses: ['a@example.com', 7] }, '/addresses/1', 'must be string'],
  ])('a request with %s is refused with the field and what it must be', async (_, body, pointer, detail) => {
    const answer = await stack.call({ path: '/projects/acme/suppressions/check', body })
    expect(answer.status).toBe(400)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.body).toMatchObject({
      type: 'urn:sesame:problem:invalid-request',
      status: 400,
      errors: [{ pointer, detail }],
      instance: expect.stringMatching(/^urn:request:/),
    })
  })

  test('a body that is not JSON, has another media type, or is too large has a problem of its own', async () => {
    const path = '/projects/acme/suppressions/check'
    expect((await stack.call({ path, text: '{"addresses":' })).body.type).toBe('urn:sesame:problem:not-json')
    expect((await stack.call({ path, text: 'a=b', headers: { 'content-type': 'text/plain' } })).status).toBe(415)
    const large = { addresses: [`${'a'.repeat(1_100_000)}@example.com`] }
    expect(await stack.call({ path, body: large })).toMatchObject({
      status: 413,
      body: { type: 'urn:sesame:problem:body-too-large' },
    })
  })

  test('neither the log nor a problem repeats an address', async () => {
    await check(['secret.person@example.com'])
    await stack.call({ path: '/projects/acme/suppressions/check', body: { 'secret.person@example.com': 1 } })
    expect(stack.lines('read-suppressions').join()).not.toMatch(/secret|@/)
    const line = JSON.parse(stack.lines('read-suppressions').at(-1) ?? '{}')
    expect(line).toMatchObject({
      outcome: 'problem: invalid-request',
      route: 'checkSuppressions',
      project: 'acme',
    })
  })
})
