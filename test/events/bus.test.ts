import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import * as v from 'valibot'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { addressEventOf } from '../../src/events/address-events.ts'
import { createEventBus, type Publish } from '../../src/events/bus.ts'
import { quarantinedEventOf, restoredEventOf } from '../../src/events/connection-events.ts'
import { type DomainEvent, domainEventSchemas } from '../../src/events/domain-events.ts'
import { roleUseEventOf } from '../../src/events/role-use-event.ts'

const at = new Date('2026-03-01T10:00:00Z')
const acme = { project: 'acme', account: '111122223333', region: 'us-east-1' }
const use = { role: 'operator', at, why: 'outside the window' }
const clear = { state: 'clear', evidence: [] } as const
const suppressed = {
  state: 'suppressed',
  reason: 'soft bounces',
  since: at,
  until: new Date('2026-03-31T10:00:00Z'),
  uncertain: false,
  grounds: [],
  evidence: [],
} as const
const restored = (count: number): DomainEvent[] => Array.from({ length: count }, () => restoredEventOf(acme, at))

describe('the event bus', () => {
  let aws: Aws
  let publish: Publish
  beforeEach(async () => {
    aws = await startAws()
    const client = new EventBridgeClient(aws.clientConfig(aws.credentials.root(aws.account)))
    publish = createEventBus(client, 'sesame-dev').publish
  })
  const types = () => aws.eventbridge.events.map((event) => event['detail-type'])

  test('the event bus publishes more events than fit into one request, in their order', async () => {
    await publish([...restored(24), roleUseEventOf('0'.repeat(32), use)])
    expect(types()).toEqual([...Array(24).fill('Connection Restored'), 'Unexpected Role Use'])
    expect(aws.eventbridge.events.at(-1)).toMatchObject({
      bus: 'sesame-dev',
      source: 'sesame',
      detail: { why: use.why },
    })
  })

  test('the event bus publishes nothing if there are no events', async () => {
    await publish([])
    expect(types()).toEqual([])
  })

  test('the event bus sends every event even after some were rejected, then throws a retryable error that names them', async () => {
    aws.eventbridge.failEntries(2)
    const events = [quarantinedEventOf(acme, at, { since: at, why: 'trust' }), ...restored(11)]
    await expect(publish(events)).rejects.toMatchObject({
      name: 'NotPublishedError',
      retryable: true,
      message:
        'EventBridge rejected the event "Connection Quarantined" of project acme and 1 more: ThrottlingException. Try again',
      rejected: [
        { type: 'Connection Quarantined', project: 'acme', code: 'ThrottlingException' },
        { type: 'Connection Restored', project: 'acme', code: 'ThrottlingException' },
      ],
    })
    expect(types()).toHaveLength(10)
  })

  test('the error of the event bus names no project if the event belongs to none', async () => {
    aws.eventbridge.failEntries(1)
    await expect(publish([roleUseEventOf('0'.repeat(32), use)])).rejects.toThrow(
      'EventBridge rejected the event "Unexpected Role Use": ThrottlingException. Try again',
    )
  })
})

describe('an event', () => {
  test.each<[DomainEvent['type'], DomainEvent | undefined]>([
    ['Address Suppressed', addressEventOf('acme', 'ann@example.com', clear, suppressed)],
    ['Address Reinstated', addressEventOf('acme', 'ann@example.com', suppressed, clear)],
    ['Connection Quarantined', quarantinedEventOf(acme, at, { since: at, why: 'trust' })],
    ['Connection Restored', restoredEventOf(acme, at)],
    ['Unexpected Role Use', roleUseEventOf('0'.repeat(32), use)],
  ])('an event %s matches its schema, and JSON loses no field', (type, event) => {
    expect(event?.type).toBe(type)
    const detail: unknown = JSON.parse(JSON.stringify(event?.detail))
    expect(v.parse(domainEventSchemas[type], detail)).toEqual(detail)
    expect(detail).toEqual(event?.detail)
  })

  test('no event is composed for an address whose verdict did not change', () => {
    expect(addressEventOf('acme', 'ann@example.com', suppressed, suppressed)).toBeUndefined()
    expect(addressEventOf('acme', 'ann@example.com', clear, clear)).toBeUndefined()
    expect(addressEventOf('acme', 'ann@example.com', suppressed, { ...suppressed, reason: 'complaint' })).toBeDefined()
  })
})
