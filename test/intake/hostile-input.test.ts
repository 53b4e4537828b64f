/** Reading ends soon for any input, with an event or with a MalformedEventError. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MalformedEventError } from '../../src/intake/malformed-event-error.ts'
import { readEvent } from '../../src/intake/read-event.ts'
import { recordsOf } from '../../src/intake/records-of.ts'
import { runsOf } from '../runs.ts'
import { bounceEvent, complaintEvent, eventBridge, snsRecord, sqsRecord } from './payloads.ts'

/** @returns whether every record was read; throws any error but MalformedEventError */
function isRead(payload: unknown): boolean {
  return recordsOf(payload).every((record) => {
    try {
      readEvent(record)
      return true
    } catch (error) {
      if (error instanceof MalformedEventError) return false
      throw error
    }
  })
}

const json = fc.jsonValue({ maxDepth: 4 })
const event = fc.constantFrom<unknown>(bounceEvent, complaintEvent)
const envelope = fc.constantFrom(
  (content: unknown) => content,
  (content: unknown) => JSON.stringify(content),
  (content: unknown) => snsRecord(content),
  (content: unknown) => sqsRecord(content),
  (content: unknown) => sqsRecord(snsRecord(content).Sns),
  (content: unknown) => eventBridge(content),
  (content: unknown) => ({ Records: [snsRecord(content), sqsRecord(content)] }),
  (content: unknown) => ({ requestPayload: { Records: [snsRecord(content)] } }),
)

/** A copy in which value number `at`, in depth-first order, is deleted, replaced or doubled. */
function mutate(value: unknown, at: number, change: 'delete' | 'replace' | 'double', put: unknown): unknown {
  let count = -1
  const walk = (node: unknown): unknown[] => {
    count += 1
    if (count === at) return change === 'delete' ? [] : change === 'replace' ? [put] : [node, node]
    if (Array.isArray(node)) return [node.flatMap(walk)]
    if (typeof node !== 'object' || node === null) return [node]
    const entries = Object.entries(node).flatMap(([key, item]) =>
      walk(item).map((copy, i) => [i === 0 ? key : `${key}2`, copy] as const),
    )
    return [Object.fromEntries(entries)]
  }
  return walk(value)[0]
}

const mutated = fc
  .tuple(
    event,
    fc.array(fc.tuple(fc.nat(40), fc.constantFrom('delete' as const, 'replace' as const, 'double' as const), json), {
      maxLength: 3,
    }),
  )
  .map(([whole, changes]) => changes.reduce((copy, [at, change, put]) => mutate(copy, at, change, put), whole))

describe('the errors of readEvent for hostile input', () => {
  test('readEvent throws only MalformedEventError for arbitrary text', () => {
    fc.assert(
      fc.property(envelope, fc.string({ unit: 'binary', maxLength: 200 }), (wrap, text) => void isRead(wrap(text))),
      { seed: 1, numRuns: runsOf(1_500) },
    )
  })

  test('readEvent throws only MalformedEventError for arbitrary JSON', () => {
    fc.assert(
      fc.property(envelope, json, (wrap, value) => void isRead(wrap(value))),
      { seed: 2, numRuns: runsOf(1_500) },
    )
  })

  test('readEvent throws only MalformedEventError for events with deleted, replaced and doubled fields, and reads some of them', () => {
    const tally = { read: 0, refused: 0 }
    fc.assert(
      fc.property(envelope, mutated, (wrap, value) => {
        tally[isRead(wrap(value)) ? 'read' : 'refused'] += 1
      }),
      { seed: 3, numRuns: runsOf(3_000) },
    )
    expect(tally.read).toBeGreaterThan(runsOf(500))
    expect(tally.refused).toBeGreaterThan(runsOf(500))
  })

  test('readEvent throws only MalformedEventError for truncated events and for events with changed bytes', () => {
    const text = JSON.stringify(snsRecord(bounceEvent))
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(text.length), fc.nat(255), (cut, flip, byte) => {
        const bytes = Buffer.from(text)
        bytes[flip] = byte
        isRead(bytes.toString().slice(0, cut))
        isRead(bytes.toString())
        isRead(snsRecord(bytes.toString('latin1')))
      }),
      { seed: 4, numRuns: runsOf(1_500) },
    )
  })

  test.each([
    ['lists in lists', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
    ['objects in objects', `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`],
    ['lists that never end', '['.repeat(500_000)],
    [
      'envelopes in envelopes',
      `${'{"detail-type":"x","source":"aws.ses","detail":'.repeat(50_000)}{}${'}'.repeat(50_000)}`,
    ],
    [
      'a deep field in an event',
      JSON.stringify(bounceEvent).replace('"weekly"', `${'['.repeat(1e5)}${']'.repeat(1e5)}`),
    ],
  ])('readEvent throws only MalformedEventError for %s', (_, text) => {
    isRead(text)
    isRead(snsRecord(text))
  })

  test('readEvent reads nested JSON texts up to a limit', () => {
    let text = JSON.stringify(bounceEvent)
    for (let layer = 0; layer < 8; layer += 1) text = JSON.stringify(text)
    expect(isRead(text)).toBe(true)
    for (let layer = 0; layer < 5; layer += 1) text = JSON.stringify(text)
    expect(isRead(text)).toBe(false)
  })
})

