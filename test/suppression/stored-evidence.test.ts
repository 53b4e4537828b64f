import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bounceFindingOf } from '../../src/suppression/bounce-finding.ts'
import type { Evidence } from '../../src/suppression/evidence.ts'
import { countedKinds, uncountedKinds } from '../../src/suppression/evidence-kinds.ts'
import { addressOf, decode, encode, expiryOf, storedPlacesOf } from '../../src/suppression/stored-evidence.ts'
import { subTypeRows } from '../../src/suppression/sub-types.ts'
import { vectors } from './bounce-vectors.ts'

const feedbackId = '0100019a5f3c7e21-5f6a7b8c-9d0e-4f1a-8b2c-3d4e5f6a7b8c-000000'
const bounce: Evidence = {
  kind: 'hard',
  at: new Date('2026-03-01T10:00:00.000Z'),
  feedbackId,
  cause: 'Permanent/NoEmail',
  status: '5.1.1',
  diagnostic: 'smtp; 550 5.1.1 <jane@example.com>... User\r\n unknown',
}

/** Facts from outside as intake passes them on, and the evidence that they are. */
const anyBounce = fc
  .record({
    type: fc.constantFrom('Permanent', 'Transient', 'Undetermined', 'Unknown'),
    subType: fc.oneof(
      fc.constant('General'),
      fc.constantFrom(...subTypeRows.map((row) => row.subType)),
      fc.string({ unit: fc.constantFrom(...'ABCxyz'), minLength: 1, maxLength: 32 }),
    ),
    action: fc.constantFrom(undefined, 'failed', 'delayed'),
    status: fc.constantFrom(undefined, '550', ...vectors.map(([, , status]) => status || undefined)),
    diagnostic: fc.oneof(
      fc.constantFrom(...vectors.map(([, , , diagnostic]) => diagnostic || undefined)),
      fc
        .tuple(fc.constantFrom(...vectors.map(([, , , diagnostic]) => diagnostic)), fc.string({ maxLength: 300 }))
        .map(([diagnostic, padding]) => `smtp; 550 ${padding.replaceAll(/[^a-z ]/g, 'x')} ${diagnostic}`),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 2000 }),
    ),
    at: fc.date({ min: new Date('2011-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
    feedbackId: fc.oneof(
      fc.constant(feedbackId),
      fc.string({ unit: fc.constantFrom(...'abc019-_'), minLength: 1, maxLength: 100 }),
    ),
  })
  .map(({ type, subType, action, status, diagnostic, at, feedbackId: id }): Evidence => {
    const { kind } = bounceFindingOf({ type, subType, action, status, diagnostic })
    const cause = kind === 'delayed' ? `${type}/${subType}/${action}` : `${type}/${subType}`
    return { kind, at, feedbackId: id, cause, ...(status && { status }), ...(diagnostic && { diagnostic }) }
  })
const anyComplaint = fc.record({
  kind: fc.constantFrom('complaint' as const, 'uncertain' as const),
  at: fc.date({ min: new Date('2011-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
  feedbackId: fc.string({ unit: fc.constantFrom(...'abc019-_'), minLength: 1, maxLength: 100 }),
  cause: fc.constantFrom('abuse', 'fraud', '-', 'something-new'),
})
const anyEvidence: fc.Arbitrary<Evidence> = fc.oneof({ weight: 4, arbitrary: anyBounce }, anyComplaint)

const placeOf = (evidence: Evidence) => storedPlacesOf('a@example.com', evidence)[0] ?? { key: '', last: '', bytes: 0 }
const textOf = (evidence: Evidence) => encode(evidence, placeOf(evidence))

describe('stored evidence', () => {
  test('stored evidence has time, id, cause, status and the server’s answer, without the address', () => {
    expect(textOf(bounce)).toBe(`2026-03-01T10:00:00.000Z ${feedbackId} Permanent/NoEmail 5.1.1 550 User unknown`)
  })

  test('stored evidence is decoded to what was encoded, except for the parts that were cut', () => {
    expect(decode('lastHard', textOf(bounce))).toEqual({ ...bounce, diagnostic: '550 User unknown' })
    const complaint: Evidence = { kind: 'complaint', at: bounce.at, feedbackId, cause: 'abuse' }
    expect(decode('firstComplaint', textOf(complaint))).toEqual(complaint)
  })

  test('any evidence keeps its kind and time, in a text of limited length that sorts by time', () => {
    fc.assert(
      fc.property(anyEvidence, anyEvidence, (one, other) => {
        const [text, later] = [one, other].map(textOf)
        expect(Buffer.byteLength(text ?? '')).toBeLessThanOrEqual(placeOf(one).bytes)
        expect(text).toMatch(/^[\x20-\x7e]*$/)
        const { kind, at } = decode(placeOf(one).last, text ?? '') ?? {}
        expect({ kind, at }).toEqual({ kind: one.kind, at: one.at })
        if (one.at < other.at) expect((text ?? '') < (later ?? '')).toBe(true)
      }),
      { seed: 2, numRuns: 3_000 },
    )
  })

  test('what decided survives the cut', () => {
    const full =
      'smtp; 554 4.4.7 Message expired: unable to deliver in 840 minutes.<421 4.7.0 very low reputation of the sending domain>'
    const expired: Evidence = {
      ...bounce,
      kind: 'blocked',
      cause: 'Transient/General',
      status: '4.4.7',
      diagnostic: full,
    }
    expect(textOf(expired).length).toBeLessThanOrEqual(100)
    expect(decode('lastBlocked', textOf(expired))).toMatchObject({ kind: 'blocked', status: '4.4.7' })
    expect(textOf(expired)).toMatch(/4\.7\.0/)
  })

  test('a long reply leaves the feedback id readable', () => {
    const diagnostic = 'smtp; 550 Requested action was not taken because the server found no such user here'
    const long: Evidence = { ...bounce, cause: 'Permanent/General', status: '5.7.1', diagnostic }
    expect(decode('lastHard', textOf(long))).toMatchObject({ kind: 'hard', feedbackId, diagnostic: '550 no such user' })
  })

  test.each([
    ['lastRejected', 'Transient/General 5.1.8 550 5.1.8 sender domain does not exist', 'blocked'],
    ['lastHard', 'Permanent/UnsubscribedRecipient -', 'opt-out'],
    ['lastHard', 'Permanent/EmailValidationSuppressed -', 'guess'],
    ['lastHard', 'Permanent/Suppressed 5.1.1', 'global-list'],
    ['lastHard', 'Permanent/General 5.7.1 554 5.7.1 Client host blocked using list', 'blocked'],
    ['lastHard', 'Permanent/General 5.1.1 550 user unknown', 'hard'],
    ['lastRejected', 'Transient/General 5.1.1', 'rejected'],
    ['monday', 'Transient/General -', 'automatic-reply'],
    ['monday', 'Transient/General - 550 5.1.1 no mailbox of this name', 'rejected'],
    ['monday', 'Transient/MailboxFull 4.2.2', 'soft'],
    ['lastComplaint', 'virus -', 'report'],
    ['lastComplaint', 'abuse -', 'complaint'],
    ['lastUncertain', '- -', 'uncertain'],
  ])('evidence that version 0.2.0 stored as %s "%s" is judged again: %s', (attribute, facts, kind) => {
    expect(decode(attribute, `2026-03-01T10:00:00.000Z ${feedbackId} ${facts}`)).toMatchObject({ kind, feedbackId })
  })

  test('an attribute or a text that is not evidence is not decoded', () => {
    expect(decode('lastHard', '')).toBeUndefined()
    expect(decode('lastHard', 'yesterday id cause -')).toBeUndefined()
    expect(decode('manual', textOf(bounce))).toBeUndefined()
  })
})

describe('the place of evidence', () => {
  test('a rejected address is kept for good and by day, and what does not count in an item of its own', () => {
    expect(storedPlacesOf('a@example.com', { ...bounce, kind: 'rejected' })).toMatchObject([
      { key: 'a@example.com', last: 'lastRejected' },
      { key: 'a@example.com soft 2026-02-23', last: 'sunday' },
    ])
    expect(storedPlacesOf('a@example.com', { ...bounce, kind: 'echo' })).toMatchObject([
      { key: 'a@example.com uncounted', last: 'lastEcho' },
    ])
  })

  test('all that an item can hold fits into one write unit, with the keys of a long address', () => {
    const at = (day: number) => new Date(Date.UTC(2026, 2, 2 + day))
    const all = [...countedKinds, ...uncountedKinds].flatMap((kind) =>
      Array.from({ length: 7 }, (_, day) => storedPlacesOf('a@example.com', { ...bounce, kind, at: at(day) })).flat(),
    )
    for (const places of Map.groupBy(all, ({ key }) => key).values()) {
      const slots = new Map(places.flatMap(({ last, first, bytes }) => [last, first].map((name) => [name, bytes])))
      const bytes = [...slots].reduce((sum, [name, size]) => sum + (name ? name.length + size : 0), 0)
      expect(bytes + 'project'.length + 8 + 'address'.length + 60).toBeLessThanOrEqual(1024)
    }
  })

  test('permanent evidence is stored in the item of the address, and a soft bounce in the item of its week', () => {
    expect(storedPlacesOf('a@example.com', bounce)).toMatchObject([
      { key: 'a@example.com', last: 'lastHard', first: 'firstHard' },
    ])
    const softAt = (time: string) => storedPlacesOf('a@example.com', { ...bounce, kind: 'soft', at: new Date(time) })
    expect(softAt('2026-03-01T23:59:59.999Z')).toMatchObject([{ key: 'a@example.com soft 2026-02-23', last: 'sunday' }])
    expect(softAt('2026-03-02T00:00:00Z')).toMatchObject([{ key: 'a@example.com soft 2026-03-02', last: 'monday' }])
  })

  test('the item of a week expires 90 days after its end, and no other item expires', () => {
    expect(expiryOf('a@example.com soft 2026-02-23')).toEqual(new Date('2026-05-31T00:00:00Z'))
    expect(expiryOf('a@example.com')).toBeUndefined()
    expect(expiryOf('a@example.com uncounted')).toBeUndefined()
    expect(expiryOf('"x soft 2026-02-23"@example.com')).toBeUndefined()
  })

  test('the sort key of an item gives the address, whatever its local part looks like', () => {
    expect(addressOf('a@example.com soft 2026-03-02')).toBe('a@example.com')
    expect(addressOf('a@example.com uncounted')).toBe('a@example.com')
    expect(addressOf('"a uncounted"@example.com')).toBe('"a uncounted"@example.com')
    expect(addressOf('"a soft 2026-03-02"@example.com')).toBe('"a soft 2026-03-02"@example.com')
  })
})
