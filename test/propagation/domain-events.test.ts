import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { domainEvents } from '../../src/propagation/domain-events.ts'
import { days, minutes, type World, worldOf } from './world.ts'

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
      type: v.picklist(['string', 'boolean']),
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

/** What a validator of JSON Schema would say, as far as these schemas go. */
function faultsOf(detail: object, { required, properties }: Schema): string[] {
  const fields = Object.entries(detail)
  return [
    ...required.filter((name) => !(name in detail)).map((name) => `${name} is missing`),
    ...fields.flatMap(([name, value]) => {
      const asked = properties[name]
      if (!asked) return [`${name} is not known`]
      if (typeof value !== asked.type) return [`${name} is no ${asked.type}`]
      if (asked.enum && !asked.enum.includes(value)) return [`${name} is not listed`]
      if (asked.pattern && !new RegExp(asked.pattern).test(value)) return [`${name} looks otherwise`]
      if (asked.format && !v.is(v.pipe(v.string(), v.isoTimestamp()), value)) return [`${name} is no time`]
      return []
    }),
  ]
}

const told = (world: World) =>
  world.aws.eventbridge.events.map(({ 'detail-type': type, detail }) => ({ type, ...Object(detail) }))

describe.each(ours)('%s', (type) => {
  test('is documented with the fields that the code has', () => {
    const { entries } = domainEvents[type]
    const schema = documented.get(type)
    expect(Object.keys(schema?.properties ?? {})).toEqual(Object.keys(entries))
    const needed = Object.entries(entries).flatMap(([name, one]) => (one.type === 'optional' ? [] : [name]))
    expect(schema?.required).toEqual(needed)
  })
})

test('Whatever is told is as documented, on our bus and from us', async () => {
  const world = await worldOf(1)
  await world.hears('p000', ann, 'uncertain')
  await world.suppresses('p000', 'hand@example.com')
  for (const day of [0, 1, 2])
    await world.hears('p000', 'soft@example.com', 'soft', new Date(world.clock.now().getTime() - days(day)))
  await world.aws.settled()
  world.clock.advance(minutes(1))
  for (const address of [ann, 'hand@example.com', 'soft@example.com']) await world.reinstates('p000', address)
  await world.aws.settled()
  const { events } = world.aws.eventbridge
  expect(events.map((one) => one['detail-type']).sort()).toEqual([
    ...Array(3).fill('Address Reinstated'),
    ...Array(3).fill('Address Suppressed'),
  ])
  for (const { bus, source, detail, 'detail-type': type } of events) {
    expect({ bus, source }).toEqual({ bus: 'sesame-dev', source: 'sesame' })
    const schema = documented.get(type)
    expect(schema && faultsOf(Object(detail), schema)).toEqual([])
    expect(
      v.safeParse(type === 'Address Suppressed' ? domainEvents[type] : domainEvents['Address Reinstated'], detail)
        .success,
    ).toBe(true)
  }
  const soft = told(world).find(({ type, address }) => type === 'Address Suppressed' && address.startsWith('soft'))
  expect(soft).toMatchObject({
    reason: 'soft bounces',
    until: new Date(world.clock.now().getTime() - minutes(1) + days(30)).toISOString(),
  })
  expect(told(world)).toContainEqual(
    expect.objectContaining({ type: 'Address Suppressed', address: ann, uncertain: true }),
  )
})

test('A suppression is told once, also when its records come again or more bounces follow; a new reason is news', async () => {
  const world = await worldOf(1)
  world.aws.lambda.crash('sesame-dev-propagate-suppression', 4)
  await world.hears('p000', ann, 'hard')
  await world.aws.settled()
  await world.hears('p000', ann, 'hard', new Date(world.clock.now().getTime() + minutes(1)))
  await world.aws.settled()
  expect(new Set(told(world).map(({ id }) => id)).size).toBe(1)
  await world.hears('p000', ann, 'complaint')
  await world.aws.settled()
  expect(told(world).at(-1)).toMatchObject({ type: 'Address Suppressed', reason: 'complaint' })
})

test('An address that is suppressed, reinstated and suppressed again is told of four ids for four changes', async () => {
  const world = await worldOf(1)
  for (let i = 0; i < 2; i++) {
    await world.suppresses('p000', ann)
    await world.aws.settled()
    world.clock.advance(minutes(1))
    await world.reinstates('p000', ann)
    await world.aws.settled()
    world.clock.advance(minutes(1))
  }
  expect(told(world).map(({ type }) => type)).toEqual([
    'Address Suppressed',
    'Address Reinstated',
    'Address Suppressed',
    'Address Reinstated',
  ])
  expect(new Set(told(world).map(({ id }) => id)).size).toBe(4)
})