describe('the time of readEvent', () => {
  const recipient = (emailAddress: string) => ({ emailAddress })
  const bounceOf = (bouncedRecipients: unknown[]) => ({
    ...bounceEvent,
    bounce: { ...bounceEvent.bounce, bouncedRecipients },
  })
  const people = (size: number, name: (i: number) => string) =>
    bounceOf(Array.from({ length: Math.ceil(size / 40) }, (_, i) => recipient(name(i))))

  test.each<[string, (size: number) => unknown]>([
    ['of a list of recipients', (size) => people(size, (i) => `person${i}@example.com`)],
    ['of a list of recipients with names', (size) => people(size, (i) => `"Person, ${i}" <person${i}@example.com>`)],
    ['of a list of strange recipients', (size) => people(size, (i) => `"${'\\"('.repeat(9)}${i}"@bücher.example`)],
    ['of an address of <', (size) => bounceOf([recipient('<'.repeat(size))])],
    ['of an address of "', (size) => bounceOf([recipient(`${'"'.repeat(size)}@example.com`)])],
    ['of an address of (', (size) => bounceOf([recipient(`${'('.repeat(size)}a@example.com`)])],
    ['of an address of @', (size) => bounceOf([recipient('a@'.repeat(size))])],
    ['of an address of dots', (size) => bounceOf([recipient(`a@${'a.'.repeat(size)}`)])],
    ['of an address of spaces', (size) => bounceOf([recipient(`a${' '.repeat(size)}@example.com`)])],
    ['of a time', (size) => ({ ...bounceEvent, bounce: { ...bounceEvent.bounce, timestamp: '1'.repeat(size) } })],
    ['of a diagnostic', (size) => bounceOf([{ ...recipient('a@example.com'), diagnosticCode: '\n'.repeat(size) }])],
    [
      'of unknown fields',
      (size) => ({ ...bounceEvent, ...Object.fromEntries(Array.from({ length: size / 20 }, (_, i) => [`f${i}`, i])) }),
    ],
    ['of brackets', (size) => '['.repeat(size)],
    ['of quotes', (size) => '"'.repeat(size)],
  ])('the time of readEvent grows no faster than the size %s', (_, payloadOf) => {
    const small = sqsRecord(payloadOf(60_000))
    const large = sqsRecord(payloadOf(480_000))
    // Eight times the size may take up to thirty times as long; quadratic time would be sixty-four times as long.
    // The best of several runs counts, and a run below 1 ms counts as 1 ms, so that a busy machine does not fail the test.
    expect(fastest(large)).toBeLessThan(30 * Math.max(fastest(small), 1))
  })
})

function fastest(payload: unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now()
    isRead(payload)
    return performance.now() - start
  })
  return Math.min(...times)
}
