/** What the server of the dashboard answers, to whom, and what it never sends. No browser is needed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Aws } from '../../local/aws.ts'
import { customers } from '../../local/demo/customers.ts'
import type { Assets } from '../../src/dashboard/assets.ts'
import { command, loosenRole, preparedAws, type Served, served } from './scene.ts'

const noPage: Assets = (path) =>
  path === '' ? { status: 200, headers: { 'content-type': 'text/html' }, body: Buffer.from('<p>page</p>') } : undefined

let aws: Aws
let board: Served
let readOnly: Served
let cookie: string

beforeAll(async () => {
  aws = await preparedAws()
  board = await served(aws, { assets: noPage })
  readOnly = await served(aws, { assets: noPage, canWrite: false })
  cookie = await signedIn(board)
}, 60_000)
afterAll(() => Promise.all([board.close(), readOnly.close()]))

type Ask = { readonly method?: string; readonly body?: unknown; readonly headers?: Record<string, string> }

/** A request as the page makes it, but for what is given. */
function ask(at: Served, path: string, { method = 'GET', body, headers = {} }: Ask = {}) {
  return fetch(`${at.origin}/dashboard/${path}`, {
    method,
    redirect: 'manual',
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: { origin: at.origin, 'x-sesame-dashboard': '1', cookie, ...headers },
  })
}

async function signedIn(at: Served): Promise<string> {
  const token = at.link().split('#')[1]
  const answer = await ask(at, 'api/session', { method: 'POST', body: { token }, headers: { cookie: '' } })
  expect(answer.status).toBe(200)
  return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
}

const read = async (path: string, as: Ask = {}, at = board) => {
  const answer = await ask(at, `api/${path}`, as)
  return { status: answer.status, body: JSON.parse((await answer.text()) || '{}') }
}

const refOf = async (address: string, project = 'acme'): Promise<string> => {
  const { body } = await read('search', { method: 'POST', body: { text: address } })
  const found: { title: string; to: string }[] = body.found
  return (
    found
      .find(({ title }) => title.endsWith(`in ${project}`))
      ?.to.split('/')
      .at(-1) ?? ''
  )
}

