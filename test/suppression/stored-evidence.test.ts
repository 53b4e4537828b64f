import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Evidence, EvidenceKind } from '../../src/suppression/evidence.ts'
import { addressOf, decode, encode, storedPlaceOf } from '../../src/suppression/stored-evidence.ts'

const feedbackId = '0100019a5f3c7e21-5f6a7b8c-9d0e-4f1a-8b2c-3d4e5f6a7b8c-000000'
const bounce: Evidence = {
  kind: 'hard',
  at: new Date('2026-03-01T10:00:00.000Z'),
  feedbackId,
  cause: 'Permanent/NoEmail',
  status: '5.1.1',
  diagnostic: 'smtp; 550 5.1.1 <jane@example.com>... User\r\n unknown',
}

const kinds: EvidenceKind[] = ['hard', 'rejected', 'soft', 'complaint', 'uncertain', 'not-spam']
const anyEvidence = fc.record({
  kind: fc.constantFrom(...kinds),
  at: fc.date({ min: new Date('2011-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
  feedbackId: fc.string({ minLength: 1, maxLength: 100 }),
  cause: fc.string({ unit: 'binary', maxLength: 100 }),
  status: fc.string({ minLength: 1, maxLength: 40 }),
  diagnostic: fc.string({ unit: 'binary', minLength: 1, maxLength: 2000 }),
})

describe('stored evidence', () => {
  test('stored evidence has time, id, cause, status and the server’s answer, without the address', () => {
    expect(encode(bounce)).toBe(`2026-03-01T10:00:00.000Z ${feedbackId} Permanent/NoEmail 5.1.1 550 User unknown`)
  })

  test('stored evidence is decoded to what was encoded, except for the parts that were cut', () => {
    expect(decode('lastHard', encode(bounce))).toEqual({ ...bounce, diagnostic: '550 User unknown' })
    const complaint: Evidence = { kind: 'complaint', at: bounce.at, feedbackId, cause: 'abuse' }
    expect(decode('firstComplaint', encode(complaint))).toEqual(complaint)
  })

  test('any evidence keeps its kind and time, in a text of limited length that sorts by time', () => {
    fc.assert(
      fc.property(anyEvidence, anyEvidence, (one, other) => {
        const [text, later] = [one, other].map(encode)
        expect(Buffer.byteLength(text ?? '')).toBeLessThanOrEqual(155)
        expect(text).toMatch(/^[\x20-\x7e]*$/)
        const { kind, at } = decode(storedPlaceOf('a@example.com', one).last, text ?? '') ?? {}
        expect({ kind, at }).toEqual({ kind: one.kind, at: one.at })
        if (one.at < other.at) expect((text ?? '') < (later ?? '')).toBe(true)
      }),
      { seed: 2, numRuns: 500 },
    )
  })

  test('an attribute or a text that is not evidence is not decoded', () => {
    expect(decode('lastHard', '')).toBeUndefined()
    expect(decode('lastHard', 'yesterday id cause -')).toBeUndefined()
    expect(decode('manual', encode(bounce))).toBeUndefined()
  })
})

describe('the place of evidence', () => {
  test('permanent evidence is stored in the item of the address, and a soft bounce in the item of its week', () => {
    expect(storedPlaceOf('a@example.com', bounce)).toEqual({
      key: 'a@example.com',
      last: 'lastHard',
      first: 'firstHard',
    })
    expect(
      storedPlaceOf('a@example.com', { ...bounce, kind: 'soft', at: new Date('2026-03-01T23:59:59.999Z') }),
    ).toEqual({
      key: 'a@example.com soft 2026-02-23',
      last: 'sunday',
      expiresAtSeconds: Date.UTC(2026, 4, 31) / 1000,
    })
    expect(
      storedPlaceOf('a@example.com', { ...bounce, kind: 'soft', at: new Date('2026-03-02T00:00:00Z') }),
    ).toMatchObject({
      key: 'a@example.com soft 2026-03-02',
      last: 'monday',
    })
  })

  test('the sort key of an item gives the address, whatever its local part looks like', () => {
    expect(addressOf('a@example.com soft 2026-03-02')).toBe('a@example.com')
    expect(addressOf('"a soft 2026-03-02"@example.com')).toBe('"a soft 2026-03-02"@example.com')
  })
})
