import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { type ConnectedStack, days, minutes, startConnectedStack } from '../../bench/connected-stack.ts'
import { domainEventSchemas } from '../../src/events/domain-events.ts'

const ann = 'ann@example.com'
const docs = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8')

const Schema = v.strictObject({
  $schema: v.string(),
  title: v.string(),
  type: v.literal('object'),
  additionalProperties: v.literal(false),
  required: v.array(v.string()),
  properties: v.record(
    v.string(),
    v.strictObject({
      type: v.picklist(['string', 'boolean', 'number']),
      description: v.string(),
      enum: v.optional(v.array(v.string())),
      format: v.optional(v.literal('date-time')),
      pattern: v.optional(v.string()),
    }),
  ),
})
type Schema = v.InferOutput<typeof Schema>

/** The JSON schemas of docs/events.md, by title. */
const documented = new Map(
  [...docs.matchAll(/```json\n(\{.*?\n\})\n```/gs)]
    .map(([, text = '']): unknown => JSON.parse(text))
    .filter((one) => typeof one === 'object' && one !== null && '$schema' in one)
    .map((one) => v.parse(Schema, one))
    .map((schema) => [schema.title, schema] as const),
)
const ours = ['Address Suppressed', 'Address Reinstated'] as const

/** Validates the keywords of JSON Schema that these schemas use. */
function violationsOf(detail: object, { required, properties }: Schema): string[] {
  const fields = Object.entries(detail)
  return [
    ...required.filter((name) => !(name in detail)).map((name) => `${name} is missing`),
    ...fields.flatMap(([name, value]) => {
      const property = properties[name]
      if (!property) return [`${name} is not known`]
      if (typeof value !== property.type) return [`${name} is not a ${property.type}`]
      if (property.enum && !property.enum.includes(value)) return [`${name} is not listed`]
      if (property.pattern && !new RegExp(property.pattern).test(value)) return [`${name} does not match its pattern`]
      if (property.format && !v.is(v.pipe(v.string(), v.isoTimestamp()), value)) return [`${name} is not a time`]
      return []
    }),
  ]
}

const publishedEvents = (stack: ConnectedStack) =>
  stack.aws.eventbridge.events.map(({ 'detail-type': type, detail }) => ({ type, ...Object(detail) }))

describe.each(ours)('%s', (type) => {
  test('the schema of an event is documented with the fields of the code', () => {
    const { entries } = domainEventSchemas[type]
    const schema = documented.get(type)
    expect(Object.keys(schema?.properties ?? {})).toEqual(Object.keys(entries))
    const needed = Object.entries(entries).flatMap(([name, one]) => (one.type === 'optional' ? [] : [name]))
    expect(schema?.required).toEqual(needed)
  })
})

test('every published event matches its documented schema, on our bus and from our source', async () => {
  const stack = await startConnectedStack(1)
  await stack.receive('p000', ann, 'uncertain')
  await stack.suppress('p000', 'hand@example.com')
  for (const day of [0, 1, 2])
    await stack.receive('p000', 'soft@example.com', 'soft', new Date(stack.clock.now().getTime() - days(day)))
  await stack.aws.settled()
  stack.clock.advance(minutes(1))
  for (const address of [ann, 'hand@example.com', 'soft@example.com']) await stack.reinstate('p000', address)
  await stack.aws.settled()
  const { events } = stack.aws.eventbridge
  expect(events.map((one) => one['detail-type']).sort()).toEqual([
    ...Array(3).fill('Address Reinstated'),
    ...Array(3).fill('Address Suppressed'),
  ])
  for (const { bus, source, detail, 'detail-type': type } of events) {
    expect({ bus, source }).toEqual({ bus: 'sesame-dev', source: 'sesame' })
    const schema = documented.get(type)
    expect(schema && violationsOf(Object(detail), schema)).toEqual([])
    expect(
      v.safeParse(
        type === 'Address Suppressed' ? domainEventSchemas[type] : domainEventSchemas['Address Reinstated'],
        detail,
      ).success,
    ).toBe(true)
  }
  const soft = publishedEvents(stack).find(
    ({ type, address }) => type === 'Address Suppressed' && address.startsWith('soft'),
  )
  expect(soft).toMatchObject({
    reason: 'soft bounces',
    until: new Date(stack.clock.now().getTime() - minutes(1) + days(30)).toISOString(),
  })
  expect(publishedEvents(stack)).toContainEqual(
    expect.objectContaining({ type: 'Address Suppressed', address: ann, uncertain: true }),
  )
})

test('a suppression has one event id when its records are repeated or more bounces follow, and a new reason has another', async () => {
  const stack = await startConnectedStack(1)
  stack.aws.lambda.crash('sesame-dev-propagate-suppression', 4)
  await stack.receive('p000', ann, 'hard')
  await stack.aws.settled()
  await stack.receive('p000', ann, 'hard', new Date(stack.clock.now().getTime() + minutes(1)))
  await stack.aws.settled()
  expect(new Set(publishedEvents(stack).map(({ id }) => id)).size).toBe(1)
  await stack.receive('p000', ann, 'complaint')
  await stack.aws.settled()
  expect(publishedEvents(stack).at(-1)).toMatchObject({ type: 'Address Suppressed', reason: 'complaint' })
})

test('an address that is suppressed and reinstated twice causes four events with four ids', async () => {
  const stack = await startConnectedStack(1)
  for (let i = 0; i < 2; i++) {
    await stack.suppress('p000', ann)
    await stack.aws.settled()
    stack.clock.advance(minutes(1))
    await stack.reinstate('p000', ann)
    await stack.aws.settled()
    stack.clock.advance(minutes(1))
  }
  expect(publishedEvents(stack).map(({ type }) => type)).toEqual([
    'Address Suppressed',
    'Address Reinstated',
    'Address Suppressed',
    'Address Reinstated',
  ])
  expect(new Set(publishedEvents(stack).map(({ id }) => id)).size).toBe(4)
})
