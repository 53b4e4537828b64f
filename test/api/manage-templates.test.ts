import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { customerRoleOf } from '../../src/access/role/customer-role.ts'
import { features } from '../../src/projects/connection.ts'
import { ACME, type ApiStack, apiStack, GLOBEX } from './api-stack.ts'

const HOOLI = '888899990000'

let stack: ApiStack
beforeAll(async () => {
  stack = await apiStack()
  await stack.connect('acme', ACME)
  await stack.connect('globex', GLOBEX)
})
beforeEach(() => {
  stack.clock.advance(2_000)
})

const of = (rest: string, project = 'acme') => `/projects/${project}/${rest}`
const call = (method: string, rest: string, body?: object, headers: Record<string, string> = {}) =>
  stack.call({ method, path: of(rest), headers, ...(body && { body }) })
const account = (id = ACME) => stack.aws.ses.account(id)
const welcome = { subject: 'Hi {{name}}', text: 'Hi {{name}}{{#if items}}: {{#each items}}{{this}};{{/each}}{{/if}}' }

describe('templates', () => {
  test('a template is created, replaced, read, listed, rendered and deleted, under the name of the project in SES', async () => {
    expect((await call('PUT', 'templates/welcome', { subject: 'x', text: 'x' })).body).toEqual({
      template: 'welcome',
      outcome: 'created',
    })
    expect((await call('PUT', 'templates/welcome', welcome)).body.outcome).toBe('changed')
    expect([...account().templates.keys()]).toEqual(['sesame-acme_welcome'])
    expect((await call('GET', 'templates/welcome')).body).toEqual({ template: 'welcome', ...welcome })
    expect((await call('GET', 'templates')).body).toEqual({
      templates: [{ template: 'welcome', createdAt: expect.stringMatching(/^2026-/) }],
    })
    const rendered = await call('POST', 'templates/welcome/render', { data: { name: 'Ann', items: ['a', 'b'] } })
    expect(rendered.body.message).toContain('Hi Ann: a;b;')
    expect((await call('DELETE', 'templates/welcome')).body).toEqual({ template: 'welcome', outcome: 'deleted' })
    expect((await call('DELETE', 'templates/welcome')).status).toBe(200)
    expect(await call('GET', 'templates/welcome')).toMatchObject({
      status: 404,
      body: { type: 'urn:sesame:problem:no-such-template' },
    })
  })

  test('templates of other projects in the same account, and of the customer, are neither shown nor reached', async () => {
    const other = { subject: 'secret', text: 'secret', html: '', at: stack.clock.now() }
    for (const name of ['own', 'sesame-globex_welcome', 'sesame-acme-2_welcome']) account().templates.set(name, other)
    expect((await call('GET', 'templates')).body.templates).toEqual([])
    // `sesame-acme` and this name would be a template of acme-2 without the separator.
    expect((await call('GET', 'templates/-2_welcome')).status).toBe(400)
    // The control: the templates are in the account.
    expect(account().templates.size).toBe(3)
    account().templates.clear()
  })

  test('the templates of a large account are listed in pages, with a cursor that only this project can use', async () => {
    const one = { subject: 'x', text: 'x', html: '', at: stack.clock.now() }
    for (let number = 0; number < 120; number++) account().templates.set(`own-${String(number).padStart(3, '0')}`, one)
    account().templates.set('sesame-acme_last', one)
    const first = await call('GET', 'templates')
    expect(first.body.templates).toEqual([])
    const next = encodeURIComponent(String(first.body.next))
    expect((await call('GET', `templates?cursor=${next}`)).body).toEqual({
      templates: [{ template: 'last', createdAt: expect.any(String) }],
    })
    const stolen = await stack.call({
      method: 'GET',
      path: of(`templates?cursor=${next}`, 'globex'),
      as: stack.globexApp,
    })
    expect(stolen.body.type).toBe('urn:sesame:problem:invalid-cursor')
    account().templates.clear()
  })

  test.each<[string, string, string, object | undefined, number, string]>([
    ['without a body', 'PUT', 'templates/a', { subject: 'x' }, 400, 'invalid-request'],
    ['with an unknown field', 'PUT', 'templates/a', { ...welcome, body: 'x' }, 400, 'invalid-request'],
    [
      'with a block that is not closed',
      'PUT',
      'templates/a',
      { subject: '{{#if a}}', text: 'x' },
      422,
      'template-refused',
    ],
    ['with a name of other characters', 'PUT', 'templates/a%2Fb', welcome, 400, 'invalid-request'],
    ['with a name that is too long for SES', 'PUT', `templates/${'a'.repeat(53)}`, welcome, 400, 'invalid-request'],
    ['that does not exist, to render', 'POST', 'templates/none/render', { data: {} }, 404, 'no-such-template'],
    ['with a query', 'GET', 'templates/a?x=1', undefined, 400, 'invalid-request'],
  ])('a template %s is refused', async (_, method, rest, body, status, type) => {
    const answer = await call(method, rest, body)
    expect(answer).toMatchObject({ status, body: { type: `urn:sesame:problem:${type}` } })
  })

  test('a rendering without a value names the attribute', async () => {
    await call('PUT', 'templates/welcome', welcome)
    const { status, body } = await call('POST', 'templates/welcome/render', { data: {} })
    expect([status, body.detail]).toEqual([422, "SES says: Attribute 'name' is not present in the rendering data."])
  })

  test('a key writes once, and another template with the same key is refused', async () => {
    const key = { 'idempotency-key': 'once' }
    const first = await call('PUT', 'templates/keyed', welcome, key)
    const again = await call('PUT', 'templates/keyed', welcome, key)
    expect([first.body.outcome, again.body.outcome]).toEqual(['created', 'created'])
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect((await call('PUT', 'templates/other', welcome, key)).status).toBe(422)
  })

  test('an application that may use GET and POST, as the templates for applications allow, cannot change a template', async () => {
    const reader = await stack.application('reader', 'GET/projects/acme/*', 'POST/projects/acme/*')
    const put = (as = reader) => stack.call({ method: 'PUT', path: of('templates/mine'), body: welcome, as })
    expect((await put()).status).toBe(403)
    expect((await put(stack.acmeApp)).status).toBe(200)
    expect((await stack.call({ method: 'GET', path: of('templates/mine'), as: reader })).status).toBe(200)
  })
})

