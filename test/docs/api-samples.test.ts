/** The samples of docs/api.md do what the page says. */
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { beforeAll, expect, test } from 'vitest'
import { type ApiStack, apiStack } from '../api/api-stack.ts'

const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8')
const samples = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text = '']): unknown => JSON.parse(text))

const Statement = v.strictObject({
  Effect: v.literal('Allow'),
  Action: v.literal('execute-api:Invoke'),
  Resource: v.array(v.string()),
})
const statements = samples.filter((sample) => v.is(Statement, sample)).map((sample) => v.parse(Statement, sample))
const [using = [], managing = []] = statements.map(({ Resource }) =>
  Resource.map((arn) => arn.replace('arn:aws:execute-api:REGION:ACCOUNT:API_ID/$default/', '')),
)

let stack: ApiStack
beforeAll(async () => {
  stack = await apiStack()
})

const check = { path: '/projects/acme/suppressions/check', body: { addresses: ['a@example.com'] } }
const put = { method: 'PUT', path: '/projects/acme/templates/x', body: { subject: 'x', text: 'x' } }

test('the first policy allows an application the API of one project, and refuses it another and changes of templates', async () => {
  const as = await stack.application('sample-app', ...using)
  expect((await stack.call({ ...check, as })).status).toBe(200)
  expect((await stack.call({ ...check, path: check.path.replace('acme', 'globex'), as })).status).toBe(403)
  expect((await stack.call({ ...put, as })).status).toBe(403)
})

test('the second policy allows changes of templates, and refuses checks', async () => {
  const as = await stack.application('sample-manager', ...managing)
  // IAM lets the request in. The project is not connected here.
  expect(await stack.call({ ...put, as })).toMatchObject({
    status: 409,
    body: { type: 'urn:sesame:problem:not-connected' },
  })
  expect((await stack.call({ ...check, as })).status).toBe(403)
})

test('the path for checks only allows checks, and refuses everything else', async () => {
  const [, only = ''] = /`API_ID\/\$default\/(\S+)`/.exec(page) ?? []
  const as = await stack.application('sample-checker', only)
  expect((await stack.call({ ...check, as })).status).toBe(200)
  expect((await stack.call({ method: 'GET', path: '/projects/acme/suppressions', as })).status).toBe(403)
})

test('the problem is what the API answers to the request that it is about', async () => {
  const shown = Object(samples.find((sample) => !v.is(Statement, sample)))
  const { body, headers } = await stack.call({ ...check, body: { ...check.body, adresses: [] } })
  expect(headers['content-type']).toBe('application/problem+json')
  expect({ ...body, instance: '' }).toEqual({ ...shown, instance: '' })
  expect(body.instance).toMatch(/^urn:request:/)
})