describe('the session of the dashboard', () => {
  test('a token is exchanged once, for a cookie that no script can read and no other site can send', async () => {
    const token = board.link().split('#')[1]
    const post = { method: 'POST', body: { token }, headers: { cookie: '' } }
    const first = await ask(board, 'api/session', post)
    expect(first.headers.get('set-cookie')).toMatch(
      /^sesame-dashboard-\d+=[\w-]{43}; Path=\/dashboard\/; HttpOnly; SameSite=Strict$/,
    )
    const second = await ask(board, 'api/session', post)
    expect([second.status, second.headers.get('set-cookie')]).toEqual([401, null])
    expect(board.link().split('#')[1]).not.toBe(token)
  })

  test('a question without the cookie, with another cookie, or without the header of the page is refused', async () => {
    expect((await read('overview')).status).toBe(200)
    for (const headers of [{ cookie: '' }, { cookie: `${cookie}x` }, { cookie: cookie.replace(/=.*/, '=') }])
      expect((await read('overview', { headers })).status).toBe(401)
    const bare = await fetch(`${board.origin}/dashboard/api/overview`, { headers: { cookie, origin: board.origin } })
    expect(bare.status).toBe(401)
  })

  test.each([
    ['another origin', { origin: 'http://evil.example' }],
    ['another port of this computer', { origin: 'http://127.0.0.1:1' }],
    ['an opaque origin', { origin: 'null' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['the same site but another origin', { 'sec-fetch-site': 'same-site' }],
  ])('a request from %s is refused', async (_, headers) => {
    expect((await read('overview', { headers })).status).toBe(403)
    expect((await read('search', { method: 'POST', body: { text: 'acme' }, headers })).status).toBe(403)
    expect((await read('search', { method: 'POST', body: { text: 'acme' } })).status).toBe(200)
  })

  test('a request under another name of this computer is refused, by which DNS rebinding would come', async () => {
    const { port } = new URL(board.origin)
    const { request } = await import('node:http')
    const statusFor = (host: string) =>
      new Promise<number | undefined>((resolve) => {
        request({ port, host: '127.0.0.1', path: '/dashboard/', headers: { host } }, (answer) => {
          answer.resume()
          resolve(answer.statusCode)
        }).end()
      })
    expect(await statusFor(`evil.example:${port}`)).toBe(403)
    expect(await statusFor('127.0.0.1')).toBe(403)
    expect(await statusFor(`localhost:${port}`)).toBe(200)
  })

  test('the page comes with a policy that allows its own files only, and no path reaches another file', async () => {
    const real = await served(aws)
    const page = await fetch(`${real.origin}/dashboard/`)
    expect(page.headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'.*require-trusted-types-for 'script'/,
    )
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
    for (const path of ['../package.json', '%2e%2e/package.json', 'assets/../../package.json', '.built-from'])
      expect((await fetch(`${real.origin}/dashboard/${path}`)).status).toBe(404)
    await real.close()
  })
})

describe('an answer of the dashboard', () => {
  test('that did not change is not sent again', async () => {
    const first = await ask(board, 'api/connections')
    const etag = first.headers.get('etag') ?? ''
    const second = await ask(board, 'api/connections', { headers: { 'if-none-match': etag } })
    expect([second.status, await second.text()]).toEqual([304, ''])
    const other = await ask(board, 'api/connections', { headers: { 'if-none-match': '"other"' } })
    expect(other.status).toBe(200)
  })

  test('says what needs attention first, and counts what was sent today without the simulator', async () => {
    const { body } = await read('overview')
    expect(body.today).toMatchObject({ sent: 12, bounces: { events: 2, recipients: 12, standing: 'unknown' } })
    expect(body.today.bounces).not.toHaveProperty('rate')
    expect(body.attention.map(({ subject }: { subject: string }) => subject)).toContain('2 dead letters')
    expect(body.projects.map(({ id, connection }: Record<string, string>) => [id, connection])).toEqual([
      ['acme', 'proven'],
      ['globex', 'proven'],
      ['hooli', 'waiting'],
    ])
  })

  test('explains causes in plain words, and leaves the simulator out of the rate', async () => {
    const { body } = await read('projects/acme')
    expect(body.causes[0]).toMatchObject({ title: 'Refused for good', count: 1 })
    expect(body.causes.filter(({ apart }: { apart?: string }) => apart === 'simulator')).not.toEqual([])
    expect(body.aws.text).toMatch(/^SES sees no problem with the account\..* in 24 hours\.$/)
    expect(body.list.byReason).toContainEqual({ reason: 'hard bounce', count: 2 })
    expect((await read('projects/nope')).body.next).toContain('sesame project add')
  })

  test('holds no address until somebody asks for it', async () => {
    const ref = await refOf('gone@customer.example')
    const pages = [
      await read('overview'),
      await read('projects/acme'),
      await read(`addresses/${ref}`),
      await read('dead-letters'),
      await read('search', { method: 'POST', body: { text: 'gone@customer.example' } }),
    ]
    for (const page of pages) expect(JSON.stringify(page.body)).not.toMatch(/[a-z]@customer/)
    expect(JSON.stringify(pages)).toContain('g•••@customer.example')
    expect((await read(`addresses/${ref}/reveal`, { method: 'POST', body: {} })).body).toEqual({
      address: 'gone@customer.example',
    })
    expect((await read(`addresses/${ref.slice(0, -2)}AA`)).status).toBe(404)
  })

  test('that fails says what to do, and repeats nothing of the request', async () => {
    const { status, body } = await read('search', { method: 'POST', body: { text: 5, secret: 'x@y.example' } })
    expect(status).toBe(400)
    expect(body).toEqual({ problem: expect.stringContaining('text'), next: expect.any(String) })
    expect(JSON.stringify(body)).not.toContain('x@y.example')
  })
})

describe('a dashboard that only reads', () => {
  const changes: readonly (readonly [string, object])[] = [
    ['addresses/REF/rulings', { decision: 'reinstate', why: 'test' }],
    ['dead-letters/replay', { ids: ['a'] }],
    ['dead-letters/drop', { ids: ['a'], why: 'test' }],
    ['connections/acme/proof', {}],
  ]

  test.each(changes)('refuses POST %s, which one with --write accepts or judges', async (path, body) => {
    const before = cookie
    cookie = await signedIn(readOnly)
    const refused = await read(path.replace('REF', 'x'), { method: 'POST', body }, readOnly)
    cookie = before
    expect(refused).toMatchObject({ status: 403, body: { next: expect.stringContaining('--write') } })
    const allowed = await read(path.replace('REF', await refOf('full@customer.example')), { method: 'POST', body })
    expect(allowed.status).not.toBe(403)
  })
})

describe('a change by the dashboard', () => {
  test('a ruling needs a reason, is stored with the name of the person, and is shown at once', async () => {
    const ref = await refOf('annoyed@customer.example')
    expect((await read(`addresses/${ref}`)).body).toMatchObject({ state: 'suppressed', reason: 'complaint' })
    const rule = (why: string) =>
      read(`addresses/${ref}/rulings`, { method: 'POST', body: { decision: 'reinstate', why } })
    expect((await rule('  ')).status).toBe(400)
    expect((await rule('wrote to us')).body).toEqual({ outcome: 'recorded' })
    const { body } = await read(`addresses/${ref}`)
    expect(body.state).toBe('clear')
    expect(body.entries).toContainEqual(expect.objectContaining({ kind: 'ruling', by: 'ann', why: 'wrote to us' }))
  })

  test('a dead letter is shown with its addresses masked, and dropped with a reason that names none', async () => {
    const { body } = await read('dead-letters')
    expect(body.groups[0]).toMatchObject({ count: 2, cause: expect.stringContaining('sesame project add') })
    const [{ id }] = body.groups[0].letters
    const shown = (unmasked: boolean) => read('dead-letters/show', { method: 'POST', body: { id, unmasked } })
    expect((await shown(false)).body.content).not.toMatch(/(lost|gone)@/)
    expect((await shown(true)).body.content).toMatch(/(lost|gone)@/)
    const drop = (why: string) => read('dead-letters/drop', { method: 'POST', body: { ids: [id], why } })
    expect((await drop('mail of ann@example.com')).status).toBe(400)
    expect((await drop('a test of another team')).body).toEqual({ text: '1 dropped.', failed: 0 })
    expect((await read('dead-letters')).body.groups[0].count).toBe(1)
  })

  test('a proof that fails shows the text to paste, without the external id', async () => {
    const [, { id, account }] = customers
    await loosenRole(aws, id, account)
    const { body } = await read(`connections/${id}/proof`, { method: 'POST', body: {} })
    expect(body.connection.state).toBe('quarantined')
    const failed = body.proof.steps.filter(({ verdict }: { verdict: string }) => verdict === 'failed')
    expect(failed[0].paste).toContain('EXTERNAL-ID-OF-THIS-PROJECT')
    const connection = await board.deps.stack.connections.find(id)
    const all = [
      body,
      (await read(`connections/${id}`)).body,
      (await read('connections')).body,
      (await read('overview')).body,
    ]
    expect(JSON.stringify(all)).not.toContain(connection?.externalId)
    expect((await command(aws, 'doctor', id, '--output', 'table')).printed).toContain(connection?.externalId)
  })
})

describe('sesame dashboard', () => {
  test('prints a link with a token, and ends by itself when nobody asks', async () => {
    const { printed, code } = await command(aws, 'dashboard', '--idle', '0.002')
    expect(printed).toMatch(/^Dashboard of stage dev in us-east-1, read-only\./)
    expect(printed).toMatch(/^ {2}http:\/\/127\.0\.0\.1:\d+\/dashboard\/#[\w-]{43}$/m)
    expect(printed).toMatch(/The dashboard has ended\.$/)
    expect(code).toBe(0)
  })

  test('says that a port is in use', async () => {
    await expect(command(aws, 'dashboard', '--port', new URL(board.origin).port)).rejects.toThrow(/Port \d+ is in use/)
  })

  test('refuses a port or a time that is none', async () => {
    await expect(command(aws, 'dashboard', '--port', '70000')).rejects.toThrow('Give a port')
    await expect(command(aws, 'dashboard', '--idle', '0')).rejects.toThrow('Give a number of minutes')
  })
})