describe('identities', () => {
  const lookup = async (identity: string) => (await call('POST', 'identities/lookup', { identity })).body

  test('a new domain has the records to publish, in words and as a table, until SES has found them', async () => {
    account().found = new Set()
    const { status, body } = await call('PUT', 'identities', { identity: 'new.example' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ kind: 'domain', maySend: false, verification: 'pending', problem: 'HOST_NOT_FOUND' })
    const records = [body.records].flat().map(Object)
    expect(records.map(({ purpose, type, state }) => [purpose, type, state])).toEqual([
      ['DKIM', 'CNAME', 'missing'],
      ['DKIM', 'CNAME', 'missing'],
      ['DKIM', 'CNAME', 'missing'],
      ['DMARC', 'TXT', 'not checked'],
    ])
    expect(records[0]).toMatchObject({
      name: expect.stringMatching(/^\w{32}\._domainkey\.new\.example$/),
      value: expect.stringMatching(/^\w{32}\.dkim\.amazonses\.com$/),
    })
    expect(body.steps).toContainEqual(
      'Publish the 3 CNAME records for DKIM in the DNS of new.example. SES finds them within 72 hours, and the domain may then send.',
    )
    const table = String(body.table).split('\n')
    expect(table[0]).toMatch(/^type +name +value$/)
    expect(table).toHaveLength(6)
    account().found = new Set(records.map(({ name }) => name))
    const found = await lookup('new.example')
    expect(found).toMatchObject({ maySend: true, verification: 'verified', dkim: { state: 'verified', origin: 'SES' } })
    expect(String(found.table)).not.toContain('CNAME')
    expect([found.steps].flat()).toHaveLength(1)
  })

  test('a MAIL FROM domain needs an MX and an SPF record, and can be removed again', async () => {
    account().found = new Set()
    const { body } = await call('PUT', 'identities/mail-from', {
      identity: 'acme.example',
      mailFrom: 'bounce.acme.example',
      ifMissing: 'reject',
    })
    expect(body.mailFrom).toEqual({ domain: 'bounce.acme.example', state: 'pending', ifMissing: 'reject' })
    expect([body.records].flat()).toContainEqual({
      purpose: 'MAIL FROM',
      type: 'MX',
      name: 'bounce.acme.example',
      value: '10 feedback-smtp.us-east-1.amazonses.com',
      state: 'missing',
    })
    expect(String(body.steps)).toContain('it refuses all mail of the identity')
    account().found = 'all'
    expect(await lookup('acme.example')).toMatchObject({ mailFrom: { state: 'verified' } })
    const removed = await call('PUT', 'identities/mail-from', { identity: 'acme.example' })
    expect(removed.body.mailFrom).toBeUndefined()
  })

  test('an address waits for its link', async () => {
    account().found = new Set()
    const { body } = await call('PUT', 'identities', { identity: 'Ann@other.example' })
    expect(body).toMatchObject({ kind: 'address', maySend: false, records: [], table: '' })
    expect(String(body.steps)).toContain('Open the link')
    account().found = 'all'
  })

  test.each([
    'a*@acme.example',
    '${aws:username}@acme.example',
    'a@b@acme.example',
    'acme',
    'ACME.example',
    'a.example/x',
  ])('the identity %s is refused, because its ARN could mean another or none', async (identity) => {
    const { status, body } = await call('PUT', 'identities', { identity })
    expect(status).toBe(400)
    expect(body.errors).toMatchObject([{ pointer: '/identity' }])
  })

  test('an identity that exists stays as it is, and what does not exist is no identity', async () => {
    expect((await call('PUT', 'identities', { identity: 'acme.example' })).body).toMatchObject({ maySend: true })
    expect(await call('POST', 'identities/lookup', { identity: 'none.example' })).toMatchObject({
      status: 404,
      body: { type: 'urn:sesame:problem:no-such-identity' },
    })
    const outside = await call('PUT', 'identities/mail-from', { identity: 'acme.example', mailFrom: 'a.example' })
    expect(outside).toMatchObject({ status: 422, body: { type: 'urn:sesame:problem:identity-refused' } })
  })

  test('a project with senders sees and changes only the identities of its senders', async () => {
    const names = async () =>
      [(await call('GET', 'identities')).body.identities].flat().map((one) => Object(one).identity)
    expect(await names()).toEqual(['acme.example', 'ann@other.example', 'new.example'])
    await stack.projects.set(
      'acme',
      { sending: { senders: ['news.acme.example', 'ann@other.example'] } },
      stack.context,
    )
    expect(await names()).toEqual(['acme.example', 'ann@other.example'])
    for (const answer of [
      await call('POST', 'identities/lookup', { identity: 'new.example' }),
      await call('PUT', 'identities', { identity: 'third.example' }),
      // It serves a sender, but other projects may use it, too.
      await call('PUT', 'identities/mail-from', { identity: 'acme.example' }),
    ])
      expect(answer).toMatchObject({ status: 403, body: { type: 'urn:sesame:problem:sender-not-allowed' } })
    expect((await call('PUT', 'identities', { identity: 'news.acme.example' })).status).toBe(200)
    await stack.projects.set('acme', { sending: {} }, stack.context)
  })
})

