/** Requests that no client would send: no answer is a failure, and none has data of another project. */
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { hasBody } from '../../src/api/route.ts'
import { allRoutes } from '../../src/api/routes.ts'
import { schemaOf } from '../../tools/pages/openapi.ts'
import { runsOf } from '../runs.ts'
import { ACME, type ApiStack, apiStack } from './api-stack.ts'

/** On the list of globex. The requests ask about the first, and never name the second. */
const asked = 'secret-of-globex@customer.example'
const untold = 'untold-5b2e@customer.example'

let stack: ApiStack
beforeAll(async () => {
  stack = await apiStack()
  for (const address of [asked, untold]) await stack.bounce('globex', address)
  await stack.bounce('acme', 'gone@customer.example')
  await stack.connect('acme', ACME)
  // Another project has templates in the same account.
  const secret = { subject: untold, text: untold, html: '', at: stack.clock.now() }
  for (const name of ['sesame-globex_secret', 'sesame-acme-2_secret', 'secret'])
    stack.aws.ses.account(ACME).templates.set(name, secret)
})

/** Names of templates, among them those that could reach one of another project. */
const anyName = fc.oneof(
  fc.constantFrom('welcome', 'secret', '-2_secret', '../globex', 'sesame-globex_secret', '%2e%2e', '*', 'a'.repeat(60)),
  fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }),
)

type Json = { [key: string]: unknown }
const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const anyText = fc.oneof(
  fc.string({ maxLength: 40, unit: 'binary' }),
  fc.constantFrom('', 'gone@customer.example', asked, 'globex', '../globex', '__proto__'),
)
const anything = fc.oneof(anyText, fc.integer(), fc.constant(null), fc.boolean(), fc.object({ maxDepth: 2 }))

/** Values that the schema allows, mixed with values that it does not. */
function anyOf(schema: unknown): fc.Arbitrary<unknown> {
  if (!isJson(schema)) return anything
  const { type, properties, items, enum: options } = schema
  const likely = (): fc.Arbitrary<unknown> => {
    if (Array.isArray(options) && options.length > 0) return fc.constantFrom(...options)
    if (type === 'array') return fc.array(anyOf(items), { maxLength: 4 })
    if (type === 'object' && isJson(properties)) {
      const members = Object.entries(properties).map(([name, member]) => [name, anyOf(member)] as const)
      return fc
        .tuple(
          fc.record(Object.fromEntries(members), { requiredKeys: [] }),
          fc.dictionary(anyText, anything, { maxKeys: 1 }),
        )
        .map(([known, more]) => ({ ...known, ...(Math.abs(JSON.stringify(known).length) % 4 === 0 ? more : {}) }))
    }
    return anyText
  }
  return fc.oneof({ arbitrary: likely(), weight: 9 }, { arbitrary: anything, weight: 1 })
}

const anyRequest = fc.constantFrom(...allRoutes).chain((route) =>
  fc.record({
    route: fc.constant(route),
    input: anyOf(schemaOf(route.input)),
    name: anyName,
    key: fc.option(fc.stringMatching(/^[ -~]{0,20}$/), { nil: undefined }),
    broken: fc.option(fc.string({ maxLength: 20 }), { nil: undefined, freq: 8 }),
  }),
)

test('no request of an application fails with 5xx or shows data of another project', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(anyRequest, async ({ route, input, name, key, broken }) => {
      // Within the limits of the stage.
      stack.clock.advance(100)
      const path = route.path
        .replace('{project}', 'acme')
        .replace(/\{(?:template|message)\}/, () => encodeURIComponent(name))
      const query = new URLSearchParams(
        isJson(input) ? Object.entries(input).map(([name, value]): [string, string] => [name, String(value)]) : [],
      )
      const answer = await stack.call({
        method: route.method,
        path: hasBody(route) ? path : `${path}?${query}`,
        ...(hasBody(route) && (broken === undefined ? { body: input } : { text: broken || '{' })),
        headers: key === undefined ? {} : { 'idempotency-key': key.trim() || 'x' },
      })
      expect(answer.status).toBeLessThan(500)
      if (answer.status >= 400 && answer.status !== 403) expect(answer.body.type).toMatch(/^urn:sesame:problem:/)
      expect(answer.text).not.toContain(untold)
      // What was sent may be repeated to the sender, but without a fact about it.
      const outcomes = [answer.body.outcomes ?? []].flat().map(Object)
      for (const { address, reason } of outcomes)
        if (String(address).includes(asked)) expect(reason).not.toBe('hard bounce')
    }),
    { seed: 20260304, numRuns: runsOf(500) },
  )
  expect(stack.lines('read-suppressions').join()).not.toContain('@')
  expect(stack.lines('rule-on-addresses').join()).not.toContain('@')
  expect(stack.lines('send-email').join()).not.toContain('@')
  expect(stack.lines('manage-templates').join()).not.toContain('@')
  expect(stack.lines('read-activity').join()).not.toContain('@')
  const denied = stack.aws.record.filter(({ verdict, service }) => verdict === 'denied' && service === 'dynamodb')
  expect(denied).toEqual([])
})

test('the fuzz would notice data of another project', async () => {
  const path = '/projects/globex/suppressions/check'
  const body = { addresses: [asked, untold] }
  expect((await stack.call({ path, body, as: stack.globexApp })).body.outcomes).toMatchObject([
    { reason: 'hard bounce' },
    { reason: 'hard bounce' },
  ])
})
