import { beforeAll, describe, expect, test } from 'vitest'
import { type ApiStack, apiStack } from './api-stack.ts'

let stack: ApiStack
beforeAll(async () => {
  stack = await apiStack()
})

const rule = (act: string, body: unknown, headers: Record<string, string> = {}) =>
  stack.call({ path: `/projects/acme/suppressions/${act}`, body, headers })
const stateOf = async (address: string) =>
  (await stack.call({ path: '/projects/acme/suppressions/lookup', body: { address } })).body

describe('rulings', () => {
  test('an address is suppressed and reinstated, each with the time of the server and the name of the role', async () => {
    const outcomes = { outcomes: [{ address: 'A@Example.com', outcome: 'recorded' }] }
    expect((await rule('suppress', { addresses: ['A@Example.com'], why: 'asked for it' })).body).toEqual(outcomes)
    expect(await stateOf('a@example.com')).toMatchObject({ state: 'suppressed', reason: 'manual' })
    stack.clock.advance(1_000)
    await rule('reinstate', { addresses: ['a@example.com'], why: 'asked again' })
    expect(await stateOf('a@example.com')).toMatchObject({
      state: 'clear',
      history: [
        { decision: 'suppress', at: '2026-03-04T05:06:07.000Z', by: 'api:acme-mailer', why: 'asked for it' },
        { decision: 'reinstate', at: '2026-03-04T05:06:08.000Z', by: 'api:acme-mailer', why: 'asked again' },
      ],
    })
  })

  test('an import records its addresses, and one bad row does not affect the others', async () => {
    const rows = [{ address: 'one@example.com' }, { address: 'no address' }, { address: 'two@example.com', why: '550' }]
    expect((await rule('import', { source: 'SendGrid bounces', rows })).body.outcomes).toEqual([
      { address: 'one@example.com', outcome: 'recorded' },
      { address: 'no address', outcome: 'refused: not an address' },
      { address: 'two@example.com', outcome: 'recorded' },
    ])
    expect(await stateOf('two@example.com')).toMatchObject({ history: [{ why: 'SendGrid bounces: 550' }] })
  })
})

describe('an import with causes', () => {
  const rows = [
    { address: 'gone@import.example', cause: 'hard bounce', at: '2024-03-01T10:00:00Z', why: '550' },
    { address: 'angry@import.example', cause: 'complaint', at: '2024-03-01T10:00:00Z' },
    { address: 'undated@import.example', cause: 'unsubscribe' },
    { address: 'over@import.example', until: '2025-01-01T00:00:00Z' },
    { address: 'future@import.example', cause: 'manual', at: '2099-01-01T00:00:00Z' },
    { address: 'old@import.example', cause: 'manual', at: '1970-01-20T00:00:00Z' },
  ]
  const importRows = async () => (await rule('import', { source: 'SendGrid bounces', rows })).body.outcomes

  test('each address has the reason and the date of its row, and importing again changes nothing', async () => {
    const outcomes = [
      ...Array.from({ length: 4 }, () => 'recorded'),
      ...Array.from({ length: 2 }, () => 'refused: not a date of a suppression'),
    ]
    expect(await importRows()).toEqual(rows.map(({ address }, i) => ({ address, outcome: outcomes[i] })))
    expect(await stateOf('gone@import.example')).toMatchObject({
      state: 'suppressed',
      reason: 'hard bounce',
      since: '2024-03-01T10:00:00.000Z',
      history: [{ by: 'import:sendgrid-bounces', why: 'hard bounce: 550' }],
    })
    expect(await stateOf('angry@import.example')).toMatchObject({ reason: 'complaint' })
    expect(await stateOf('over@import.example')).toMatchObject({ state: 'clear' })
    stack.clock.advance(60_000)
    expect(await importRows()).toMatchObject([
      ...Array.from({ length: 4 }, () => ({ outcome: 'ignored: a newer ruling stands' })),
      {},
      {},
    ])
  })

  test('a newer reinstatement wins, whether or not the row has a date', async () => {
    stack.clock.advance(60_000)
    await rule('reinstate', { addresses: ['gone@import.example', 'undated@import.example'], why: 'asked' })
    stack.clock.advance(60_000)
    await importRows()
    for (const address of ['gone@import.example', 'undated@import.example'])
      expect(await stateOf(address)).toMatchObject({ state: 'clear' })
    expect(await stateOf('angry@import.example')).toMatchObject({ state: 'suppressed' })
  })
})

describe('Idempotency-Key', () => {
  const body = { addresses: ['keyed@example.com'], why: 'once' }

  test('a repeated request gets the answer of the first and records nothing again', async () => {
    const first = await rule('suppress', body, { 'idempotency-key': 'k1' })
    stack.clock.advance(5_000)
    const again = await rule('suppress', { why: 'once', addresses: ['keyed@example.com'] }, { 'idempotency-key': 'k1' })
    expect(again.body).toEqual(first.body)
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(first.headers).not.toHaveProperty('idempotent-replayed')
    expect((await stateOf('keyed@example.com')).history).toHaveLength(1)
  })

  test('a key with another body or another route is refused', async () => {
    const other = await rule('suppress', { ...body, why: 'another' }, { 'idempotency-key': 'k1' })
    expect(other).toMatchObject({ status: 422, body: { type: 'urn:sesame:problem:idempotency-key-reused' } })
    expect((await rule('reinstate', body, { 'idempotency-key': 'k1' })).status).toBe(422)
  })

  test('a key belongs to one role and one project', async () => {
    const other = await stack.application('other-mailer', '*/projects/acme/*')
    const path = '/projects/acme/suppressions/suppress'
    const headers = { 'idempotency-key': 'k1' }
    const ofOther = await stack.call({ path, body: { ...body, why: 'mine' }, headers, as: other })
    expect(ofOther.status).toBe(200)
    const foreign = path.replace('acme', 'globex')
    const there = await stack.call({ path: foreign, body: { ...body, why: 'x' }, headers, as: stack.globexApp })
    expect(there.status).toBe(200)
  })

  test('a key of a request that died is in flight, and is taken over after a minute', async () => {
    stack.aws.lambda.crash('sesame-dev-rule-on-addresses', 2)
    expect((await rule('suppress', body, { 'idempotency-key': 'k-died' })).status).toBe(500)
    const meanwhile = await rule('suppress', body, { 'idempotency-key': 'k-died' })
    expect(meanwhile).toMatchObject({ status: 409, body: { type: 'urn:sesame:problem:request-in-flight' } })
    expect(Number(meanwhile.headers['retry-after'])).toBeGreaterThan(0)
    stack.clock.advance(61_000)
    expect((await rule('suppress', body, { 'idempotency-key': 'k-died' })).status).toBe(200)
  })

  test('a malformed key is refused', async () => {
    expect((await rule('suppress', body, { 'idempotency-key': 'k'.repeat(256) })).body.type).toBe(
      'urn:sesame:problem:invalid-idempotency-key',
    )
  })

  test('a key is free again after 24 hours', async () => {
    await rule('suppress', body, { 'idempotency-key': 'k-old' })
    stack.clock.advance(24 * 3_600_000 + 1_000)
    const { status, headers } = await stack.call({
      path: '/projects/acme/suppressions/suppress',
      body: { ...body, why: 'new' },
      headers: { 'idempotency-key': 'k-old' },
      as: await stack.renew('acme-mailer'),
    })
    expect(status).toBe(200)
    expect(headers).not.toHaveProperty('idempotent-replayed')
  })
})