describe('the session in the account', () => {
  test('a call reaches the templates of its project or the one identity, and is refused beyond', async () => {
    const before = stack.aws.record.length
    await call('GET', 'templates/welcome')
    await call('POST', 'identities/lookup', { identity: 'acme.example' })
    const made = stack.aws.record.slice(before).filter(({ service }) => service === 'ses')
    expect(made.map(({ action, resource, verdict }) => [action, resource, verdict])).toEqual([
      ['ses:GetEmailTemplate', `arn:aws:ses:us-east-1:${ACME}:template/sesame-acme_welcome`, 'allowed'],
      ['ses:GetEmailIdentity', `arn:aws:ses:us-east-1:${ACME}:identity/acme.example`, 'allowed'],
    ])
  })

  test('a connection without the feature is refused before any call', async () => {
    await stack.projects.add({ id: 'hooli', account: HOOLI, configurationSets: ['sesame-hooli'] }, stack.context)
    const connection = await stack.connect('hooli', HOOLI, { features: ['reading', 'sending'] })
    const app = await stack.application('hooli-app', '*/projects/hooli/*')
    const before = stack.aws.record.length
    const get = () => stack.call({ method: 'GET', path: of('templates', 'hooli'), as: app })
    expect(await get()).toMatchObject({ status: 409, body: { type: 'urn:sesame:problem:feature-missing' } })
    expect(stack.aws.record.slice(before).filter(({ account: id }) => id === HOOLI)).toEqual([])
    const put = { method: 'PUT', path: of('identities', 'hooli'), body: { identity: 'b.example' }, as: app }
    expect((await stack.call(put)).body.type).toBe('urn:sesame:problem:feature-missing')
    // The connection has the feature now, and the customer's role is the same.
    const { roleArn: _, ...rest } = connection
    stack.aws.roles.delete(`arn:aws:iam::${HOOLI}:role/sesame/sesame-hooli`)
    await stack.connect('hooli', HOOLI, { features: [...features] }).catch(() => undefined)
    stack.aws.roles.delete(`arn:aws:iam::${HOOLI}:role/sesame/sesame-hooli`)
    stack.aws.roles.create(HOOLI, customerRoleOf({ ...rest, features: ['reading'] }, stack.aws.account))
    expect(await get()).toMatchObject({ status: 409, body: { type: 'urn:sesame:problem:account-unusable' } })
  })

  test('a project that is not connected, and one that does not exist, have a problem', async () => {
    await stack.projects.add(
      { id: 'initech', account: '777788889999', configurationSets: ['sesame-initech'] },
      stack.context,
    )
    const app = await stack.application('initech-app', '*/projects/initech/*', '*/projects/nobody/*')
    const get = (project: string) => stack.call({ method: 'GET', path: of('templates', project), as: app })
    expect((await get('initech')).body.type).toBe('urn:sesame:problem:not-connected')
    expect((await get('nobody')).body.type).toBe('urn:sesame:problem:no-such-project')
  })

  test('neither the log nor a problem has an address', () => {
    expect(stack.lines('manage-templates').join()).not.toContain('@')
  })
})
